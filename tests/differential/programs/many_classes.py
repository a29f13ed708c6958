# also 2.7
# Classes of which the ids take one byte, two and three, as values and by their instances; then their places are used again.


def take(value, cls, others):
    return value


def make(count, letter):
    return [type('%s%d' % (letter, n), (object, ), {}) for n in range(count)]


kept = make(17000, 'C')
for n, cls in enumerate(kept):
    take(cls(), cls if n % 10 == 0 else n, [cls(), (n, cls())])
while kept:
    del kept[-5000:]
    for cls in make(200, 'D'):
        take(cls(), cls, cls)
for n in range(3):
    for cls in make(100, 'E'):
        take(cls, cls(), {n: cls()})
