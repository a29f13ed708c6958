# also 2.7
"""Objects that fight back when anybody looks at them. Recording must not look."""
calls = []


class Evil:
    def __repr__(self):
        calls.append('repr')
        raise RuntimeError('repr')

    __str__ = __repr__

    def __eq__(self, other):
        calls.append('eq')
        raise RuntimeError('eq')

    def __hash__(self):
        return 7

    def __len__(self):
        calls.append('len')
        raise RuntimeError('len')

    __bool__ = __len__
    __iter__ = __len__

    def __getattribute__(self, name):
        calls.append(name)
        raise RuntimeError(name)

    @property
    def __class__(self):
        calls.append('class')
        return int

    def __del__(self):
        pass


class EvilMeta(type):
    def __getattribute__(cls, name):
        calls.append(name)
        raise RuntimeError(name)

    def __repr__(cls):
        calls.append('class repr')
        raise RuntimeError('class repr')

    def __instancecheck__(cls, instance):
        calls.append('instance')
        return True

    def __subclasscheck__(cls, subclass):
        calls.append('subclass')
        return True


def f(value):
    return value


evil = Evil()
f(evil)
f([evil])
f({'k': evil})
f((evil, evil))
f({evil})
Worse = EvilMeta('Worse', (), {})
f(Worse)
f([type.__call__(Worse)])
print(calls)
del evil
