"""The guest comes first: a traced program finds nothing in its own process that was not there before."""
import os

from support import interpreters, pytrace
from support.outcome import complete, count, same
from support.suite import Skip, add, check, equal, test, wait_until

SURROUNDINGS = '''
import os, sys, threading
def busy(n):
    return n if n < 2 else busy(n - 1) + busy(n - 2)
busy(15)
def links():
    shown = []
    for fd in sorted(os.listdir('/proc/self/fd'), key=int):
        try:
            target = os.readlink('/proc/self/fd/' + fd)
        except OSError:
            continue
        shown.append((fd, target.split(':')[0] if ':' in target else target))
    return shown
print(links())
print(len(os.listdir('/proc/self/task')), threading.active_count())
try:
    print(os.wait())
except OSError:
    print('no children')
children = '/proc/self/task/%d/children' % os.getpid()
print(open(children).read() if os.path.exists(children) else '')
print(os.open('/dev/null', os.O_RDONLY))
for line in open('/proc/self/status'):
    if line.startswith(('SigBlk', 'SigIgn', 'SigCgt', 'Threads', 'Seccomp:', 'NoNewPrivs', 'Umask')):
        print(line.split())
import resource, signal
print(resource.getrlimit(resource.RLIMIT_NOFILE), resource.getrlimit(resource.RLIMIT_CORE))
print([signal.getsignal(n) for n in (2, 13, 15, 17)])
'''


def surroundings(interpreter):
    def body(case):
        program = case.write('p.py', SURROUNDINGS)
        db = same(case, [program], ['--python', interpreter.path])
        complete(db)
        # And without the launcher.
        plain = pytrace.run([interpreter.path, program], cwd=case.tmp)
        db = case.path('preload.sqlite')
        alone = pytrace.run([interpreter.path, program], cwd=case.tmp, env=pytrace.preload_environment(db))
        equal((alone.stdout, alone.stderr), (plain.stdout, plain.stderr), 'output under the preload alone')
        wait_until(lambda: pytrace.ended(db), what='commit')
        equal(count(db, 'busy'), 1973, 'calls')

    return body


RECURSION = '''
import sys
RecursionError = getattr(__builtins__, 'RecursionError', RuntimeError)
def down(n):
    return 0 if n == 0 else 1 + down(n - 1)
def endless(n):
    deepest[0] = n
    return endless(n + 1)
deepest = [0]
try:
    endless(0)
except RecursionError as error:
    print('limit', deepest[0], error)
sys.setrecursionlimit(10**6)
print(down(900), down(%d))
class Node(object):
    def __init__(self, below): self.below = below
    def __repr__(self): return 'N(%%r)' %% (self.below,)
node = None
for i in range(300): node = Node(node)
print(len(repr(node)))
'''


def recursion(interpreter):
    def body(case):
        # Without a hook 3.11 and later need no C stack for a call of Python code, earlier ones half a kilobyte or more.
        deep = 150000 if interpreter.version >= (3, 11) else 9000
        db = same(case, [case.write('p.py', RECURSION % deep)], ['--python', interpreter.path])
        equal(pytrace.integrity(db), 'ok', 'integrity')
        if interpreter.version[:2] != (3, 11):
            equal(count(db, 'down'), 901 + deep + 1, 'calls')
            equal(pytrace.value(db, "SELECT max(depth) - min(depth) FROM calls WHERE func = 'down'"), deep, 'depth')
        else:
            check(901 <= count(db, 'down') <= 901 + deep, 'calls')
            check(pytrace.value(db, 'SELECT count(*) FROM losses') > 0, 'what was not seen is a loss')

    return body


HOOKS = '''
import cProfile, pstats, sys, io
def f(n): return n
def g(n): return f(n) + f(n)
profile = cProfile.Profile()
profile.runcall(g, 1)
stats = pstats.Stats(profile, stream=io.StringIO())
print(sorted((name, calls[0]) for (file, line, name), calls in stats.stats.items() if name in 'fg'))
events = []
sys.setprofile(lambda frame, event, arg: events.append((event, frame.f_code.co_name)))
g(2)
sys.setprofile(None)
print([event for event in events if event[1] in 'fg'])
events = []
def tracer(frame, event, arg):
    events.append((event, frame.f_lineno))
    return tracer
sys.settrace(tracer)
g(3)
sys.settrace(None)
print(events)
g(4)
'''


