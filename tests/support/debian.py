"""The interpreters of other Debian suites (tests/debian_suites), as scripts that start them inside their file systems."""
import atexit
import glob
import os
import platform
import shlex
import shutil
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
INSIDE = os.path.join(ROOT, 'tests/support/inside')

# Debian's interpreters are static executables, and the shared library a package beside them. This makes an interpreter of it, without the C library's
# start file and symbols, which are of this machine.
MAIN = '''
__asm__(".globl _start\\n_start: xor %ebp,%ebp\\n mov (%rsp),%rdi\\n lea 8(%rsp),%rsi\\n and $-16,%rsp\\n"
        " call Py_BytesMain\\n mov %eax,%edi\\n call exit\\n");
'''


def folder():
    return os.environ.get('DEBIAN_SUITES') or os.path.join(
        os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache'), 'pytrace-suites')


def _script(path, root, program):
    with open(path, 'w', encoding='utf-8') as file:
        file.write('#!/bin/sh\nexec %s "$@"\n' % ' '.join(shlex.quote(word) for word in (INSIDE, root, ROOT, program)))
    os.chmod(path, 0o755)
    return path, root


def _shared(made, root):
    """Executables that use the suite's libpythons, from 3.8 on (Py_BytesMain)."""
    if platform.machine() != 'x86_64' or not shutil.which('cc'):
        return
    for library in sorted(glob.glob(root + '/usr/lib/*-linux-gnu/libpython3.*[0-9].so.1.0')):
        program = os.path.join(made, 'bin', os.path.basename(library).split('.so')[0][3:])
        os.makedirs(os.path.dirname(program), exist_ok=True)
        words = ['cc', '-x', 'c', '-', '-x', 'none', '-w', '-nostartfiles', '-no-pie', '-o', program, library,
                 '-Wl,--no-as-needed', '-Wl,--allow-shlib-undefined', '-Wl,-rpath,' + os.path.dirname(library)[len(root):]]
        if subprocess.run(words, input=MAIN.encode(), stderr=subprocess.DEVNULL).returncode == 0:
            yield _script(program + '-shared', root, program)


def scripts():
    """All of them, as (path of a script, root of its file system)."""
    roots = sorted(path[:-len('/usr/bin')] for path in glob.glob(os.path.join(folder(), '*', 'usr/bin')))
    if not roots or os.getuid() != 0 or not shutil.which('unshare'):
        return []
    made = tempfile.mkdtemp(prefix='pytrace-suites-', dir='/tmp')
    os.chmod(made, 0o755)
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    found = []
    for root in roots:
        here = os.path.join(made, os.path.basename(root))
        os.mkdir(here)
        for program in sorted(glob.glob(root + '/usr/bin/python[23].*[0-9]')):
            found.append(_script(os.path.join(here, os.path.basename(program)), root, program[len(root):]))
        found += _shared(here, root)
    return found
