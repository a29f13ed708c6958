"""Exception classes with their own ideas."""


class Plain(Exception):
    pass


class Nested:
    class Error(Plain):
        pass


class Hostile(Exception):
    def __init__(self, *args):
        super().__init__('set by init', *args)

    def __repr__(self):
        raise RuntimeError('repr')

    def __str__(self):
        raise RuntimeError('str')

    def __getattribute__(self, name):
        if name == 'args':
            raise RuntimeError('args')
        return super().__getattribute__(name)


class FailsInInit(Exception):
    def __init__(self, n):
        raise Plain('init failed', n)


class NoSuper(Exception):
    def __init__(self, a, b=2, *, c=3):
        self.a = a


class New(Exception):
    def __new__(cls, *args):
        self = super().__new__(cls, *args)
        self.args = ('from new',)
        return self


class Many(Plain, ValueError):
    pass


class Multi(KeyError, AttributeError):
    pass


def raises(make, *args, **more):
    raise make(*args, **more)


def attempt(make, *args, **more):
    try:
        raises(make, *args, **more)
    except Exception as error:
        return type(error)


attempt(Plain)
attempt(Plain, 'x', 1)
attempt(Nested.Error, 'nested')
attempt(Hostile, 1)
attempt(FailsInInit, 5)
attempt(NoSuper, 'a', c=4)
attempt(New, 'given')
attempt(Many, Plain('inner'))
attempt(Multi, 'k')
attempt(Plain, Plain(Plain('deep')))
attempt(Plain, {'k': [1, [2, [3]]]})
attempt(Plain, Nested())
attempt(Plain, [1, 2, 3], (4,), {5})