def hooks_of_the_program(interpreter):
    def body(case):
        db = same(case, [case.write('p.py', HOOKS)], ['--python', interpreter.path])
        equal((count(db, 'g'), count(db, 'f')), (4, 8), 'calls')

    return body


SUBINTERPRETER = '''
import %s as interpreters
def f(n): return n
f(1)
each = interpreters.create()
interpreters.run_string(each, 'def in_there(n): return n\\nfor i in range(5): in_there(i)')
interpreters.destroy(each)
f(2)
'''


def subinterpreters(interpreter):
    def body(case):
        module = '_xxsubinterpreters' if interpreter.version < (3, 13) else '_interpreters'
        if pytrace.run([interpreter.path, '-c', 'import ' + module]).returncode:
            raise Skip('no ' + module)
        db = same(case, [case.write('p.py', SUBINTERPRETER % module)], ['--python', interpreter.path])
        equal((count(db, 'f'), count(db, 'in_there')), (2, 5), 'calls')

    return body


MEMORY = '''
import gc, sys, weakref
class Thing: pass
def keeps_nothing(thing): return None
things = [Thing() for _ in range(1000)]
gone = []
references = [weakref.ref(thing, gone.append) for thing in things]
for thing in things: keeps_nothing(thing)
counts = {sys.getrefcount(thing) for thing in things[:-1]}
del thing, things
print(counts, len(gone), gc.collect())
'''

UNFINISHED = '''
import ctypes
def take(value): return value
class Nameless(object): pass
nameless = Nameless()
name = ctypes.c_void_p.from_address(id(Nameless) + 24)
kept, name.value = name.value, None
for n in range(3): take(nameless)
take(Nameless)
take([nameless, Nameless])
try: raise KeyError(nameless)
except KeyError: pass
name.value = kept
for new, size in (('PyTuple_New', 2), ('PyList_New', 3)):
    new = getattr(ctypes.pythonapi, new)
    new.argtypes, new.restype = [ctypes.c_ssize_t], ctypes.py_object
    take(new(size))
print('finished')
'''


def unfinished_values(interpreter):
    """Of C code that never made its type ready, or has not filled its container yet."""
    def body(case):
        db = same(case, [case.write('p.py', UNFINISHED)], ['--python', interpreter.path])
        values = pytrace.rows(db, "SELECT a.value FROM arguments a JOIN calls c ON c.id = a.call_id "
                              "WHERE c.func = 'take' AND a.name = 'value' ORDER BY c.id")
        equal([row['value'] for row in values], 4 * ['...'] + ['[..., ...]', '(, )', '[, , ]'], 'values')

    return body


CODE_EXTRA = '''
import ctypes, sys
try:
    from pytrace import notrace
except ImportError:
    notrace = lambda function: function
new = sys.version_info >= (3, 12)
request = getattr(ctypes.pythonapi, 'PyUnstable_Eval_RequestCodeExtraIndex' if new else '_PyEval_RequestCodeExtraIndex')
set_extra = getattr(ctypes.pythonapi, 'PyUnstable_Code_SetExtra' if new else '_PyCode_SetExtra')
set_extra.argtypes = ctypes.py_object, ctypes.c_ssize_t, ctypes.c_void_p
freed = []
on_free = ctypes.PYFUNCTYPE(None, ctypes.c_void_p)(freed.append)
request.restype, request.argtypes = ctypes.c_ssize_t, [ctypes.c_void_p]
index = request(ctypes.cast(on_free, ctypes.c_void_p))
def make(mark, extra):
    names = {}
    exec('def f(): return 1', names)
    f = mark(names.pop('f'))
    if extra == 'before': set_extra(f.__code__, index, 7)
    f()
    if extra == 'after': set_extra(f.__code__, index, 8)
for mark in (lambda function: function, notrace):
    for extra in ('never', 'before', 'after'):
        make(mark, extra)
        print(extra, freed)
        freed.clear()
'''


