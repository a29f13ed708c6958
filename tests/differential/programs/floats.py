import math


def f(x):
    return x


for x in (0.0, -0.0, 1.0, -1.0, 0.1, 1 / 3, 1e16, 1e15, 123456789012345680.0, 1e-4, 1e-5, 1.5e300, 5e-324, 2.2250738585072014e-308, math.inf, -math.inf,
          math.nan, math.pi, 1e22, 1e23, 9007199254740993.0, 1j, 0j, complex(-0.0, -0.0), 1 + 2j, complex(math.nan, math.inf), 1.5 - 2.25j):
    f(x)
