"""int and long at the borders of their kinds."""
import sys


def f(n):
    return n


for n in (0, 1, -1, 256, 257, 2**31, -2**31, sys.maxint, -sys.maxint - 1, sys.maxint + 1, -sys.maxint - 2):
    f(n)
for n in (0L, 1L, -1L, 2**30 - 1L, 2L**30, -2L**30, 2L**60, 2L**63 - 1, 2L**63, -2L**63, 2L**64, 10L**30, -10L**30, 2L**1199, 2L**1200 - 1, 2L**1200,
          -(2L**1300 + 7), 3L**5000):
    f(n)
f([1, 1L, True, 1.0, 1j, None])


def counted(n):
    while n < sys.maxint + 3:
        n += 1
        f(n)


counted(sys.maxint - 2)
f(7 / 2), f(-7 // 2), f(7 % -3), f(7 / 2.0), f(0777), f(1e16), f(1e22), f(-0.0), f(1e400), f(0.1 + 0.2)
f(long(3)), f(int(3L)), f(int('9' * 30)), f(coerce(1, 2L)), f(divmod(7L, 2))


class Int(int):
    pass


class Long(long):
    pass


f(Int(3)), f(Long(3))
