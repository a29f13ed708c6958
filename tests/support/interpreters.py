"""Finds the Python interpreters of this machine, at run time and by their own word, those of fetched Debian suites
(tests/debian_suites) among them."""
import collections
import functools
import glob
import os
import shutil
import subprocess
import sys

from support import debian

# `version` is a tuple of three; `shared`: the interpreter lives in a libpython, else it is linked into the executable.
# `root`: the file system that it runs in, '' for this one; then `path` is a script that goes there. `gil`: it has a global lock.
Interpreter = collections.namedtuple('Interpreter', 'path version shared root gil', defaults=['', True])

ROOT = debian.ROOT

_ASK = ('import sys; print("%d %d %d" % sys.version_info[:3]); '
        'print(int(any("libpython" in line for line in open("/proc/self/maps")))); '
        'print(int("free-threading build" not in sys.version))')


def at(path):
    """The interpreter at `path`, or None."""
    try:
        words = subprocess.run([path, '-c', _ASK], env=clean_environment(), stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, timeout=30)
        numbers = [int(word) for word in words.stdout.split()]
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return Interpreter(path, tuple(numbers[:3]), bool(numbers[3]), gil=bool(numbers[4])) if len(numbers) == 5 else None


def clean_environment():
    """The caller's environment without what would steer pytrace or Python."""
    return {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(('PYTRACE', 'PYTHON', 'TRACE_MODULES')) and key != 'LD_PRELOAD'
    }


@functools.lru_cache(None)
def every():
    """Every interpreter once (by its real path): the system's, pyenv's, PATH's, those of the colon-separated EXTRA_PYTHONS, the suites'."""
    pyenv = os.environ.get('PYENV_ROOT', os.path.expanduser('~/.pyenv'))
    paths = ['/usr/bin/python3'] + sorted(glob.glob(os.path.join(pyenv, 'versions', '*', 'bin', 'python')))
    paths += filter(None, (shutil.which(name) for name in ('python3', 'python')))
    paths += filter(None, os.environ.get('EXTRA_PYTHONS', '').split(':'))
    found = {}
    for path in paths:
        real = os.path.realpath(path)
        # pyenv's shims are scripts that start one of the others.
        if os.path.exists(path) and real not in found and os.path.basename(os.path.dirname(path)) != 'shims':
            found[real] = at(path)
    for path, root in debian.scripts():
        answer = at(path)
        found[path] = answer and answer._replace(root=root)
    return [interpreter for interpreter in found.values() if interpreter and interpreter.version >= (2, 7)]


def find():
    """Those that are to be recorded: with a global lock."""
    return [interpreter for interpreter in every() if interpreter.gil]


def name(interpreter):
    return '%d.%d.%d-%s' % (*interpreter.version, 'shared' if interpreter.shared else 'static')


def one(minor, shared=None):
    """An interpreter of version 3.`minor` of this machine, or None."""
    return next((i for i in find() if i.version[:2] == (3, minor) and shared in (None, i.shared) and not i.root), None)


def system():
    """This machine's /usr/bin/python3, or None."""
    return next((i for i in find() if i.path == '/usr/bin/python3'), None)


def chosen():
    """Those that a suite runs on: 3.11 in both builds and this machine's with sys.monitoring; with --matrix all of 3."""
    matrix = '--matrix' in sys.argv
    return [i for i in find() if i.version >= ((3, 6) if matrix else (3, 11)) and (matrix or not i.root)]


def chosen_of_2():
    """The 2.7 of this machine; with --matrix all."""
    return [i for i in find() if i.version[:2] == (2, 7) and ('--matrix' in sys.argv or not i.root)]
