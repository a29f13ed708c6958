"""Other tools in the same process: both work, and neither loses or gains an event. What a tool found is compared with and without us."""
import glob
import os
import time

from common import MARK, each, python_with
from support import pytrace
from support.outcome import complete, count, marked, same, same_command
from support.suite import Skip, check, equal, test

LIBRARIES = ('/usr/lib/*-linux-gnu', '/usr/lib64', '/usr/lib', '/lib/*-linux-gnu')


def library(*patterns):
    for folder in LIBRARIES:
        for pattern in patterns:
            for path in sorted(glob.glob(os.path.join(folder, pattern))):
                return path
    raise Skip('no ' + ' or '.join(patterns))


BESIDE = MARK + '''
import subprocess, threading
for n in range(1000): mark(n)
thread = threading.Thread(target=lambda: [mark(n) for n in range(1000, 2000)])
thread.start()
thread.join()
data = [bytes(n) for n in range(2000)]
del data
if len(sys.argv) == 1:
    print(subprocess.run([sys.executable, sys.argv[0], 'child']).returncode)
'''


def preloaded(case, path, **env):
    """Beside another preloaded library: put in front by the user, and as the only word in a child's environment."""
    program = case.write('p.py', BESIDE)
    env = pytrace.environment(LD_PRELOAD=path, **env)
    db = same_command(case, [pytrace.PYTHON, program], env=env)
    calls = marked(db)
    equal(sorted(int(n) for _, n in calls), sorted(list(range(2000)) * 2), 'calls')
    equal(len({pid for pid, _ in calls}), 2, 'processes')
    complete(db)
    return db


@test()
def jemalloc(case):
    preloaded(case, library('libjemalloc.so.2'))


@test()
def address_sanitizer(case):
    preloaded(case, library('libasan.so.8', 'libasan.so.6'), ASAN_OPTIONS='detect_leaks=0')


@test()
def faketime(case):
    """The program lives in another year, the recording in this one."""
    path = library('faketime/libfaketime.so.1')
    begin = time.time_ns()
    db = preloaded(case, path, FAKETIME='2001-02-03 04:05:06')
    program = case.write('year.py', MARK + 'import time\nmark(time.localtime().tm_year)\n')
    env = pytrace.environment(LD_PRELOAD=path, FAKETIME='2001-02-03 04:05:06')
    equal([n for _, n in marked(same_command(case, [pytrace.PYTHON, program], ['--new'], env=env))], ['2001'], 'the year')
    check(begin <= pytrace.value(db, 'SELECT started_ns FROM processes') <= time.time_ns(), 'the process began in this year')
    outside = pytrace.value(db, 'SELECT count(*) FROM calls WHERE NOT start_ns BETWEEN %d AND %d' % (begin, time.time_ns()))
    equal(outside, 0, 'calls of another time')


PROFILERS = MARK + '''
import cProfile, io, pstats, threading
def outer(n):
    return [mark(n), inner(n)]
def inner(n):
    try:
        return mark(n) + len(str(n))
    finally:
        list(generate(n))
def generate(n):
    for i in range(n):
        yield mark(i)
class Broken(Exception): pass
def fails():
    mark(0)
    raise Broken()

profile = cProfile.Profile()
profile.enable()
for n in range(5): outer(n)
try: fails()
except Broken: pass
profile.disable()
stats = pstats.Stats(profile, stream=io.StringIO()).stats
print(sorted((key[2], key[1], value[0], value[1], sorted((k[2], v[:2] if isinstance(v, tuple) else v) for k, v in value[4].items()))
             for key, value in stats.items() if key[2] in ('outer', 'mark', 'inner', 'generate', 'fails', '<built-in method builtins.len>')))

profiled = []  # not the list below: the thread's last calls may come after it was joined
def profiler(frame, event, arg):
    profiled.append((event, frame.f_code.co_name, frame.f_lineno, getattr(arg, '__name__', None)))
sys.setprofile(profiler)
threading.setprofile(profiler)
for n in range(3): outer(n)
thread = threading.Thread(target=outer, args=(2,))
thread.start()
thread.join()
try: fails()
except Broken: pass
sys.setprofile(None)
threading.setprofile(None)
own = ('outer', 'mark', 'inner', 'generate', 'fails')
print(len([e for e in profiled if e[1] in own]), [e for e in profiled if e[1] in own])

events = []
def tracer(frame, event, arg):
    if frame.f_code.co_name not in own: return None
    events.append((event, frame.f_code.co_name, frame.f_lineno, frame.f_locals.get('n')))
    if sys.version_info >= (3, 7): frame.f_trace_opcodes = frame.f_code.co_name == 'inner'
    return tracer
sys.settrace(tracer)
for n in range(3): outer(n)
try: fails()
except Broken: pass
sys.settrace(None)
print(len(events), events)
'''


def profilers(case, interpreter):
    db = same(case, [case.write('p.py', PROFILERS)], ['--python', interpreter.path])
    mark = sum(2 + n for n in range(5)) + 1 + sum(2 + n for n in range(3)) + 4 + 1 + sum(2 + n for n in range(3)) + 1
    equal(count(db, 'mark'), mark, 'calls')
    equal(count(db, 'fails', "outcome = 'exception'"), 3, 'exceptions')


