"""Things in the run-time directory that no part of pytrace put there."""
import os
import random
import shutil
import signal

from publisher import Publisher, dumper_of
from support import pytrace
from support.suite import equal, test, wait_until

PROGRAM = 'def f(n): return n\nfor n in range(1000): f(n)\n'


@test()
def rubbish_in_the_run_time_directory(case):
    program = case.write('p.py', PROGRAM)
    db = case.path('traces.sqlite')
    equal(pytrace.record(db, [program], cwd=case.tmp).returncode, 0, 'status')
    rundir = pytrace.plain(db, "SELECT value FROM meta WHERE key = 'rundir'")[0][0]
    os.makedirs(rundir, mode=0o700, exist_ok=True)
    try:
        for name, data in (('empty.seg', b''), ('short.seg', b'pytrseg1'), ('random.seg', random.randbytes(1 << 20)),
                           ('zero.seg', bytes(1 << 20)),
                           ('magic.seg', b'pytrseg1' + b'\1\0\0\0' + random.randbytes(1 << 18)), ('no-segment', b'x')):
            with open(os.path.join(rundir, name), 'wb') as file:
                file.write(data)
        os.mkdir(os.path.join(rundir, 'folder.seg'))
        os.mkfifo(os.path.join(rundir, 'fifo.seg'))
        os.symlink('/etc/passwd', os.path.join(rundir, 'link.seg'))
        for _ in range(2):
            done = pytrace.record(db, [program], ['--new'], cwd=case.tmp, timeout=pytrace.TIMEOUT)
            equal((done.returncode, done.stdout, done.stderr), (0, b'', b''), 'outcome')
            equal(pytrace.value(db, "SELECT count(*) FROM calls WHERE func = 'f'"), 1000, 'calls')
            equal(pytrace.integrity(db), 'ok', 'integrity')
    finally:
        shutil.rmtree(rundir, ignore_errors=True)


def has_calls(db):
    tables = pytrace.plain(db, "SELECT count(*) FROM sqlite_master WHERE name = 'blocks'")[0][0]
    return tables and pytrace.plain(db, 'SELECT count(*) FROM blocks')[0][0]


@test()
def damaged_segments_of_the_right_shape(case):
    """A segment that a killed guest left, with bytes changed at random: whatever comes out, the dumper lives and the
    database is whole."""
    guest = Publisher(case, pytrace.PYTHON, name='d')
    pid = guest.wait_for_calls(2000)
    wait_until(lambda: os.path.exists(guest.db) and has_calls(guest.db), what='a commit')
    os.kill(dumper_of(guest.db), signal.SIGSTOP)
    os.kill(guest.process.pid, signal.SIGKILL)
    os.kill(pid, signal.SIGKILL)
    os.kill(dumper_of(guest.db), signal.SIGKILL)
    guest.process.wait()
    rundir = pytrace.plain(guest.db, "SELECT value FROM meta WHERE key = 'rundir'")[0][0]
    saved = case.path('saved')
    shutil.copytree(rundir, saved)
    shutil.rmtree(rundir)
    segment = next(name for name in os.listdir(saved) if name.endswith('.seg'))
    with open(os.path.join(saved, segment), 'rb') as file:
        whole = file.read(4 << 20)
    for round_ in range(100 if case.all else 15):
        damaged = bytearray(whole)
        for _ in range(random.choice((1, 10, 1000))):
            damaged[random.choice((random.randrange(4096), random.randrange(min(len(whole), 1 << 18)),
                                   random.randrange(len(whole))))] = random.randrange(256)
        db = case.path('d%d.sqlite' % round_)
        equal(pytrace.record(db, [case.write('p.py', PROGRAM)], cwd=case.tmp).returncode, 0, 'status')
        rundir = pytrace.plain(db, "SELECT value FROM meta WHERE key = 'rundir'")[0][0]
        os.makedirs(rundir, mode=0o700, exist_ok=True)
        with open(os.path.join(rundir, segment), 'wb') as file:
            file.write(damaged)
        os.truncate(os.path.join(rundir, segment), os.path.getsize(os.path.join(saved, segment)))
        done = pytrace.record(db, [case.write('p.py', PROGRAM)], cwd=case.tmp, timeout=pytrace.TIMEOUT)
        equal((done.returncode, done.stderr), (0, b''), 'outcome in round %d' % round_)
        equal(pytrace.value(db, "SELECT count(*) FROM calls WHERE func = 'f' AND run != 1"), 1000,
              'calls of the run in round %d' % round_)
        equal(pytrace.integrity(db), 'ok', 'integrity')
