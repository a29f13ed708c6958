"""The dumper dies, or stands still."""
import json
import os
import random
import select
import signal
import sqlite3
import subprocess
import time

from places import waits
from publisher import Publisher, check_calls, dumper_of
from support import interpreters, pytrace
from support.suite import add, check, equal, test, wait_until

CALLS = 80000
STEPS = ("SELECT a.value FROM calls c JOIN arguments a ON a.call_id = c.id WHERE c.func = 'step' AND a.name = 'n' "
         "ORDER BY c.id")


def kill_dumper(db):
    pid = dumper_of(db)
    if pid:
        os.kill(pid, signal.SIGKILL)
    return pid


def killed_in_the_middle(interpreter):
    def body(case):
        guest = Publisher(case, interpreter.path, 2, CALLS, 'for thread in others: thread.join()', ['--buffer', '1M'],
                          rest=0.002)
        killed, deadline = 0, time.monotonic() + pytrace.TIMEOUT
        # Not after the end: the launcher gives up on a dumper that dies three times without having written anything.
        while guest.process.poll() is None and min(guest.published()) < CALLS * 0.9:
            if time.monotonic() > deadline:
                guest.process.kill()
                raise AssertionError('the program does not get on: %s' % guest.published())
            killed += kill_dumper(guest.db) is not None
            time.sleep(0.6 * random.random())
        guest.finish(0)
        check(killed > 1, 'hardly any dumper was there')
        check_calls(guest.db, [CALLS, CALLS], exactly=True)
        broken = pytrace.broken_invariants(guest.db)
        check(not broken, '; '.join(broken))

    return body


for each in interpreters.chosen():
    add('dumper_killed_in_the_middle@' + interpreters.name(each), killed_in_the_middle(each))


@test()
def both_killed_then_the_next_run_drains(case):
    for round_ in range(5):
        guest = Publisher(case, pytrace.PYTHON, name='b%d' % round_)
        pid = guest.wait_for_calls(100 * round_ + 1)
        wait_until(lambda: os.path.exists(guest.db) and dumper_of(guest.db), what='a dumper')
        os.kill(dumper_of(guest.db), signal.SIGSTOP)  # so that nobody drains between the two kills
        os.kill(guest.process.pid, signal.SIGKILL)  # the launcher would start another
        time.sleep(0.02 * random.random())
        os.kill(pid, signal.SIGKILL)
        kill_dumper(guest.db)
        guest.process.wait()
        done = pytrace.record(guest.db, ['-c', 'def after(): pass\nafter()'], cwd=case.tmp)
        equal((done.returncode, done.stderr), (0, b''), 'the next run')
        check_calls(guest.db, guest.published())
        equal(pytrace.value(guest.db, "SELECT count(*) FROM calls WHERE func = 'after'"), 1, 'calls of the next run')
        equal(pytrace.value(guest.db, 'SELECT count(*) FROM processes WHERE ended_ns IS NULL'), 0,
              'processes without an end')
        equal(pytrace.value(guest.db, 'SELECT count(*) FROM runs'), 2, 'runs')


# Waits for a line before and after the loop, so that the test can stop the dumper around it.
STEADY = '''
import sys
def step(n):
    return n
def loop(count):
    for n in range(count):
        step(n)
step(-1)
print('ready', flush=True)
sys.stdin.readline()
loop(%d)
print('done', flush=True)
sys.stdin.readline()
'''


