"""Interpreters that are not known, or turn out to be different: they run untraced, or without some calls, and the
recording says why."""
import glob
import os
import shutil
import sys

from common import MARK
from support import interpreters, pytrace
from support.outcome import complete, marked, same_command
from support.suite import Skip, add, check, equal, test

# Preloaded in front of ours, it answers what only our library asks of a shared libpython.
FAKE = r'''
#define _GNU_SOURCE
#include <stdlib.h>
#ifdef VERSION
const char* Py_GetVersion(void) { return VERSION; }
#ifdef NOT_COMPILED
#include <dlfcn.h>
#include <string.h>
void* Py_CompileString(const char* source, const char* file, int start) {
  static void* (*real)(const char*, const char*, int);
  if (!real) real = dlsym(RTLD_NEXT, "Py_CompileString");
  return strncmp(source, NOT_COMPILED, strlen(NOT_COMPILED)) == 0 ? NULL : real(source, file, start);
}
#endif
#elif defined SYMBOL
#include <dlfcn.h>
#include <string.h>
#ifdef __x86_64__
#define BASE "GLIBC_2.2.5"
#else
#define BASE "GLIBC_2.17"
#endif
// The real one is jumped to (-O2): RTLD_NEXT is about who called.
void* dlsym(void* handle, const char* name) {
  static void* (*real)(void*, const char*);
  if (!real) real = dlvsym(RTLD_NEXT, "dlsym", BASE);
  return strcmp(name, SYMBOL) == 0 ? NULL : real(handle, name);
}
#else
void *PySys_GetObject(const char*), *PyObject_CallMethod(void*, const char*, const char*, ...);
void PyErr_Clear(void);
void* Py_CompileString(const char* source, const char* file, int start) {
  void* monitoring = PySys_GetObject("monitoring");
  if (monitoring) {  // another tool, while ours is there
    PyObject_CallMethod(monitoring, "use_tool_id", "is", 4, "other");
    PyObject_CallMethod(monitoring, "set_events", "ii", 4, 1);
  }
  PyErr_Clear();
  return NULL;
}
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

# After a self-test that failed: what we had taken is given back, what was another's (FAKE) is its own.
TOOLS = PROGRAM + '''
tools = getattr(sys, 'monitoring', None)
if tools:
    assert tools.get_tool(3) is None, tools.get_tool(3)
    assert (tools.get_tool(4), tools.get_events(4)) == ('other', 1), (tools.get_tool(4), tools.get_events(4))
    tools.use_tool_id(3, 'program')
    for event in (1 << n for n in range(8)):
        before = tools.register_callback(3, event, None)
        assert before is None, before
'''


def with_fake(case, version, define):
    """An interpreter; and fake.so for it is there."""
    interpreter = next((i for i in interpreters.find() if i.shared and not i.root and i.version[:2] == version), None)
    if not interpreter or not shutil.which('cc'):
        raise Skip('no shared libpython %d.%d, or no compiler' % version)
    case.write('fake.c', FAKE)
    equal(pytrace.run(['cc', '-O2', '-shared', '-fPIC', *define, '-o', 'fake.so', 'fake.c'], cwd=case.tmp).returncode, 0, 'compiler')
    return interpreter


def stepped_aside(case, version, define, why, text):
    """`define`: what the interpreter says of itself. No calls, the reason in the database, one line at the end."""
    interpreter = with_fake(case, version, define)
    program = case.write('p.py', PROGRAM if define else TOOLS)
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
for name, minor, define, why in (
    ('symbol_missing_3.%d', 11, ['-DSYMBOL="PyFrozenSet_Type"'], 'a symbol is missing: PyFrozenSet_Type'),
    ('symbol_missing_3.%d', 13, ['-DSYMBOL="PyUnstable_Code_SetExtra"'], 'a symbol is missing: PyUnstable_Code_SetExtra'),
    ('self_test_3.%d', 13, [], 'the self-test failed: the probe did not run'),
    ('self_test_3.%d', 8, [], 'the self-test failed: the probe did not run')):
    found = next((i for i in interpreters.find() if i.shared and not i.root and i.version[:2] == (3, minor)), None)
    if found:
        add_case(name % minor, (3, minor), define, why, '%d.%d.%d' % found.version)


@test()
def a_counter_of_3_11_2_that_is_not_found(case):
    """All is recorded but what such an interpreter hides, and the database says so. (It is a newer one, which hides nothing.)"""
    interpreter = with_fake(case, (3, 11), says('3.11.2') + ['-DNOT_COMPILED="def function(): pass"'])
    db = case.path('traces.sqlite')
    program = case.write('p.py', MARK + 'mark(1)\nprint(mark(2))\n')
    done = pytrace.record(db, [program], ['--python', interpreter.path], cwd=case.tmp,
                          env=pytrace.environment(LD_PRELOAD=case.path('fake.so')))
    equal((done.stdout, done.stderr, done.returncode), (b'2\n', b'', 0), 'outcome')
    equal(pytrace.plain(db, 'SELECT mode, mode_reason, python FROM processes'),
          [('eval_frame', 'calls of __getitem__ by container[key] are missing', '3.11.2')], 'processes')
    equal(len(marked(db)), 2, 'calls')


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


OTHER_HEADS = MARK + '''
import threading
try: import pytrace
except ImportError: print('no module')
threads = [threading.Thread(target=lambda: [mark(n) for n in range(2000)]) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(mark('end'), sorted(os.listdir('/proc/self/fd')))
sys.exit(3)
'''


def another_head(case, words, why):
    """A build whose objects lie otherwise: the program runs as untraced, and the recording says why it has no calls."""
    program = case.write('p.py', OTHER_HEADS)
    plain = pytrace.run(words + [program], cwd=case.tmp)
    if plain.returncode != 3:
        raise Skip('no such build: %s' % ' '.join(words))
    db = case.path('traces.sqlite')
    done = pytrace.record(db, ['--', *words, program], cwd=case.tmp)
    equal((done.stdout, done.returncode), (plain.stdout, 3), 'outcome')
    check(done.stderr.endswith(b' (%s)\n' % why.encode()) and done.stderr.count(b'\n') == 1, 'stderr: %r' % done.stderr)
    equal(pytrace.plain(db, 'SELECT mode, mode_reason FROM processes'), [('none', why)], 'processes')


free_threaded = [each for each in interpreters.every() if not each.gil]
for each in free_threaded:
    add('stepped_aside_free_threaded@' + interpreters.name(each),
        lambda case, each=each: another_head(case, [each.path], 'free-threaded builds are not known'))
traced_references = 'debug builds with Py_TRACE_REFS are not known'
for path, root in [(path, root) for root in sorted({i.root for i in interpreters.find() if i.root and '--matrix' in sys.argv})
                   for path in sorted(glob.glob(root + '/usr/bin/python2.7-dbg'))]:
    add('stepped_aside_debug@%s-%s' % (os.path.basename(path), os.path.basename(root)),
        lambda case, words=[os.path.join(interpreters.ROOT, 'tests/support/inside'), root, interpreters.ROOT, path[len(root):]]:
        another_head(case, words, traced_references))


builds = list(debug_builds())
for name, words in builds:
    add('debug_build@' + name, lambda case, words=words: debug_build(case, words))
if not builds:

    @test()
    def debug_build_of_debian(case):
        raise Skip('no python3.N-dbg here')
