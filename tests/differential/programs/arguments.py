"""Every kind of argument."""


def positional(a, b, c=3):
    return a


def variable(*args, **kwargs):
    return len(args) + len(kwargs)


def keyword_only(*, key, other='o'):
    return key


def everything(a, b=2, *rest, key, other=None, **options):
    return (a, b, rest, key, other, options)


def many(a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19):
    return a19


class Thing:
    def method(self, x, *more):
        return x

    @classmethod
    def of_class(cls, x):
        return x

    @staticmethod
    def of_none(x=None):
        return x

    def __call__(self, x):
        return x


positional(1, 2)
positional(1, c=5, b=4)
positional(*[1, 2], **{'c': 9})
variable()
variable(1, 'two', [3])
variable(x=1, y='b')
variable(1, 2, z=None)
variable(*range(20), **{'k%d' % i: i for i in range(12)})
keyword_only(key=1)
keyword_only(other=2, key=1)
everything(1, key=2)
everything(1, 2, 3, 4, key=5, other=6, seven=7, eight=8)
many(*range(20))
thing = Thing()
thing.method(1, 2, 3)
Thing.method(thing, 1)
Thing.of_class(7)
thing.of_class(8)
Thing.of_none()
thing(11)
