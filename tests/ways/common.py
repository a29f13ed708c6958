"""Shared by the topics: which interpreters a way is tried on."""
import os
import sys

from support import environments, interpreters, pytrace
from support.suite import Skip, add

# What nearly every program here does; the calls of `mark` are what must be found in the recording.
MARK = '''
import os, sys
def mark(n):
    return n
'''


def chosen():
    """The newest interpreter of each hook in each build; with --matrix all."""
    every = interpreters.chosen() + interpreters.chosen_of_2()
    if '--matrix' in sys.argv:
        return every
    newest = {}
    for interpreter in every:
        key = interpreter.version >= (3, ), interpreter.version >= (3, 12), interpreter.shared
        if key not in newest or newest[key].version < interpreter.version:
            newest[key] = interpreter
    return list(newest.values())


def each(way, body, since=(2, 7), before=(4, ), only_all=False, alone=False):
    """A test of `body(case, interpreter)` for each interpreter of version `since` or later, older than `before`."""
    for interpreter in chosen():
        if since <= interpreter.version < before:
            add('%s@%s' % (way, interpreters.name(interpreter)), lambda case, i=interpreter: body(case, i), alone, only_all)


def inside(interpreter, program):
    """The words that run `program`, a path where the interpreter lives."""
    if not interpreter.root:
        return [program]
    return [os.path.join(interpreters.ROOT, 'tests/support/inside'), interpreter.root, interpreters.ROOT, program]


def python_with(case, module, package):
    """An interpreter that has `module`: the system's, else, with --all, of an environment into which pip puts it."""
    if pytrace.run([pytrace.PYTHON, '-c', 'import ' + module]).returncode == 0:
        return pytrace.PYTHON
    if not case.all:
        raise Skip('%s has no %s; --all fetches it' % (pytrace.PYTHON, module))
    return environments.python_with(interpreters.system(), package)
