"""Calls that an instruction makes by itself, often enough that the interpreter specialises the instruction for them."""


class Box:
    def __init__(self, items):
        self.items = items

    def __getitem__(self, key):
        return self.items[key]

    def get(self, key):
        return key

    def __setitem__(self, key, value):
        self.items[key] = value

    def __contains__(self, key):
        return key in self.items

    def __len__(self):
        return len(self.items)

    def __iter__(self):
        for item in self.items:
            yield item

    def __add__(self, other):
        return other

    def __lt__(self, other):
        return True

    def __eq__(self, other):
        return False

    def __bool__(self):
        return True

    def __call__(self, n):
        return n

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        return True

    @property
    def first(self):
        return self.items[0]


class Other(Box):
    __getitem__ = Box.get

    def __getattr__(self, name):
        return name


class Third:
    __slots__ = 'value',
    __getitem__ = lambda self, key: (self, key)[1]

    def __getattribute__(self, name):
        return object.__getattribute__(self, name)

    def __setattr__(self, name, value):
        object.__setattr__(self, name, value)


def subscript(container, n):
    return container[n]


def everything(box, n):
    box[0] = n
    n in box
    len(box)
    box + n, box < n, box == n
    not box
    box(n)
    with box:
        box.first
    for each in box:
        pass
    a, b = box


def attributes(third, n):
    third.value = n
    return third.value


def chain(n):
    total = yield from (i for i in range(3))
    return total


box, other, third = Box([1, 2]), Other([]), Third()
for n in range(60):
    subscript(box, n % 2)
    everything(box, n)
    attributes(third, n)
    other.missing
    for _ in chain(n):
        pass
for n in range(60):
    subscript(other, n)
    subscript((box, third)[n % 2], 0)
for n in range(60):
    subscript(third, n)
Box.__getitem__ = lambda self, key: -1
for n in range(20):
    subscript(box, n)
