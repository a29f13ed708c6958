"""Interpreters that are not known, or turn out to be different: they run untraced, and the recording says why."""
import glob
import os
import shutil

from common import MARK
from support import interpreters, pytrace
from support.outcome import complete, marked, same_command
from support.suite import Skip, add, check, equal

# Preloaded in front of ours, it answers what only our library asks of a shared libpython.
FAKE = r'''
#include <stdlib.h>
#ifdef VERSION
const char* Py_GetVersion(void) { return VERSION; }
#else
void* Py_CompileString(const char* source, const char* file, int start) { return NULL; }
#endif
'''

PROGRAM = MARK + '''
mark(1)
try:
    import pytrace
    pytrace.notrace(mark)
    pytrace.log('x')
except ImportError:
    pass
print(mark(2))
'''


def stepped_aside(case, version, define, why, text):
    """`define`: what the interpreter says of itself. No calls, the reason in the database, one line at the end."""
    interpreter = next((i for i in interpreters.find() if i.shared and not i.root and i.version[:2] == version), None)
    if not interpreter or not shutil.which('cc'):
        raise Skip('no shared libpython %d.%d, or no compiler' % version)
    case.write('fake.c', FAKE)
    equal(pytrace.run(['cc', '-shared', '-fPIC', *define, '-o', 'fake.so', 'fake.c'], cwd=case.tmp).returncode, 0, 'compiler')
    program = case.write('p.py', PROGRAM)
    db = case.path('traces.sqlite')
    done = pytrace.record(db, [program], ['--python', interpreter.path], cwd=case.tmp,
                          env=pytrace.environment(LD_PRELOAD=case.path('fake.so')))
    line = b'pytrace: not recorded: 1 process of Python %s (%s)\n' % (text.encode(), why.encode())
    equal((done.stdout, done.stderr, done.returncode), (b'2\n', line, 0), 'outcome')
    equal(pytrace.plain(db, 'SELECT mode, mode_reason, python FROM processes'), [('none', why, text)], 'processes')
    equal(pytrace.value(db, 'SELECT count(*) FROM calls'), 0, 'calls')
    # Without the command there is nobody else to say it.
    env = pytrace.environment(LD_PRELOAD=case.path('fake.so') + ':' + pytrace.PRELOAD, PYTRACE_DB=case.path('alone.sqlite'))
    done = pytrace.run([interpreter.path, program], cwd=case.tmp, env=env)
    equal((done.stdout, done.stderr, done.returncode),
          (b'2\n', b'pytrace: not recording: %s: %s\n' % (text.encode(), why.encode()), 0), 'outcome of the preload alone')


def add_case(name, version, define, why, text):
    add('stepped_aside_' + name, lambda case: stepped_aside(case, version, define, why, text))


def says(version):
    return ['-DVERSION="%s (main) [GCC]"' % version]


add_case('newer', (3, 13), says('3.16.0a1'), 'this version of Python is not known', '3.16.0a1')
add_case('much_newer', (3, 13), says('4.0.0'), 'this version of Python is not known', '4.0.0')
add_case('free_threaded', (3, 13), says('3.13.0 experimental free-threading build'),
         'free-threaded builds are not known', '3.13.0')
add_case('another_layout', (3, 13), says('3.12.1'), 'the layout differs: code objects have another size', '3.12.1')
add_case('older_layout', (3, 8), says('3.7.1'), 'the layout differs: code objects have another size', '3.7.1')
for minor, text in ((13, None), (8, None)):
    found = next((i for i in interpreters.find() if i.shared and not i.root and i.version[:2] == (3, minor)), None)
    if found:
        add_case('self_test_3.%d' % minor, (3, minor), [], 'the self-test failed: the probe did not run', '%d.%d.%d' % found.version)


REFERENCES = MARK + '''
def work(n):
    if n % 3: raise KeyError(n)
    return [mark(i) for i in range(n % 7)]
def measure():
    before = sys.gettotalrefcount()
    for n in range(200):
        try: work(n)
        except KeyError: pass
    return sys.gettotalrefcount() - before
measure(); measure()
print([measure() for _ in range(5)])
'''


def debug_build(case, words):
    """The same layouts, checked by the self-test; and every reference is counted: none of ours stays."""
    done = pytrace.run(words + ['-c', 'import sys; sys.gettotalrefcount()'])
    if done.returncode:
        raise Skip('no debug build: %s' % ' '.join(words))
    db = same_command(case, words + [case.write('p.py', REFERENCES)])
    mode = pytrace.value(db, 'SELECT mode FROM processes')
    check(mode in ('eval_frame', 'monitoring'), 'mode %s' % mode)
    equal(len(marked(db)), 7 * sum(n % 7 for n in range(200) if n % 3 == 0), 'calls')
    complete(db)


def debug_builds():
    for path in sorted(glob.glob('/usr/bin/python3.[0-9]*-dbg')):
        yield os.path.basename(path), [path]
    for root in sorted({i.root for i in interpreters.chosen() if i.root}):
        for path in sorted(glob.glob(root + '/usr/bin/python3.[0-9]*-dbg')):
            yield (os.path.basename(path) + '-' + os.path.basename(root),
                   [os.path.join(interpreters.ROOT, 'tests/support/inside'), root, interpreters.ROOT, path[len(root):]])


builds = list(debug_builds())
for name, words in builds:
    add('debug_build@' + name, lambda case, words=words: debug_build(case, words))
if not builds:
    add('debug_build', lambda case: debug_build(case, ['python3-dbg']))