def code_extra(interpreter):
    """Another user's free function is called for its own words, not for code objects that have only ours."""
    def body(case):
        if pytrace.run([interpreter.path, '-c', 'import ctypes']).returncode:
            raise Skip('no ctypes')
        program = case.write('p.py', CODE_EXTRA)
        same(case, [program], ['--python', interpreter.path])
        wanted = b'never []\nbefore [7]\nafter [8]\n' * 2
        equal(pytrace.run([interpreter.path, program]).stdout, wanted, 'untraced output')

    return body


MONITORING = '''
import sys, unittest
m = sys.monitoring
get_tool, get_events, all_events = m.get_tool, m.get_events, m._all_events
ours = [i for i in range(6) if get_tool(i) == 'pytrace']
m.get_tool = lambda i: None if i in ours else get_tool(i)
m.get_events = lambda i: 0 if i in ours else get_events(i)
bits = ~sum(1 << i for i in ours)
m._all_events = lambda: {event: tools & bits for event, tools in all_events().items() if tools & bits}
from test import test_monitoring
test_monitoring.TEST_TOOL2, test_monitoring.TEST_TOOL3 = 4, 5
unittest.main(test_monitoring, argv=['x', '-q'])
'''


def monitoring_beside_ours(interpreter):
    """CPython's tests of sys.monitoring, which want every tool idle: with ours hidden from them they pass."""
    def body(case):
        if pytrace.run([interpreter.path, '-c', 'import sys; sys.monitoring; import test.test_monitoring']).returncode:
            raise Skip('no test.test_monitoring')
        same(case, [case.write('p.py', MONITORING)], ['--python', interpreter.path])

    return body


SHARED_FUNCTIONS = '''
from concurrent import interpreters
def f(): return 5
def script(): print('script')
f()
script()
other = interpreters.create()
print(other.call(f), f(), other.call_in_thread(f).join())
other.exec(script)
script()
print(other.call(lambda each: each(), f))
queue = interpreters.create_queue()
queue.put(f)
print(queue.get()())
f()
other.close()
'''


def shared_functions(interpreter):
    """A function that was called before, and so has our word, goes to another interpreter as untraced."""
    def body(case):
        program = case.write('p.py', SHARED_FUNCTIONS)
        equal(pytrace.run([interpreter.path, program]).returncode, 0, 'untraced exit status')
        db = same(case, [program], ['--python', interpreter.path])
        check(count(db, 'f') >= 3 and count(db, 'script') >= 2, 'calls')
        same(case, [program], ['--python', interpreter.path, '--new', '--modules', 'p.py'])

    return body


for each in interpreters.chosen() + interpreters.chosen_of_2():
    name = interpreters.name(each)
    if each.version >= (3, 14):
        add('shared_functions@' + name, shared_functions(each))
    add('surroundings@' + name, surroundings(each))
    add('recursion@' + name, recursion(each))
    add('unfinished_values@' + name, unfinished_values(each))
    add('hooks_of_the_program@' + name, hooks_of_the_program(each))
    add('references@' + name, lambda case, each=each: same(case, [case.write('p.py', MEMORY)], ['--python', each.path]))
    if each.version >= (3, ):
        add('subinterpreters@' + name, subinterpreters(each))
        add('code_extra@' + name, code_extra(each))
        add('monitoring_beside_ours@' + name, monitoring_beside_ours(each))


@test()
def other_flags_of_the_interpreter(case):
    program = case.write('p.py', 'import sys\ndef f(n): return n\nf(1)\nprint(sys.flags)\n')
    for flags in (['-I'], ['-S'], ['-E'], ['-O'], ['-B', '-s'], ['-X', 'dev'], ['-u'], ['-W', 'error']):
        plain = pytrace.run([pytrace.PYTHON, *flags, program], cwd=case.tmp)
        done = pytrace.record(case.path('traces.sqlite'), ['--', pytrace.PYTHON, *flags, program], ['--new'],
                              cwd=case.tmp)
        equal((done.stdout, done.stderr, done.returncode), (plain.stdout, plain.stderr, 0),
              'outcome with ' + ' '.join(flags))
        equal(count(case.path('traces.sqlite'), 'f'), 1, 'calls with ' + ' '.join(flags))
