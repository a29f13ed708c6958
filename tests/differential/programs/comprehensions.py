def f(n):
    return n + 1


def uses_argument(limit, table):
    return [table[i] for i in range(limit) if i in table]


def closes_over(k):
    return [lambda: i + k for i in range(2)]


[f(i) for i in range(3)]
{f(i) for i in range(3)}
{i: f(i) for i in range(2)}
list(f(i) for i in range(3))
[[f(i * j) for j in range(2)] for i in range(2)]
uses_argument(3, {0: 'a', 2: 'b'})
[g() for g in closes_over(10)]
try:
    [1 // i for i in (1, 0)]
except ZeroDivisionError:
    pass


class Body:
    squares = [i * i for i in range(3)]
    names = {name: f(len(name)) for name in ('a', 'bc')}


(lambda x, *y, z=1: (x, y, z))(1, 2, z=3)
(lambda: [i for i in range(2)])()
(lambda f: f(f))(lambda g: 5)
