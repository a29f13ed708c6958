"""Many arguments of every plain kind, by position and by name."""


def mixed(a, b, c, d, e, f=None, *rest, g, h=2.5, **more):
    return len(rest) + len(more)


def work():
    total = 0
    for n in range(150_000):
        total += mixed(n, 'text', 1.5, True, None, b'bytes', n, n + 1, g='name', extra=n)
    return total
