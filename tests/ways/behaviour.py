"""A program that measures itself finds the same numbers traced and untraced."""
from common import MARK, each
from support import pytrace
from support.outcome import count, marked, same, same_command
from support.suite import check, equal

DEPTHS = MARK + '''
import threading
RecursionError = getattr(__builtins__, 'RecursionError', RuntimeError)
def down(n):
    deepest[0] = n
    return down(n + 1)
class Node(object):
    def __init__(self, below): self.below = below
    def __eq__(self, other): return self.below == other.below
    def __getattr__(self, name): return getattr(self, name + 'x')
def nested(n):
    if n < 0: yield None
    for item in nested(n + 1): yield item
if sys.version_info >= (3, ):
    exec("""
def delegating(n):
    deepest[0] = n
    yield from delegating(n + 1)
async def awaiting(n):
    deepest[0] = n
    await awaiting(n + 1)
""")
def through_c(n):
    deepest[0] = n
    return sorted([1], key=lambda item: through_c(n + 1))
deepest = [0]
def limit(what, run):
    deepest[0] = 0
    try:
        run()
    except RecursionError as error:
        print(what, deepest[0], str(error)[:60])
def all_of_them():
    limit('calls', lambda: down(0))
    limit('generators', lambda: list(nested(1)))
    if sys.version_info >= (3, ):
        limit('delegates', lambda: list(delegating(0)))
        limit('coroutines', lambda: awaiting(0).send(None))
    limit('through C', lambda: through_c(0))
    limit('attributes', lambda: Node(None).there)
    a = b = None
    for _ in range(sys.getrecursionlimit() + 10): a, b = Node(a), Node(b)
    limit('comparisons', lambda: a == b)
    while a: a, b = a.below, b.below
all_of_them()
sys.setrecursionlimit(3000)
all_of_them()
sys.setrecursionlimit(200)
all_of_them()
thread = threading.Thread(target=all_of_them)
thread.start()
thread.join()
'''


def depths(case, interpreter):
    db = same(case, [case.write('p.py', DEPTHS)], ['--python', interpreter.path])
    equal(pytrace.plain(db, 'SELECT ended_ns IS NOT NULL FROM processes'), [(1, )], 'the process ended')
    equal(pytrace.integrity(db), 'ok', 'integrity')
    check(count(db, 'down') > 1000, 'calls')


STACK_USE = MARK + '''
import resource
SIZE = 2 << 20
if len(sys.argv) == 1:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_STACK, (SIZE, SIZE))
    os.execv(sys.executable, [sys.executable, '-S', sys.argv[0], 'begin'])
sys.setrecursionlimit(10**8)
def down(n): return 0 if n == 0 else 1 + down(n - 1)
def fits(n):
    pid = os.fork()
    if pid == 0:
        down(n)
        os._exit(0)
    return os.waitpid(pid, 0)[1] == 0
low, high = 500, 20000
while high - low > 8:
    middle = (low + high) // 2
    low, high = (middle, high) if fits(middle) else (low, middle)
print(SIZE // low)
'''


def stack_use(case, interpreter):
    """What a call costs of the C stack, where every call of Python code is one of C: with the hook 32 bytes more, of some 400."""
    program = case.write('p.py', STACK_USE)
    plain = int(pytrace.run([interpreter.path, program], cwd=case.tmp).stdout)
    traced = pytrace.record(case.path('traces.sqlite'), ['--', interpreter.path, program], cwd=case.tmp)
    equal(traced.stderr, b'', 'stderr')
    check(100 < plain and plain - 2 <= int(traced.stdout) <= plain + 40, 'bytes a call: %d, traced %d' % (plain, int(traced.stdout)))


DEEP_GENERATORS = MARK + '''
def chain(n):
    if n == 0:
        for i in range(3):
            got = yield i
            mark(got or 0)
        raise KeyError('end')
    try:
        yield from chain(n - 1)
    finally:
        ended.append(n)
ended = []
sys.setrecursionlimit(2500)
g = chain(700)
print(next(g), g.send(5), g.send(6))
try:
    g.send(7)
except KeyError as error:
    print(error, len(ended), ended[:3])
ended = []
g = chain(700)
next(g)
g.close()
print(len(ended))
g = chain(700)
next(g)
try:
    g.throw(ValueError('thrown'))
except ValueError as error:
    print(error, len(ended))
g = chain(3)
next(g)
del g
print(ended[-3:])
'''


def deep_generators(case, interpreter):
    db = same(case, [case.write('p.py', DEEP_GENERATORS)], ['--python', interpreter.path])
    equal([n for _, n in marked(db)], ['5', '6', '7'], 'calls')


