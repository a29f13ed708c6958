# ends with 1, also 2.7
def inner(n):
    raise ValueError('nobody catches this', n)


def outer(n):
    return inner(n + 1)


outer(1)