class Steady:
    def __init__(self, case, calls, options, program=STEADY):
        self.db = case.path('traces.sqlite')
        self.process = subprocess.Popen([pytrace.BIN, '-o', self.db, *options,
                                         case.write('p.py', program % calls)], cwd=case.tmp, env=pytrace.environment(),
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        equal(self.line(), b'ready\n', 'output')
        self.dumper = wait_until(lambda: dumper_of(self.db), what='a dumper')
        os.kill(self.dumper, signal.SIGSTOP)
        self.say()

    def line(self):
        """What the program says next; nothing, if it is held up."""
        return self.process.stdout.readline() if self.speaks(120) else b''

    def speaks(self, seconds=0):
        return bool(select.select([self.process.stdout], [], [], seconds)[0])

    def wait_until_full(self):
        """The program waits for room; or, which is for the test to find out, it goes on without."""
        wait_until(lambda: waits(self.process.pid) or self.speaks(), what='the program waits')

    def say(self):
        self.process.stdin.write(b'go on\n')
        self.process.stdin.flush()

    def finish(self):
        self.process.communicate(timeout=pytrace.TIMEOUT)
        equal(self.process.returncode, 0, 'exit status')

    def release(self):
        os.kill(self.dumper, signal.SIGCONT)

    def kill(self):
        self.process.kill()
        self.release()


@test()
def stopped_dumper_and_drop(case):
    calls = 300000
    guest = Steady(case, calls, ['--buffer', '1M', '--on-full', 'drop'])
    try:
        equal(guest.line(), b'done\n', 'the program is not held up')
        guest.release()
        guest.say()
        guest.finish()
    finally:
        guest.kill()
    connection = pytrace.connect(guest.db)
    entered, returned = connection.execute(
        "SELECT count(*), sum(outcome = 'return') FROM calls WHERE func = 'step'").fetchone()
    enters, leaves, rows = connection.execute('SELECT sum(enters), sum(leaves), count(*) FROM losses').fetchone()
    check(rows and 0 < entered < calls, 'nothing was dropped')
    equal({row[0] for row in connection.execute('SELECT DISTINCT reason FROM losses')}, {'full'}, 'reasons')
    lost_others = enters + entered - (calls + 1)
    check(0 <= lost_others <= 50, 'calls recorded %d, lost %d, made %d' % (entered, enters, calls + 1))
    # Of the calls whose start was lost nobody counts the ends.
    check(0 <= leaves + returned - entered <= 50, 'calls recorded %d, ends %d, lost %d' % (entered, returned, leaves))
    check(
        connection.execute("SELECT count(*) FROM traces WHERE kind = 'lost'").fetchone()[0] == rows,
        'losses among the events')
    # What is there is right: values rise, parents are right.
    values = [int(row[0]) for row in connection.execute(STEPS)]
    check(values == sorted(set(values)), 'values are not in order')
    equal(
        connection.execute("SELECT count(*) FROM calls c WHERE func = 'step' AND depth NOT IN (1, 2)").fetchone()[0], 0,
        'steps with a wrong depth')
    connection.close()
    equal(pytrace.integrity(guest.db), 'ok', 'integrity')


# Four threads lose calls side by side, each below the same open ones, and go on when the dumper does, until they are
# told to stop. What each has made is written down.
THREADS = '''
import _thread, json, sys, threading
def inner(thread, n): return n
def outer(thread, n): return inner(thread, n)
def deep(thread, level):
    if level: return deep(thread, level - 1)
    for n in range(%d * (thread + 1)): outer(thread, n)
    half[thread].release()
    gate[thread].acquire()
    while not stop:
        n += 1
        outer(thread, n)
        pause.acquire(True, 0.001)
    made[thread] = (threading.get_native_id(), n + 1)
def body(thread):
    deep(thread, 5)
    half[thread].release()
threads = range(4)
half, gate, pause = [_thread.allocate_lock() for n in threads], [_thread.allocate_lock() for n in threads], _thread.allocate_lock()
made, stop = {}, []
for lock in [*half, *gate, pause]: lock.acquire()
print('ready', flush=True)
sys.stdin.readline()
for n in threads: _thread.start_new_thread(body, (n,))
for n in threads: half[n].acquire()
print('half', flush=True)
sys.stdin.readline()
for n in threads: gate[n].release()
sys.stdin.readline()
stop.append(1)
for n in threads: half[n].acquire()
print(json.dumps(made), flush=True)
sys.stdin.readline()
'''


def check_thread(connection, thread, tid, made):
    """All calls of the thread are recorded or counted, and each has the newest recorded of its callers as parent."""
    calls = connection.execute('SELECT id, parent_id, func, depth, outcome FROM calls WHERE tid = ? ORDER BY id',
                               (tid,)).fetchall()
    enters, leaves = connection.execute(
        'SELECT sum(l.enters), sum(l.leaves) FROM losses l JOIN threads t ON t.id = l.thread WHERE t.tid = ?',
        (tid,)).fetchone()
    equal(len(calls) + enters, 1 + 6 + 2 * made, 'thread %d: calls recorded and lost' % thread)
    equal(sum(call[4] == 'return' for call in calls) + leaves, len(calls), 'thread %d: ends recorded and lost' % thread)
    reasons = connection.execute(
        'SELECT DISTINCT l.reason FROM losses l JOIN threads t ON t.id = l.thread WHERE t.tid = ?', (tid,)).fetchall()
    equal([row[0] for row in reasons], ['full'], 'thread %d: reasons' % thread)
    arguments = {
        row[0]: int(row[1])
        for row in connection.execute(
            "SELECT a.call_id, a.value FROM arguments a JOIN calls c ON c.id = a.call_id "
            "WHERE c.tid = ? AND (a.name = 'n' OR a.name = 'level')", (tid,))
    }
    known = {(call[2], arguments.get(call[0])): call[0] for call in calls}
    equal(len(known), len(calls), 'thread %d: calls that differ' % thread)
    below = [('deep', level) for level in range(6)] + [('body', None)]
    for id_, parent, func, depth, _ in calls:
        n = arguments.get(id_)
        callers = {
            'inner': [('outer', n)] + below,
            'outer': below,
            'deep': below[(n or 0) + 1:] if func == 'deep' else [],
            'body': []
        }[func]
        there = [known[caller] for caller in callers if caller in known]
        equal((parent, depth), (there[0] if there else None, len(there)), 'thread %d: parent and depth of %s(%s)' %
              (thread, func, n))
    return max(arguments[call[0]] for call in calls if call[2] == 'inner')


def found_so_far(db, sql):
    """As pytrace.value; None while the dumper, which was stopped early, has not even made the tables."""
    try:
        return pytrace.value(db, sql)
    except sqlite3.OperationalError as error:
        if 'no such table' in str(error) or 'unable to open' in str(error):
            return None
        raise


@test()
def stopped_dumper_and_drop_in_many_threads(case):
    calls = 20000
    guest = Steady(case, calls, ['--buffer', '1M', '--on-full', 'drop'], THREADS)
    try:
        equal(guest.line(), b'half\n', 'the program is not held up')
        guest.release()
        guest.say()
        count = ("SELECT count(*) FROM (SELECT c.tid FROM calls c JOIN arguments n ON n.call_id = c.id JOIN arguments t"
                 " ON t.call_id = c.id WHERE c.func = 'inner' AND n.name = 'n' AND t.name = 'thread' AND "
                 "CAST(n.value AS INTEGER) > (CAST(t.value AS INTEGER) + 1) * %d GROUP BY c.tid)" % calls)
        wait_until(lambda: found_so_far(guest.db, count) == 4, what='all threads are recorded again')
        guest.say()
        made = json.loads(guest.line())
        guest.say()
        guest.finish()
    finally:
        guest.kill()
    connection = pytrace.connect(guest.db)
    for thread, (tid, n) in sorted(made.items()):
        newest = check_thread(connection, int(thread), tid, n)
        check(newest >= calls * (int(thread) + 1), 'thread %s has nothing after its loss' % thread)
    connection.close()
    equal(pytrace.integrity(guest.db), 'ok', 'integrity')


@test()
def stopped_dumper_and_block(case):
    calls = 300000
    guest = Steady(case, calls, ['--buffer', '1M'])
    try:
        guest.wait_until_full()
        guest.release()
        equal(guest.line(), b'done\n', 'output')
        guest.say()
        guest.finish()
    finally:
        guest.kill()
    values = [row['value'] for row in pytrace.rows(guest.db, STEPS)]
    check(values == [str(n) for n in range(-1, calls)], '%d calls, must be %d' % (len(values), calls + 1))
    equal(pytrace.value(guest.db, 'SELECT count(*) FROM losses'), 0, 'losses')


@test()
def dumper_killed_while_the_guest_waits_for_room(case):
    calls = 300000
    guest = Steady(case, calls, ['--buffer', '1M'])
    try:
        guest.wait_until_full()
        os.kill(guest.dumper, signal.SIGKILL)
        equal(guest.line(), b'done\n', 'output')
        guest.say()
        guest.finish()
    finally:
        guest.process.kill()
    equal(pytrace.value(guest.db, "SELECT count(*) FROM calls WHERE func = 'step'"), calls + 1, 'calls')
    equal(pytrace.value(guest.db, 'SELECT count(*) FROM losses'), 0, 'losses')


@test()
def signals_do_not_reach_the_dumper(case):
    """The dumper is nobody's child and in nobody's group: ^C on the terminal is not for it."""
    guest = Steady(case, 10, [])
    try:
        guest.release()
        equal(guest.line(), b'done\n', 'output')
        with open('/proc/%d/stat' % guest.dumper) as file:
            fields = file.read().rsplit(')', 1)[1].split()
        check(int(fields[1]) not in (guest.process.pid, os.getpid()), 'the dumper is a child of the run')
        check(
            int(fields[2]) != os.getpgid(guest.process.pid) and int(fields[3]) != os.getsid(guest.process.pid),
            'the dumper is in the group of the run')
        descriptors = [
            os.readlink('/proc/%d/fd/%s' % (guest.dumper, fd)) for fd in os.listdir('/proc/%d/fd' % guest.dumper)
        ]
        check(not [target for target in descriptors if target.startswith('pipe:')],
              "the dumper holds the program's pipes: %s" % descriptors)
        equal(os.readlink('/proc/%d/cwd' % guest.dumper), '/', 'working folder of the dumper')
        guest.say()
        guest.finish()
    finally:
        guest.kill()
