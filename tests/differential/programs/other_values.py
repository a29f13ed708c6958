"""Values that are none of the plain types: functions, modules, iterators, descriptors, classes."""
import sys


class Q:
    x = 1

    class R:
        pass

    def method(self):
        pass

    @property
    def prop(self):
        return 1


def f(value):
    return value


def generator():
    yield 1


for value in (f, Q, Q.R, Q(), Q().method, Q.method, Q.prop, len, [].append, int, type, object, BaseException, sys, Ellipsis, NotImplemented, range(5), slice(1, 2),
              bytearray(b'x'), memoryview(b'x'), iter([1]), enumerate([]), map(len, []), zip(), {}.keys(), {1: 2}.items(), reversed([1]), super(Q), property(), classmethod(f), f.__code__,
              Q.__dict__, lambda: 0, type(None), type('Made', (Q,), {})):
    f(value)
g = generator()
f(g)
g.close()
try:
    raise ValueError('traceback')
except ValueError as error:
    f(error.__traceback__)
