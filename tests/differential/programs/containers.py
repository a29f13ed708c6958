# also 2.7
def f(value):
    return value


for value in ((), [], {}, set(), frozenset(), (1,), [1], {1: 2}, {1}, frozenset([1]), (1, 2), [1, 'a', None, 2.5, True], {'k': 'v', 2: (3,)},
              ((),), [[]], {'a': {}}, [[1], [2]], ((1,), (2, 3)), {'a': [1], 'b': (2,)}, [[[1]]], [[[]]], (((),),), {'a': {'b': {'c': 1}}}, [{1: [2]}], {(1, 2): (3, (4,))},
              [set(), frozenset()], [{1, 2}], [[None, True, 1.5, 'x', b'y', 2**70]], [[KeyError('k')]], [ValueError('v', 1)], [int, [str, [float]]]):
    f(value)
for size in (7, 8, 9, 10, 1000, 100000):
    f(list(range(size)))
    f(tuple(range(size)))
    f(set(range(size)))
    f(frozenset(range(size)))
    f({i: -i for i in range(size)})
    f([list(range(size))])
    f({'k': tuple(range(size))})
f(['x' * 1000] * 20)
f({'x' * 300: b'y' * 300})
me = []
me.append(me)
f(me)
loop = {}
loop['loop'] = (loop,)
f(loop)
deep = []
for _ in range(500):
    deep = [deep]
f(deep)
table = {i: i for i in range(20)}
for i in range(0, 20, 2):
    del table[i]
f(table)
table[0] = 'again'
f(table)
names = {'c', 'a', 'b', 'zebra', 'yak'}
names.discard('b')
f(names)
holes = set(range(64))
holes -= set(range(0, 64, 3))
f(holes)
del me, loop, deep
