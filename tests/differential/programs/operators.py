"""Special methods that C code calls."""


class Number:
    def __init__(self, n):
        self.n = n

    def __add__(self, other):
        return NotImplemented if isinstance(other, str) else Number(self.n + other.n)

    def __radd__(self, other):
        return Number(self.n)

    def __lt__(self, other):
        return self.n < other.n

    def __eq__(self, other):
        return self.n == other.n

    def __hash__(self):
        return hash(self.n)

    def __bool__(self):
        return self.n != 0

    def __index__(self):
        return self.n

    def __len__(self):
        return self.n

    def __getitem__(self, key):
        if key >= self.n:
            raise IndexError(key)
        return key

    def __setitem__(self, key, value):
        pass

    def __contains__(self, item):
        return item == self.n

    def __format__(self, spec):
        return 'n=%d%s' % (self.n, spec)

    def __repr__(self):
        return 'Number(%d)' % self.n


one, two = Number(1), Number(2)
one + two
'a' + one
sorted([two, one, Number(0)])
one == two
{one: 1, two: 2}[Number(1)]
bool(one) and not Number(0)
[10, 20, 30][one]
list(two)
len(two)
5 in two
two[0] = 'x'
print('{:x} {!r}'.format(one, two), f'{one}')
max([one, two])
