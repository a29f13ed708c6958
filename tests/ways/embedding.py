"""Interpreters that are not the program: in a library, several in a process."""
import glob
import os
import platform
import shutil
import sys

from common import MARK, each, inside
from support import pytrace
from support.outcome import complete, count, marked, same, same_command
from support.suite import Skip, add, check, equal

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'embedder.c')


def library_of(interpreter):
    """The libpython of this version, as a path where the interpreter lives."""
    name = 'libpython%d.%d*.so.1.0' % interpreter.version[:2]
    if interpreter.shared and not interpreter.root:
        folder = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(interpreter.path))), 'lib')
    else:
        folder = interpreter.root + '/usr/lib/*-linux-gnu'
    found = [path for path in sorted(glob.glob(os.path.join(folder, name))) if not path.endswith('d.so.1.0')]
    if not found:
        raise Skip('no ' + name)
    return found[0][len(interpreter.root):]


def embedder(case, interpreter, linked):
    if not shutil.which('cc') or platform.machine() != 'x86_64':
        raise Skip('no C compiler for x86-64')
    library = library_of(interpreter)
    words = ['cc', '-O1', '-w', '-nostartfiles', '-no-pie', '-o', case.path('embedder'), SOURCE, '-Wl,--no-as-needed',
             '-l:libdl.so.2', '-l:libpthread.so.0']
    if linked:
        words += ['-DLINKED', interpreter.root + library, '-Wl,-rpath,' + os.path.dirname(library),
                  '-Wl,--allow-shlib-undefined']
    made = pytrace.run(words)
    equal((made.returncode, made.stderr), (0, b''), 'compiler')
    home = {'PYTHONHOME': os.path.dirname(os.path.dirname(interpreter.path))} if interpreter.shared and not interpreter.root else {}
    return library, pytrace.environment(**home)


CODE = MARK + '''
for n in range(5):
    mark(n)
print('ran')
'''


def embedded(case, interpreter, how, linked):
    """How often the code ran: once, twice, or in two threads once and three times."""
    library, env = embedder(case, interpreter, linked)
    db = same_command(case, inside(interpreter, case.path('embedder')) + [how, library, CODE], env=env)
    times = {'once': 1, 'twice': 2, 'threads': 4}[how]
    calls = marked(db)
    equal([n for _, n in calls], [str(n) for n in range(5)] * times, 'calls')
    if how == 'threads':
        equal(pytrace.value(db, "SELECT count(DISTINCT tid) FROM calls WHERE func = 'mark'"), 2, 'threads')
    complete(db)


# What runs in another interpreter than the main one, by what each version has.
SUBINTERPRETERS = MARK + '''
import textwrap
CODE = "def mark(n): return n\\nfor n in range(5): mark(%d + n)"
mark(1)
try:
    import _interpreters as interpreters
except ImportError:
    try:
        import _xxsubinterpreters as interpreters
    except ImportError:
        interpreters = None
if interpreters:
    for i in range(3):
        each = interpreters.create()
        interpreters.run_string(each, CODE % (100 * i))
        interpreters.run_string(each, CODE % (100 * i + 50))
        interpreters.destroy(each)
else:
    import _testcapi
    for i in range(3):
        assert _testcapi.run_in_subinterp(CODE % (100 * i) + "\\n" + CODE % (100 * i + 50)) == 0
mark(2)
'''


def subinterpreters(case, interpreter):
    needed = '_testcapi' if interpreter.version < (3, 8) else 'sys'
    if pytrace.run([interpreter.path, '-c', 'import ' + needed]).returncode:
        raise Skip('no _testcapi, and no other way to a second interpreter before 3.8')
    db = same(case, [case.write('p.py', SUBINTERPRETERS)], ['--python', interpreter.path])
    wanted = [1] + [100 * i + k + n for i in range(3) for k in (0, 50) for n in range(5)] + [2]
    equal([int(n) for _, n in marked(db)], wanted, 'calls')
    complete(db)


# Each with a global lock of its own: four run at the same time, each with classes that only it knows.
OWN_LOCKS = MARK + '''
import threading
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
CODE = """
def mark(n): return n
class Own%(i)d: pass
def take(thing, text): return text
for n in range(3000):
    mark(%(i)d * 10000 + n)
    take(Own%(i)d(), chr(0x100 + n) * 3)
    if n %% 500 == 0:
        exec('class Late%%d: pass\\\\ntake(Late%%d(), "x")' %% (n, n))
"""
def run(i):
    each = interpreters.create()
    interpreters.run_string(each, CODE % {'i': i})
    interpreters.destroy(each)
threads = [threading.Thread(target=run, args=(i,)) for i in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
'''


def own_locks(case, interpreter):
    db = same(case, [case.write('p.py', OWN_LOCKS)], ['--python', interpreter.path])
    seen = [int(n) for _, n in marked(db)]
    equal(sorted(seen), [i * 10000 + n for i in range(4) for n in range(3000)], 'calls')
    for i in range(4):
        wrong = pytrace.value(
            db, "SELECT count(*) FROM calls c JOIN arguments a ON a.call_id = c.id WHERE c.func = 'take' "
            "AND a.name = 'thing' AND a.type = '__main__.Own%d'" % i)
        equal(wrong, 3000, 'objects of the class that interpreter %d has' % i)
    complete(db)


INTERPRETER_POOL = '''
import concurrent.futures
def mark(n):
    return n
if __name__ == '__main__':
    with concurrent.futures.InterpreterPoolExecutor(max_workers=2) as pool:
        print(sorted(pool.map(mark, range(20))))
'''


def interpreter_pool(case, interpreter):
    db = same(case, [case.write('p.py', INTERPRETER_POOL)], ['--python', interpreter.path])
    equal(sorted(int(n) for _, n in marked(db)), list(range(20)), 'calls')


for linked in (False, True):
    for how in ('once', 'twice', 'threads'):
        each('%s_%s' % ('linked' if linked else 'dlopen', how),
             lambda case, interpreter, how=how, linked=linked: embedded(case, interpreter, how, linked))
each('subinterpreters', subinterpreters, since=(3, 6))
each('subinterpreters_own_locks', own_locks, since=(3, 12))
each('interpreter_pool', interpreter_pool, since=(3, 14))
