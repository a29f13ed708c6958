"""Kills at random moments, of the guest, of the dumper, of both: nothing is lost or doubled, and nothing stays behind."""
import contextlib
import os
import random
import signal
import time

from publisher import Publisher, check_calls, dumper_of, pause
from support import interpreters, pytrace
from support.suite import add, check, equal, wait_until

PARTS = 20  # so that a few run side by side
CALLS = 20000


class Round:
    """One guest, killed in one way. `rundir` is where nothing may be left a moment later."""
    def __init__(self, case, interpreter, number):
        options = random.choice(([], ['--buffer', '1M'], ['--buffer', '256K']))
        self.threads = random.choice((1, 1, 1, 2, 3))
        self.how = random.choice(('guest', 'guest', 'dumper', 'both', 'both', 'all'))
        self.case = case
        # Whose guest lives on ends after some calls, the others go on until they are killed.
        calls = CALLS if self.how == 'dumper' else 10**9
        self.guest = Publisher(case, interpreter.path, self.threads, calls,
                               'for thread in others: thread.join()', options, name='r%d' % number,
                               rest=random.choice((0, 0, 0.001)) if self.how != 'dumper' else 0.001)

    def kill_dumper(self):
        pid = dumper_of(self.guest.db)
        if pid:
            os.kill(pid, signal.SIGKILL)

    def run(self):
        guest = self.guest
        # From before the first call to a long while after it.
        pid = guest.wait_for_calls(random.choice((0, 1, 1, 1000)))
        if pid == 0:
            pid = wait_until(guest.pid, what='the program')
        time.sleep(pause())
        if self.how == 'dumper':
            for _ in range(random.randint(1, 3)):
                self.kill_dumper()
                time.sleep(pause())
            guest.finish(0)
        else:
            if self.how == 'all':
                os.kill(guest.process.pid, signal.SIGKILL)  # the launcher, which would see to the rest
            steps = [lambda: os.kill(pid, signal.SIGKILL)] + ([self.kill_dumper] if self.how != 'guest' else [])
            random.shuffle(steps)
            for step in steps:
                try:
                    step()
                except ProcessLookupError:  # killed along with the launcher
                    pass
            guest.finish(None if self.how == 'all' else 128 + signal.SIGKILL)
        if self.how == 'all':
            # Whoever records into this database next takes over.
            done = pytrace.record(guest.db, ['-c', 'def after(): pass\nafter()'], cwd=self.case.tmp)
            equal((done.returncode, done.stderr), (0, b''), 'the next run')
        check_calls(guest.db, guest.published(), exactly=self.how == 'dumper')
        equal(pytrace.plain(guest.db, 'SELECT count(*) FROM processes WHERE ended_ns IS NULL')[0][0], 0,
              'processes without an end')
        return guest.db, pytrace.plain(guest.db, "SELECT value FROM meta WHERE key = 'rundir'")[0][0]


def check_gone(case, db, rundir):
    wait_until(lambda: not os.path.exists(rundir) or not dumper_of(db), what='the dumper has left')
    if not os.path.exists(rundir):
        return
    # It was killed in its last second, when the launcher had gone. No record is there; the next run tidies up.
    check(not set(os.listdir(rundir)) - {'control', 'lock'}, 'left: %s' % os.listdir(rundir))
    pytrace.record(db, ['-c', 'pass'], cwd=case.tmp)
    wait_until(lambda: not os.path.exists(rundir), what='%s is gone' % rundir)


def part(interpreter, part_number):
    def body(case):
        rundirs = []
        for number in range(1000 // PARTS if case.all else 3):
            one = Round(case, interpreter, number)
            try:
                rundirs.append(one.run())
            except AssertionError as error:
                raise AssertionError('round %d, %s killed, %d threads: %s' % (number, one.how, one.threads, error))
            finally:
                one.guest.process.kill()
                one.guest.process.wait()
            if number % 10 == 9:
                for name in os.listdir(case.tmp):
                    with contextlib.suppress(FileNotFoundError):  # a dumper that leaves takes its journal along
                        os.unlink(case.path(name))
        for db, rundir in rundirs:
            check_gone(case, db, rundir)

    return body


_all = interpreters.chosen()
for number in range(PARTS):
    each = _all[number % len(_all)]
    add('kill_rounds_%02d@%s' % (number, interpreters.name(each)), part(each, number))
