# also 2.7
import sys

sys.setrecursionlimit(5000)


def down(n):
    return 0 if n == 0 else 1 + down(n - 1)


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def even(n):
    return True if n == 0 else odd(n - 1)


def odd(n):
    return False if n == 0 else even(n - 1)


def ackermann(m, n):
    if m == 0:
        return n + 1
    return ackermann(m - 1, 1) if n == 0 else ackermann(m - 1, ackermann(m, n - 1))


def fails_at_the_bottom(n):
    if n == 0:
        raise IndexError('bottom')
    return fails_at_the_bottom(n - 1)


print(down(1000), fib(12), even(50), ackermann(2, 3))
try:
    fails_at_the_bottom(300)
except IndexError:
    pass
