"""Every kind of parameter that only Python 2 has, and the others in their old clothes."""


def pair((a, b)):
    return a, b


def nested(x, (a, (b, c)), y=1, (d, e)=(4, 5), *rest, **more):
    def inner():
        return a, x

    return inner()


def closed((a, b), c):
    return lambda: (a, b, c)


def deleted(a, b):
    del a
    return b


def with_exec(a, b=2):
    exec 'c = a + b'
    return c


def with_exec_in(a):
    scope = {'a': a}
    exec 'def made(n):\n    return n * a\nresult = made(3)' in scope
    return scope['result']


class Body:
    value = (lambda n: n + 1)(1)

    def method(self, (a, b)=(1, 2)):
        return a

    static = staticmethod(lambda a, b: b)
    cls = classmethod(lambda cls, n: n)


pair((1, 'two'))
pair([u'one', None])
pair('ab')
nested(1, (2, (3, 4)))
nested('x', [2, (3L, 4)], 5, ('d', 'e'), 6, 7, k=8, l=9)
nested(*(1, (2, (3, 4))), **{'y': 0})
closed((1, 2), 3)()
deleted(1, 2)
with_exec(1)
with_exec_in(2)
Body().method()
Body().method((3, 4))
Body.static(1, 2)
Body.cls(3)
apply(deleted, (1, 2))
apply(nested, (1, (2, (3, 4))), {'k': 1})
map(lambda (a, b): a + b, [(1, 2), (3, 4)])
reduce(lambda a, b: a * b, [1, 2, 3])
sorted([3, 1, 2], cmp=lambda a, b: b - a)
[pair((n, n)) for n in range(3)]
list(pair((n, n)) for n in range(3))
dict((n, pair((n, n))) for n in range(2)), {n: pair((n, 1)) for n in range(2)}, {pair((n, 1)) for n in range(2)}
for wrong in (1, 2, 3), 5:
    try:
        pair(wrong)
    except (TypeError, ValueError), error:
        print error
