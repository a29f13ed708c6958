"""Symbolic algebra with sympy."""
import sympy


def work():
    x, y = sympy.symbols('x y')
    expression = sympy.expand((x + y + 1)**12)
    return len(str(sympy.factor(expression.diff(x)).subs(y, x)))
