"""Exceptions in all forms of the old raise; they may be no objects yet when a call ends with them."""
import sys


def f(value):
    return value


def bare(error):
    raise error


def valued(error, value):
    raise error, value


def traced(error, value, where):
    raise error, value, where


class Own(Exception):
    def __init__(self, *args):
        Exception.__init__(self, *args)
        f(args)

    def __str__(self):
        raise RuntimeError('nobody may look')


class Late(Exception):
    def __new__(cls, *args):
        return Exception.__new__(cls, 'changed')


def through(n, error):
    if n:
        return through(n - 1, error)
    raise error


def final(error):
    try:
        raise error
    finally:
        f('finally')


def replaced():
    try:
        {}['k']
    except KeyError:
        raise ValueError, 'instead'


def again():
    try:
        bare(KeyError('again'))
    except KeyError:
        raise


def old_traceback():
    try:
        bare(IOError(2, 'text'))
    except IOError, error:
        traced(error.__class__, error, sys.exc_info()[2])


def swallowed():
    try:
        return bare(KeyError)
    except KeyError, (name):
        return name


def attribute():
    return getattr(None, 'nothing', 'default'), hasattr(Late, 'nothing')


class Property(object):
    @property
    def value(self):
        raise AttributeError('in the property')


def run(function, *args):
    try:
        return function(*args)
    except BaseException, error:
        return f(error)


for value in (KeyError, KeyError('k'), KeyError(), ValueError(1, 2), Own, Own(u'\xe4'), Late, Late(1), KeyboardInterrupt, SystemExit(3), StopIteration):
    run(bare, value)
    run(through, 3, value)
    run(final, value)
for value in (None, 'text', u'text', 1, 2L, (), (1, 2), [1], KeyError('made')):
    run(valued, KeyError, value)
    run(valued, Own, value)
    run(valued, Late, value)
for function in replaced, again, old_traceback, swallowed, attribute:
    run(function)
hasattr(Property(), 'value'), getattr(Property(), 'value', 0)
run(lambda: 1 / 0), run(lambda: [][3]), run(lambda: {}[u'\xe4']), run(lambda: nothing), run(lambda: None.x), run(lambda: int('x')), run(lambda: 'a' + 1)
run(lambda: open('/does/not/exist')), run(lambda: unicode('\xff')), run(lambda: bare('a string')), run(lambda: bare(3))
run(lambda n: n), run(f, 1, 2), run(lambda: f(**{'x': 1}))
run(lambda: sys.exit('reason')), run(lambda: iter([]).next()), run(lambda: eval('1 +')), run(lambda: compile('\n  x', 'made', 'exec'))


def caught_here():
    for i in range(3):
        try:
            bare(KeyError(i))
        except KeyError:
            f(sys.exc_info()[1])
            continue
        finally:
            f(i)
    return sys.exc_info()[0]


caught_here()


class Manager(object):
    def __init__(self, swallow):
        self.swallow = swallow

    def __enter__(self):
        return self

    def __exit__(self, kind, value, where):
        return self.swallow


def managed(swallow, error):
    with Manager(swallow):
        raise error


run(managed, True, KeyError('swallowed')), run(managed, False, KeyError('passed')), run(managed, False, Own)
