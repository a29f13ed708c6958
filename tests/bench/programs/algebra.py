"""Symbolic algebra with sympy: much code of somebody else's, many small calls with objects as arguments."""
import sympy


def work():
    x, y = sympy.symbols('x y')
    results = (
        sympy.factor(sympy.expand((x + y + 1)**8).diff(x)),
        sympy.integrate(x**2 * sympy.exp(-x) * sympy.sin(x), x),
        sympy.simplify((sympy.sin(x)**4 - sympy.cos(x)**4) / (sympy.sin(x)**2 - sympy.cos(x)**2)),
        sympy.solve(x**4 - 5 * x**2 + 4, x),
        sympy.series(sympy.exp(x) * sympy.cos(x), x, 0, 8),
        sympy.Matrix(3, 3, lambda i, j: x**i + y * j).det(),
    )
    return ';'.join(str(result) for result in results)
