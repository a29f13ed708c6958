# also 2.7
"""Classes and functions with odd names and modules."""


def f(value):
    return value


Dotted = type('a.b', (), {})
Unicode = type('Caf\xe9\u4e2d', (), {})
Renamed = type('Before', (), {})
Renamed.__name__ = 'After'
Renamed.__qualname__ = 'Outer.After'
Elsewhere = type('Elsewhere', (), {'__module__': 'some.where'})
for cls in (Dotted, Unicode, Renamed, Elsewhere):
    f(cls)
    f(cls())


class Outer:
    class Inner:
        class Core:
            def method(self):
                return self


def local():
    class Local:
        pass
    return Local()


f(Outer.Inner.Core().method())
f(local())
odd = lambda: 0  # noqa: E731
odd.__name__ = odd.__qualname__ = 'renamed'
odd()
namespace = {'__name__': 'made.up'}
exec('def g(x):\n    return x\nclass C: pass\n', namespace)
namespace['g'](namespace['C'])
namespace['g'](namespace['C']())
