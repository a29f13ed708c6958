"""A database that takes its time: a slow disk, a lock that another program holds."""
import os
import signal
import sqlite3
import subprocess
import time

from places import waits
from publisher import dumper_of
from support import pytrace
from support.suite import Skip, check, equal, test, wait_until

PROGRAM = '''
import sys
def step(n): return n
for n in range(%(before)d): step(n)
print('half', flush=True)
sys.stdin.readline()
for n in range(%(after)d): step(n)
'''


class Run:
    def __init__(self, case, before, after):
        self.db = case.path('traces.sqlite')
        program = case.write('p.py', PROGRAM % {'before': before, 'after': after})
        self.process = subprocess.Popen([pytrace.BIN, '-o', self.db, '--buffer', '1M', program], cwd=case.tmp,
                                        env=pytrace.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        self.calls = before + after
        equal(self.process.stdout.readline(), b'half\n', 'output')

    def go_on(self):
        self.process.stdin.write(b'go on\n')
        self.process.stdin.flush()

    def finish(self):
        _, errors = self.process.communicate(timeout=pytrace.TIMEOUT)
        equal((self.process.returncode, errors), (0, b''), 'outcome')
        self.check()

    def check(self):
        values = [
            row['value'] for row in pytrace.rows(
                self.db, "SELECT a.value FROM calls c JOIN arguments a ON a.call_id = c.id "
                "WHERE c.func = 'step' AND a.name = 'n' ORDER BY c.id")
        ]
        equal(len(values), self.calls, 'calls')
        check(values.count('7') == 2, 'a call is doubled')
        equal(pytrace.value(self.db, 'SELECT count(*) FROM losses'), 0, 'losses')
        equal(pytrace.integrity(self.db), 'ok', 'integrity')


def lock(db, mode='NORMAL'):
    other = sqlite3.connect(db, timeout=600, isolation_level=None)
    other.execute('PRAGMA locking_mode = ' + mode)
    other.execute('BEGIN IMMEDIATE')
    return other


@test()
def a_slow_disk(case):
    """Every write of the dumper takes 20 ms: the program waits for it, and all is recorded."""
    run = Run(case, 1000, 200000)
    log = case.path('strace.log')
    tracer = None
    try:
        dumper = wait_until(lambda: dumper_of(run.db), what='a dumper')
        tracer = subprocess.Popen(['strace', '-f', '-o', log, '-e', 'trace=pwrite64,fdatasync,fsync', '-e',
                                   'inject=pwrite64,fdatasync,fsync:delay_enter=20000', '-p', str(dumper)],
                                  stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        if b'attached' not in tracer.stderr.readline():
            raise Skip('needs a strace that may attach')
        run.go_on()
        run.finish()
        with open(log) as file:
            check(file.read().count('DELAYED') > 10, 'the disk was not slow')
    except FileNotFoundError:
        raise Skip('needs strace')
    finally:
        run.process.kill()
        if tracer is not None:
            tracer.kill()
            tracer.communicate()


@test()
def a_dumper_that_is_told_to_leave_while_the_database_is_locked(case):
    """It does not wait for the lock: what it has not written is safe where it is, and the next one takes over."""
    run = Run(case, 1000, 200000)
    try:
        other = lock(run.db)
        run.go_on()
        wait_until(lambda: waits(run.process.pid), what='the guest waits')
        first = dumper_of(run.db)
        os.kill(first, signal.SIGTERM)
        wait_until(lambda: dumper_of(run.db) != first, what='the dumper leaves')
        check(run.process.poll() is None, 'the program did not wait')
        other.execute('ROLLBACK')
        other.close()
        run.finish()
    finally:
        run.process.kill()


@test()
def a_database_that_is_locked_before_the_run(case):
    db = case.path('traces.sqlite')
    equal(pytrace.record(db, ['-c', 'pass'], cwd=case.tmp).returncode, 0, 'status')
    wait_until(lambda: not os.path.exists(db + '-wal'), what='the dumper has left')
    other = lock(db, 'EXCLUSIVE')  # nobody else may even read
    run = Run(case, 1000, 200000)
    try:
        run.go_on()
        wait_until(lambda: waits(run.process.pid), what='the guest waits')
        time.sleep(1.5)  # longer than one attempt of the dumper
        other.execute('ROLLBACK')
        other.close()
        run.finish()
    finally:
        run.process.kill()
