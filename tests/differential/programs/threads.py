# own files only
import threading
import _thread


def work(name, n):
    total = 0
    for i in range(n):
        total = add(total, i)
    return name, total


def add(a, b):
    return a + b


def fails(name):
    raise ValueError(name)


class Worker(threading.Thread):
    def __init__(self, number):
        super().__init__(name='worker-%d' % number)
        self.number = number

    def run(self):
        self.result = work(self.name, self.number)


def raw(done, name):
    work(name, 2)
    done.release()


def nested(name):
    thread = threading.Thread(target=work, args=(name + ' inner', 3))
    thread.start()
    thread.join()


threading.excepthook = lambda args: add(1, 2)
threads = [Worker(n) for n in (3, 4, 5)] + [threading.Thread(target=fails, args=('bad',)), threading.Thread(target=nested, args=('n',))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
done = _thread.allocate_lock()
done.acquire()
_thread.start_new_thread(raw, (done, 'raw'))
done.acquire()
local = threading.local()
timer = threading.Timer(0.001, work, ('timer', 1))
timer.start()
timer.join()
