"""Classes that are no types, and their instances."""
import sys


def f(value):
    return value


class Old:
    kind = 'old'

    def __init__(self, x, y=2):
        self.x, self.y = x, y

    def __repr__(self):
        raise RuntimeError('nobody may look')

    def __len__(self):
        return self.x

    def __add__(self, other):
        return Old(self.x + other)

    def __coerce__(self, other):
        return None

    def __cmp__(self, other):
        return cmp(self.x, getattr(other, 'x', other))

    def __hash__(self):
        return 7

    def __nonzero__(self):
        return self.x != 0

    def __getitem__(self, i):
        if i > 2:
            raise IndexError, i
        return i * self.x

    def __getslice__(self, i, j):
        return [i, min(j, 10)]

    def __call__(self, *args, **kw):
        return args, kw


class Child(Old):
    def __init__(self, x):
        Old.__init__(self, x, y=u'\xe4')


class Hostile:
    def __getattr__(self, name):
        if name.startswith('__'):
            raise AttributeError, name
        return lambda *args: name


class New(object):
    __slots__ = 'a',

    def __init__(self, a):
        self.a = a


old, child = Old(3), Child(4)
f(old), f(child), f(Old), f(Child), f(New), f(New(1)), f(type), f(type(Old)), f(type(old))
f([old, Child, (New, old)])
f({'k': old}), f({Old: 'class'})
f(old.__init__), f(Old.__init__), f(New.__init__)
len(old), old + 1, old == child, old < 5, hash(old), bool(Old(0)), list(old), old[1:], old(1, k=2), sorted([child, old])
hostile = Hostile()
f(hostile), hostile.anything(1)


def made(n):
    class Local:
        def __del__(self):
            f(n)

    return Local()


for i in range(40):
    f(made(i))
    f(made)


class Raised:
    def __init__(self, *args):
        self.args = args


def raises(error, value=None):
    raise error, value


for error, value in (Raised, None), (Raised, 1), (Raised, (1, 2)), (Raised('made'), None):
    try:
        raises(error, value)
    except Raised, caught:
        f(caught)


class Broken:
    def __init__(self):
        raise ValueError('in __init__')


try:
    Broken()
except ValueError:
    f(sys.exc_info()[1])
