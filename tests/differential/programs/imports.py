# also 2.7
"""Modules of the program's own are calls as well."""
import helper_module
from helper_package import inner
from helper_package.inner import use as renamed


def late():
    import helper_late
    return helper_late.VALUE


helper_module.greet('x')
inner.use(helper_module.Greeter('y'))
renamed(3)
late()
late()
try:
    import helper_broken
except ValueError:
    helper_broken = None
