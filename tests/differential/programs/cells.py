"""Arguments that inner functions close over are cells in the frame."""
import types


def counter(start, step=1, *args, keep=None, **more):
    def up(n=1):
        nonlocal start
        start += step * n + len(args) + len(more)
        return start, keep
    return up


def shared(value):
    def get():
        return value

    def set_(new):
        nonlocal value
        value = new
    set_([value])
    return get()


def deep(a):
    def middle(b):
        def inner(c):
            return a, b, c
        return inner
    return middle


def takes_a_cell(cell):
    return cell


def cell_of_a_cell(cell):
    return lambda: cell


class Base:
    def __init__(self, name):
        self.name = name

    def copies(self):
        return [type(self)(self.name + str(i)) for i in range(2)]


class Derived(Base):
    def __init__(self, name):
        super().__init__(name)  # a __class__ cell beside the argument


up = counter(10, 2, 'x', keep='k', extra=True)
up()
up(3)
shared('v')
deep(1)(2)(3)
takes_a_cell(up.__closure__[0])
cell_of_a_cell(up.__closure__[0])()
if hasattr(types, 'CellType'):
    takes_a_cell(types.CellType(5))
Derived('d').copies()