DEBUGGED = MARK + '''
def work(n):
    total = 0
    for i in range(n):
        total += mark(i)
    return total
print(work(4))
'''
COMMANDS = b'''break 7
continue
p i, total
step
where
args
continue
p total
clear 1
tbreak work
next
disable
continue
quit
'''


def debugger(case, interpreter):
    db = same_command(case, [interpreter.path, '-m', 'pdb', case.write('p.py', DEBUGGED)], input=COMMANDS)
    check(count(db, 'mark') >= 4, 'calls')
    if (3, ) <= interpreter.version < (3, 12):  # what comes from a trace function is told neither to sys.monitoring nor to the profile function
        check(count(db, 'user_line') > 0, "the debugger's own calls")


MONITORS = MARK + '''
monitoring = sys.monitoring
events, E = [], monitoring.events
def work(n):
    total = 0
    for i in range(n):
        if i % 2:
            total += mark(i)
    return total
def lines(code, line):
    if code.co_name in ('work', 'mark'): events.append(('line', code.co_name, line))
    return monitoring.DISABLE
def starts(code, offset):
    if code.co_name in ('work', 'mark'): events.append(('start', code.co_name, offset))
    return monitoring.DISABLE if code.co_name == 'mark' else None
def returns(code, offset, value):
    if code.co_name in ('work', 'mark'): events.append(('return', code.co_name, offset, value))
def jumps(code, offset, to):
    if code.co_name in ('work', 'mark'): events.append(('branch', offset, to))
for tool in (0, 1, 2, 5, 4, 3):
    try:
        monitoring.use_tool_id(tool, 'tool%d' % tool)
    except ValueError:
        continue
    if tool == 1:
        for event, callback in ((E.LINE, lines), (E.PY_START, starts), (E.PY_RETURN, returns), (E.JUMP, jumps)):
            monitoring.register_callback(tool, event, callback)
        monitoring.set_events(tool, E.LINE | E.PY_START | E.PY_RETURN | E.JUMP)
    if tool == 2:
        monitoring.register_callback(tool, E.PY_START, lambda code, offset: events.append(('tool 2', code.co_name)))
        monitoring.set_local_events(tool, mark.__code__, E.PY_START)
for round in range(3):
    work(6)
    monitoring.restart_events()
monitoring.set_events(1, 0)
monitoring.free_tool_id(1)
work(3)
print(len(events), events)
'''


def monitoring_tools(case, interpreter):
    db = same(case, [case.write('p.py', MONITORS)], ['--python', interpreter.path])
    equal((count(db, 'work'), count(db, 'mark')), (4, 3 * 3 + 1), 'calls')
    complete(db)


each('profilers', profilers, since=(2, 7))
each('debugger', debugger, since=(2, 7))
each('monitoring_tools', monitoring_tools, since=(3, 12))


COVERED = MARK + '''
import unittest
class Odd(Exception): pass
def branches(n):
    if n % 2:
        raise Odd(mark(n))
    while n:
        n -= 2
    else:
        mark(n)
    return [i for i in range(3) if i]
class Tests(unittest.TestCase):
    def test_even(self): self.assertEqual(branches(4), [1, 2])
    def test_odd(self): self.assertRaises(Odd, branches, 3)
    @unittest.skipIf(True, 'so')
    def test_skipped(self): mark(99)
'''


@test()
def coverage(case):
    python = python_with(case, 'coverage', 'coverage')
    case.write('covered.py', COVERED)
    reports = []
    for prefix in ([], [pytrace.BIN, '-o', case.path('traces.sqlite'), '--']):
        words = [python, '-m', 'coverage', 'run', '--branch', '-m', 'unittest', '-v', 'covered']
        pytrace.run(prefix + words, cwd=case.tmp)
        done = pytrace.run([python, '-m', 'coverage', 'json', '-o', '-'], cwd=case.tmp)
        reports.append((done.returncode, done.stdout.split(b'"files"')[1]))
    equal(reports[1], reports[0], 'what coverage found')
    equal([n for _, n in marked(case.path('traces.sqlite'))], ['0', '3'], 'calls')


@test()
def pytest(case):
    python = python_with(case, 'pytest', 'pytest')
    case.write('test_it.py', COVERED + 'def test_fails(capsys):\n    mark(5)\n    print(1)\n    assert mark(6) == 7\n')
    db = same_command(case, [python, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', 'test_it.py'])
    equal([n for _, n in marked(db)], ['0', '3', '5', '6'], 'calls')


NUMPY = MARK + '''
import numpy
def average(a): return mark(int(a.mean()))
a = numpy.arange(12.0).reshape(3, 4)
print(average(a), (a @ a.T).tolist(), numpy.linalg.inv(numpy.eye(3) * 2).tolist())
print(numpy.vectorize(lambda n: mark(int(n)) + 1)(a[0]), numpy.apply_along_axis(average, 0, a))
print(numpy.frompyfunc(mark, 1, 1)(numpy.arange(3)))
'''


@test()
def numpy(case):
    python = python_with(case, 'numpy', 'numpy')
    db = same(case, [case.write('p.py', NUMPY)], ['--python', python])
    check(count(db, 'mark') >= 11, 'calls')
    equal(pytrace.value(
        db, "SELECT a.type FROM arguments a JOIN calls c ON c.id = a.call_id WHERE c.func = 'average' AND a.name = 'a' LIMIT 1"),
        'numpy.ndarray', 'the type of an argument')
    complete(db)
