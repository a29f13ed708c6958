"""In the manner of richards: an operating system in small, tasks that send each other packets. Many small methods over many objects."""

IDLE, WORKER, HANDLER_A, HANDLER_B, DEVICE_A, DEVICE_B = range(6)
KIND_DEVICE, KIND_WORK = range(2)
SIZE = 4


class Packet:
    def __init__(self, link, ident, kind):
        self.link, self.ident, self.kind = link, ident, kind
        self.datum = 0
        self.data = [0] * SIZE

    def append_to(self, queue):
        self.link = None
        if queue is None:
            return self
        last = queue
        while last.link is not None:
            last = last.link
        last.link = self
        return queue


class Task:
    def __init__(self, system, ident, priority, queue=None):
        self.system, self.ident, self.priority, self.input = system, ident, priority, queue
        self.waiting = queue is None
        self.held = False

    def is_ready(self):
        return not self.held and (not self.waiting or self.input is not None)

    def take(self):
        packet = self.input
        if packet is not None:
            self.input = packet.link
        self.waiting = False
        return packet

    def receive(self, packet, sender):
        self.input = packet.append_to(self.input)
        return self if self.priority > sender.priority else sender

    def wait(self):
        self.waiting = True
        return self

    def send(self, packet, ident):
        self.system.count_packet()
        packet.ident = self.ident
        return self.system.tasks[ident].receive(packet, self)

    def run(self):
        return self.step(self.take())


class Idle(Task):
    def __init__(self, system, rounds):
        super().__init__(system, IDLE, 0)
        self.waiting = False
        self.control, self.rounds = 1, rounds

    def step(self, packet):
        self.rounds -= 1
        if self.rounds == 0:
            self.held = True
            return self
        odd = self.control & 1
        self.control = (self.control >> 1) ^ (0xd008 if odd else 0)
        return self.release(DEVICE_B if odd else DEVICE_A)

    def release(self, ident):
        task = self.system.tasks[ident]
        task.held = False
        return task if task.priority > self.priority else self


class Worker(Task):
    destination, count = HANDLER_A, 0

    def step(self, packet):
        if packet is None:
            return self.wait()
        self.destination = HANDLER_B if self.destination == HANDLER_A else HANDLER_A
        packet.datum = 0
        for i in range(SIZE):
            self.count = self.count % 26 + 1
            packet.data[i] = self.count + 64
        return self.send(packet, self.destination)


class Handler(Task):
    work, devices = None, None

    def __init__(self, system, ident, priority, device, queue):
        super().__init__(system, ident, priority, queue)
        self.device = device

    def step(self, packet):
        if packet is not None:
            if packet.kind == KIND_WORK:
                self.work = packet.append_to(self.work)
            else:
                self.devices = packet.append_to(self.devices)
        work = self.work
        if work is None:
            return self.wait()
        if work.datum >= SIZE:
            self.work = work.link
            return self.send(work, WORKER)
        if self.devices is None:
            return self.wait()
        packet, self.devices = self.devices, self.devices.link
        packet.datum = work.data[work.datum]
        work.datum += 1
        return self.send(packet, self.device)


class Device(Task):
    pending = None

    def step(self, packet):
        if packet is None:
            if self.pending is None:
                return self.wait()
            packet, self.pending = self.pending, None
            return self.send(packet, packet.ident)
        self.pending = packet
        self.held = True
        return self


class System:
    def __init__(self, rounds):
        self.packets = 0
        self.tasks = {}
        self.add(Idle(self, rounds))
        self.add(Worker(self, WORKER, 1000, self.queue(WORKER, KIND_WORK, 2)))
        self.add(Handler(self, HANDLER_A, 2000, DEVICE_A, self.queue(DEVICE_A, KIND_DEVICE, 3)))
        self.add(Handler(self, HANDLER_B, 3000, DEVICE_B, self.queue(DEVICE_B, KIND_DEVICE, 3)))
        self.add(Device(self, DEVICE_A, 4000))
        self.add(Device(self, DEVICE_B, 5000))

    def queue(self, ident, kind, length):
        packet = None
        for _ in range(length):
            packet = Packet(packet, ident, kind)
        return packet

    def add(self, task):
        self.tasks[task.ident] = task

    def count_packet(self):
        self.packets += 1

    def most_urgent(self):
        best = None
        for task in self.tasks.values():
            if task.is_ready() and (best is None or task.priority > best.priority):
                best = task
        return best

    def run(self):
        steps = 0
        task = self.most_urgent()
        while task is not None:
            task = task.run()
            steps += 1
            if not task.is_ready():
                task = self.most_urgent()
        return steps, self.packets


def work():
    return System(30000).run()
