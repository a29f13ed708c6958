# also 2.7
"""exec, eval and compile."""


def f(n):
    return n


def local(x):
    return eval('f(x) + y', {'f': f, 'y': 1}, {'x': x})


eval('f(1)')
exec('f(2)\ndef made(a, b=2):\n    return f(a)\nmade(3)')
made(4)
local(5)
exec('def g(x):\n    return x\ng(6)', {'__name__': 'elsewhere'})
exec('def h(x):\n    return x\nh(7)', {})
exec(compile('f(8)', 'made_up.py', 'exec'))
eval(compile('[f(i) for i in range(2)]', '<made up>', 'eval'))
try:
    exec('raise KeyError("inside")')
except KeyError:
    pass
exec('class Made:\n    def method(self): return 9\nMade().method()')
