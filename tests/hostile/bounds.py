"""Much of one thing: functions, types, text, threads, processes, generators. All is recorded, and memory stays in
proportion to what is alive."""
import os
import subprocess
import threading
import time

from support import pytrace
from support.suite import check, equal, test

FUNCTIONS = '''
for n in range(%d):
    scope = {}
    exec('def made_%%d(a): return a' %% n, scope)
    scope['made_%%d' %% n](n)
print('ran')
'''

TYPES = '''
def take(value): return None
for n in range(%d):
    take(type('Made%%d' %% n, (), {})())
print('ran')
'''

ARGUMENTS = '''
def little(n): return n
def many(size):
    scope = {}
    exec('def many%d(%s): return 1' % (size, ', '.join('a%d' % n for n in range(size))), scope)
    return scope['many%d' % size]
long = many(20000)
for n in range(20):
    for _ in range(n * 100): little(n)
    many(9000)(*range(9000))  # each a new function, whose names come with its first call
    long(*range(20000))
many(70000)(*range(70000))
print('ran')
'''

TEXT = '''
def take(text, data): return len(text)
for n in range(5):
    take('x' * 100_000_000, b'y' * 100_000_000)
print('ran')
'''

THREADS = '''
import threading
threading.stack_size(65536)
def work(n): return n
gate = threading.Event()
def body(n):
    work(n)
    gate.wait()
    work(-n)
count = %d
threads = [threading.Thread(target=body, args=(n,)) for n in range(1, count + 1)]
for thread in threads: thread.start()
gate.set()
for thread in threads: thread.join()
print('ran')
'''

GENERATORS = '''
def numbers(n):
    yield n
    yield -n
held = [numbers(n) for n in range(%d)]
for generator in held: next(generator)
for generator in held: next(generator)
print('ran')
'''

PROCESSES = '''
import subprocess, sys
count = %d
alive = [subprocess.Popen([sys.executable, '-S', '-E', '-c', 'def job(n): return n\\njob(%%d)' %% n])
         for n in range(count)]
for process in alive:
    if process.wait(): sys.exit('a child failed')
print('ran')
'''


class Peak(threading.Thread):
    """The largest memory of their own that a database's dumper and the program had."""
    def __init__(self, db):
        super().__init__(daemon=True)
        self.db, self.dumper, self.program, self.launcher, self.done = db, 0, 0, 0, threading.Event()

    def run(self):
        while not self.done.wait(0.05):
            for pid in filter(str.isdigit, os.listdir('/proc')):
                try:
                    with open('/proc/%s/cmdline' % pid, 'rb') as file:
                        words = file.read().split(b'\0')
                    with open('/proc/%s/status' % pid) as file:
                        status = dict(line.split(':', 1) for line in file)
                    megabytes = int(status['RssAnon'].split()[0]) / 1024
                    if words[0].endswith(b'pytrace-dumper') and self.db.encode() in words:
                        self.dumper = max(self.dumper, megabytes)
                    if int(status['PPid']) == self.launcher:
                        self.program = max(self.program, megabytes)
                except (OSError, KeyError, IndexError):
                    pass


