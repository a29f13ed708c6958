# also 2.7
"""Functions that run after the last line."""
import atexit


def first(a, key=None):
    return second(a + 1)


def second(n):
    return n


@atexit.register
def decorated():
    return 'decorated'


atexit.register(first, 1, key='k')
print('last line')
