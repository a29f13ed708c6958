"""What somebody removes or replaces while it is recorded into, and what is right behind the end of a run."""
import os
import shutil
import sqlite3
import subprocess

from support import pytrace
from support.suite import check, equal, test, wait_until

HALVES = '''
import sys
def step(n): return n
for n in range(%(calls)d): step(n)
print('half', flush=True)
sys.stdin.readline()
for n in range(%(calls)d): step(n)
print('ran')
'''
CALLS = 100000
STEPS = "SELECT count(*) FROM calls WHERE func = 'step'"


class Halves:
    """A program that waits between its two halves until `go_on`; the first one is committed then."""
    def __init__(self, case, db, launcher=True, options=()):
        program = case.write('p.py', HALVES % {'calls': CALLS})
        command = [pytrace.BIN, '-o', db, *options, program] if launcher else [pytrace.PYTHON, program]
        env = pytrace.environment() if launcher else pytrace.preload_environment(db)
        self.db = db
        self.process = subprocess.Popen(command, cwd=case.tmp, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        equal(self.process.stdout.readline(), b'half\n', 'output')
        wait_until(lambda: committed(db) == CALLS, what='the commit of the first half')
        self.rundir = pytrace.plain(db, "SELECT value FROM meta WHERE key = 'rundir'")[0][0]

    def go_on(self):
        """Returns what the rest wrote to stderr."""
        output, errors = self.process.communicate(b'go on\n', timeout=pytrace.TIMEOUT)
        equal((self.process.returncode, output), (0, b'ran\n'), 'outcome: %r' % errors)
        return errors

    def left_nothing(self):
        wait_until(lambda: not os.path.exists(self.rundir), what='the run-time directory is gone')

    def end(self):
        self.process.kill()
        self.process.communicate()


def committed(db):
    try:
        return pytrace.plain(db, "SELECT sum(calls) FROM functions WHERE func = 'step'")[0][0]
    except sqlite3.OperationalError:
        return 0


def remove(db):
    for end in ('', '-wal', '-shm'):
        if os.path.exists(db + end):
            os.unlink(db + end)


@test()
def a_database_that_is_removed(case):
    """What comes after is in a new one."""
    run = Halves(case, case.path('traces.sqlite'))
    try:
        remove(run.db)
        equal(run.go_on(), b'', 'stderr')
    finally:
        run.end()
    equal(pytrace.value(run.db, STEPS), CALLS, 'calls of the second half')
    equal(pytrace.integrity(run.db), 'ok', 'integrity')
    run.left_nothing()


@test()
def a_database_that_another_recording_takes_the_place_of(case):
    """It goes on in the other one, and keeps what that had."""
    other = case.path('other.sqlite')
    equal(pytrace.record(other, ['-c', 'def before(): pass\nbefore()'], cwd=case.tmp).returncode, 0, 'status')
    wait_until(lambda: not os.path.exists(other + '-wal'), what='the other dumper has left')
    run = Halves(case, case.path('traces.sqlite'))
    try:
        remove(run.db)
        os.rename(other, run.db)
        equal(run.go_on(), b'', 'stderr')
    finally:
        run.end()
    equal(pytrace.value(run.db, STEPS), CALLS, 'calls of the second half')
    equal(pytrace.value(run.db, "SELECT count(*) FROM calls WHERE func = 'before'"), 1, 'calls of the other run')
    equal(pytrace.integrity(run.db), 'ok', 'integrity')
    run.left_nothing()


@test()
def a_database_that_another_file_takes_the_place_of(case):
    """It is left as it is, the program runs on, and one line says why there is no more."""
    text = b'this is not a database, but longer than the header of one would be\n' * 20
    run = Halves(case, case.path('traces.sqlite'))
    try:
        remove(run.db)
        with open(run.db, 'wb') as file:
            file.write(text)
        errors = run.go_on()
    finally:
        run.end()
    check(errors.count(b'\n') == 1 and b'traces.sqlite' in errors, 'stderr: %r' % errors)
    with open(run.db, 'rb') as file:
        equal(file.read(), text, 'the file')
    shutil.rmtree(run.rundir, ignore_errors=True)  # the records wait for a database


def folder_removed(case, launcher):
    folder = case.path('folder')
    os.mkdir(folder)
    run = Halves(case, os.path.join(folder, 'traces.sqlite'), launcher)
    try:
        shutil.rmtree(folder)
        errors = run.go_on()
    finally:
        run.end()
    run.left_nothing()
    check(not os.path.exists(folder), 'the folder is there again')
    return errors


@test()
def a_folder_that_is_removed(case):
    """Nobody will ask for these records: the shared memory is given back, and one line says so."""
    errors = folder_removed(case, launcher=True)
    check(errors.count(b'\n') == 1 and b'was removed' in errors, 'stderr: %r' % errors)


@test()
def a_folder_that_is_removed_under_the_preload(case):
    equal(folder_removed(case, launcher=False), b'', 'stderr')


@test()
def a_folder_that_comes_back(case):
    """As when a build empties its folder: what the program does from then on is recorded."""
    folder = case.path('folder')
    os.mkdir(folder)
    run = Halves(case, os.path.join(folder, 'traces.sqlite'))
    try:
        shutil.rmtree(folder)
        wait_until(lambda: os.path.exists(run.rundir + '/error'), what='the dumper has seen it')
        os.mkdir(folder)
        wait_until(lambda: not os.path.exists(run.rundir + '/error'), what='the dumper goes on')
        equal(run.go_on(), b'', 'stderr')
    finally:
        run.end()
    equal(pytrace.value(run.db, STEPS), CALLS, 'calls of the second half')
    run.left_nothing()


@test()
def a_folder_that_is_moved_away_and_back(case):
    """With the database in it: the recording goes on in that, as if nothing had been."""
    folder = case.path('folder')
    os.mkdir(folder)
    run = Halves(case, os.path.join(folder, 'traces.sqlite'))
    try:
        os.rename(folder, case.path('elsewhere'))
        wait_until(lambda: os.path.exists(run.rundir + '/error'), what='the dumper has seen it')
        os.rename(case.path('elsewhere'), folder)
        wait_until(lambda: not os.path.exists(run.rundir + '/error'), seconds=20, what='the dumper goes on')
        equal(run.go_on(), b'', 'stderr')
    finally:
        run.end()
    equal(pytrace.value(run.db, STEPS), 2 * CALLS, 'calls of both halves')
    equal(pytrace.plain(run.db, 'SELECT count(*) FROM processes')[0][0], 1, 'processes')
    equal(pytrace.integrity(run.db), 'ok', 'integrity')
    run.left_nothing()


@test()
def new_right_behind_a_run(case):
    """The dumper of the run before waits a second for another process, but not when somebody waits for it to leave."""
    db = case.path('traces.sqlite')

    def moment(*options):
        """When the program of a run was there."""
        done = pytrace.record(db, ['-c', 'import time; print(time.monotonic())'], options, cwd=case.tmp)
        equal((done.returncode, done.stderr), (0, b''), 'outcome')
        return float(done.stdout)

    # The second of the dumper's begins behind the first program, and the second program behind the dumper: however busy
    # the machine is, no less than a second lies between the two if the dumper waits.
    between = []
    for _ in range(20):  # the machine may be busy, but not each time
        first = moment()
        between.append(moment('--new') - first)
        equal(pytrace.plain(db, 'SELECT count(*) FROM runs')[0][0], 1, 'runs')
        if between[-1] < 1:
            return
    check(False, 'the next program begins %.2f s or more after the one before' % min(between))