def ran(case, text, options=(), megabytes=None):
    db = case.path('traces.sqlite')
    peak = Peak(db)
    peak.start()
    begin = time.monotonic()
    process = subprocess.Popen([pytrace.BIN, '-o', db, *options, case.write('p.py', text)], cwd=case.tmp,
                               env=pytrace.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    peak.launcher = process.pid
    output, errors = process.communicate(timeout=3600)
    peak.done.set()
    peak.join()
    if case.all:
        print('     %s: %.0f s, the dumper had %.0f MB of its own, the program %.0f MB; the database has %.0f MB' %
              (case.name, time.monotonic() - begin, peak.dumper, peak.program, pytrace.size(db) / 1e6))
    equal((process.returncode, output, errors), (0, b'ran\n', b''), 'outcome')
    equal(pytrace.value(db, 'SELECT count(*) FROM losses'), 0, 'losses')
    equal(pytrace.integrity(db), 'ok', 'integrity')
    if megabytes:
        check(peak.dumper < megabytes, 'the dumper had %d MB of its own' % peak.dumper)
    return db


LONG_NAMES = """
import threading
long = 2000000
scope = {}
def take(value): return value
exec('def %s(%s=1): return 1' % ('a' * long, 'b' * long), scope)
exec(compile('def of_long_file(): return 1', 'f' * long, 'exec'), scope)
for n in range(3):
    scope['a' * long]()
    scope['of_long_file']()
take(type('K' * long, (), {})())
thread = threading.Thread(target=take, args=(1, ), name='t' * 1000)
thread.start()
thread.join()
print('ran')
"""


@test()
def long_names(case):
    """Of what fits no record the first part is kept; dots say so."""
    program, db = case.write('p.py', LONG_NAMES), case.path('traces.sqlite')
    done = pytrace.record(db, [program])
    equal((done.returncode, done.stdout, done.stderr), (0, b'ran\n', b''), 'outcome')
    function = pytrace.rows(db, "SELECT count(*) AS n, length(func) AS l, substr(func, -4) AS e FROM calls WHERE func LIKE 'aaa%'")
    equal(function, [{'n': 3, 'l': 8192, 'e': 'a...'}], 'a long name')
    file = pytrace.rows(db, "SELECT calls AS n, length(file) AS l, substr(file, -4) AS e FROM functions WHERE func = 'of_long_file'")
    equal(file, [{'n': 3, 'l': 8192, 'e': 'f...'}], 'a long file')
    kind = pytrace.value(db, "SELECT max(type) FROM arguments WHERE name = 'value' AND type LIKE '%KKK%'")
    check(kind.endswith('K...') and len(kind) == 1024, 'type: %d, %s' % (len(kind), kind[-8:]))
    equal(pytrace.plain(db, "SELECT count(*) FROM threads WHERE name = '%s'" % ('t' * 1000)), [(1, )], 'threads')
    equal(pytrace.value(db, 'SELECT count(*) FROM losses'), 0, 'losses')


@test()
def many_functions(case):
    count = 1_000_000 if case.all else 50_000
    db = ran(case, FUNCTIONS % count, megabytes=100 + count * 1000 / 1e6)
    equal(pytrace.plain(db, "SELECT count(*), sum(calls) FROM functions WHERE func LIKE 'made\\_%' ESCAPE '\\'")[0],
          (count, count), 'functions and calls')


@test()
def many_types(case):
    count = 300_000 if case.all else 20_000
    db = ran(case, TYPES % count, megabytes=200)
    equal(
        pytrace.value(
            db, "SELECT count(DISTINCT a.type) FROM arguments a JOIN calls c ON c.id = a.call_id WHERE c.func = 'take' "
            "AND a.name = 'value'"), count, 'types')


@test()
def many_arguments(case):
    """More than a chunk holds, after much and after little else in it: the call is there, with what fits."""
    db = ran(case, ARGUMENTS)
    equal(pytrace.value(db, "SELECT sum(calls) FROM functions WHERE func GLOB 'many[0-9]*'"), 41, 'calls')
    kept = pytrace.rows(
        db, "SELECT substr(c.func, 5) + 0 AS size, count(*) AS n, max(a.position) AS last, sum(a.value = '...') AS cut "
        "FROM arguments a JOIN calls c ON c.id = a.call_id WHERE c.func GLOB 'many[0-9]*' AND a.name LIKE 'a%' GROUP BY a.call_id")
    equal(len(kept), 41, 'calls with arguments')
    for row in kept:
        check(row['n'] == row['last'] + 1 and row['n'] >= 1000, 'the first thousand at least are there by name: %s' % row)
        check(row['n'] == row['size'] if row['cut'] == 0 else row['cut'] == 1, 'it is said that the rest is missing: %s' % row)


@test()
def large_values(case):
    """Of 100 MB of text the beginning is kept, and that there was more."""
    db = ran(case, TEXT, megabytes=100)
    shown = pytrace.rows(db, "SELECT a.value FROM arguments a JOIN calls c ON c.id = a.call_id WHERE c.func = 'take' "
                         "AND a.name IN ('text', 'data')")
    equal(len(shown), 10, 'values')
    for row in shown:
        check('...' in row['value'][-4:] and len(row['value']) < 10_000, 'value: %s' % row['value'][:50])


@test(alone=True)
def many_threads(case):
    count = 10_000 if case.all else 1000
    db = ran(case, THREADS % count, megabytes=200)
    equal(pytrace.value(db, "SELECT count(*) FROM calls WHERE func = 'work'"), 2 * count, 'calls')
    check(pytrace.plain(db, 'SELECT count(*) FROM threads')[0][0] > count, 'threads')


@test()
def many_suspended_generators(case):
    count = 1_000_000 if case.all else 100_000
    db = ran(case, GENERATORS % count, megabytes=100)
    equal(pytrace.value(db, "SELECT count(*) FROM calls WHERE func = 'numbers' AND outcome = 'yield'"), 2 * count, 'runs')


@test(alone=True)
def many_short_processes(case):
    count = 500 if case.all else 150
    db = ran(case, PROCESSES % count)
    equal(
        pytrace.value(
            db, "SELECT count(DISTINCT c.pid * 1000000 + a.value) FROM calls c JOIN arguments a ON a.call_id = c.id "
            "WHERE c.func = 'job' AND a.name = 'n'"), count, 'processes, each with its call')