SIGNALS = MARK + '''
import signal, time
InterruptedError = getattr(__builtins__, 'InterruptedError', RuntimeError)
seen = []
def handler(number, frame):
    seen.append((number, frame.f_code.co_name))
    mark(number)
    if len(seen) % 50 == 0: raise InterruptedError(len(seen))
def busy(n):
    return n if n < 2 else busy(n - 1) + busy(n - 2)
signal.signal(signal.SIGUSR1, handler)
signal.signal(signal.SIGALRM, handler)
interrupted = 0
for _ in range(120):
    try:
        os.kill(os.getpid(), signal.SIGUSR1)
        mark(0)
    except InterruptedError:
        interrupted += 1
print(len(seen), interrupted, {name for _, name in seen})
# From the kernel's clock, at any instruction.
del seen[:]
signal.setitimer(signal.ITIMER_REAL, 0.002, 0.002)
rounds = 0
done = False
def wait():  # a function: the jump of a loop in the `try` itself is not covered by it
    while len(seen) < 101:
        assert busy(12) == 144
while not done:
    try:
        wait()
        done = True
    except InterruptedError:
        rounds += 1
signal.setitimer(signal.ITIMER_REAL, 0, 0)
print(rounds)
signal.signal(signal.SIGALRM, signal.SIG_DFL)
print(hasattr(signal, 'sigtimedwait') and signal.sigtimedwait([signal.SIGUSR2], 0))
'''


def signals(case, interpreter):
    db = same(case, [case.write('p.py', SIGNALS)], ['--python', interpreter.path])
    check(count(db, 'handler') >= 120 + 101, 'calls of the handler')
    check(count(db, 'handler', "outcome = 'exception'") >= 4, 'exceptions of the handler')


FAULTS = MARK + '''
import faulthandler, threading, time
def inner(n):
    %s
def outer(n):
    inner(n + 1)
mark(1)
outer(1)
'''


def faults(case, interpreter):
    """The traceback that a crash writes, and one that is asked for."""
    for code in ('faulthandler.dump_traceback(all_threads=False)', 'faulthandler._sigsegv()', 'faulthandler._fatal_error_c_thread()',
                 'faulthandler.register(10, all_threads=False); os.kill(os.getpid(), 10)', 'os.abort()'):
        if 'c_thread' in code and interpreter.version < (3, 9):
            continue
        db = same_command(case, [interpreter.path, '-X', 'faulthandler', case.write('p.py', FAULTS % code)], ['--new'],
                          mask=lambda text: b'\n'.join(line for line in text.split(b'\n') if b'0x' not in line))
        equal([n for _, n in marked(db)], ['1'], 'calls with ' + code)
        if 'abort' in code or 'segv' in code:
            equal(count(db, 'inner', 'outcome IS NULL'), 1, 'the call that never ended with ' + code)


MEMORY = MARK + '''
import gc, weakref
try: import tracemalloc
except ImportError: tracemalloc = None
class Thing(object):
    def method(self, other): return other
    def __del__(self): died.append('thing')
died = []
for _ in range(3): gc.collect()  # each untracks tuples of what the one before untracked
print('objects', len(gc.get_objects()), gc.get_count()[1:])
def count(thing, *rest, **more): return sys.getrefcount(thing), sys.getrefcount(rest), sys.getrefcount(more)
def gives(): return Thing()
def raises(thing): raise ValueError(thing)
thing = Thing()
if sys.version_info[:2] != (3, 11):
    # 3.11 runs every hooked call through C, where the caller keeps a reference to each argument, as 3.10 does.
    print('references', count(thing), count(thing, thing, a=thing))
print('references', sys.getrefcount(thing), sys.getrefcount(Thing), sys.getrefcount(count))
print('code', sys.getrefcount(count.__code__), sys.getrefcount(count.__globals__))
# Weak references die at the moment they die untraced: between these two lines, and when a frame ends.
def lives(thing):
    reference = weakref.ref(thing, lambda _: died.append('reference'))
    del thing
    return reference
print('dies', lives(Thing())(), died)
del died[:]
gives(); print('result dropped', died)
try: raises(Thing())
except ValueError: died.append('caught')
print('exception', died)
del died[:]
def generator(thing):
    yield thing
    yield 1
g = generator(Thing()); next(g); next(g); died.append('here'); del g
print('generator', died)
print('identity', thing.method(thing) is thing, count.__code__ is count.__code__)
gc.collect()
print('objects', len(gc.get_objects()), len(gc.garbage))
def kinds():
    found = {}
    for each in gc.get_objects(): found[type(each).__name__] = found.get(type(each).__name__, 0) + 1
    return sorted(found.items())
print(kinds())
if not tracemalloc: sys.exit(7)
tracemalloc.start(3)
kept = []
def keep(count):
    for n in range(1000, 1000 + count):
        kept.append(Thing())
        kept.append(mark(str(n)))
# A function's first call costs it a mark of ours.
keep(1)
before = tracemalloc.take_snapshot()
keep(100)
after = tracemalloc.take_snapshot()
own = [s for s in after.compare_to(before, 'lineno') if s.traceback[0].filename == __file__]
print(sorted((s.traceback[0].lineno, s.size_diff, s.count_diff) for s in own if s.size_diff or s.count_diff))
print(sorted({s.traceback[0].filename for s in after.statistics('filename')} - {__file__, tracemalloc.__file__}))
'''


def memory(case, interpreter):
    program = case.write('p.py', MEMORY)
    status = pytrace.run([interpreter.path, program], cwd=case.tmp).returncode
    equal(status, 0 if interpreter.version >= (3, ) else 7, 'exit status')
    same(case, [program], ['--python', interpreter.path])


each('depths', depths)
each('stack_use', stack_use, before=(3, 11))
each('deep_generators', deep_generators, since=(3, 6))
each('signals', signals, since=(2, 7))
each('faults', faults, since=(3, 6))
each('memory', memory, since=(2, 7))
