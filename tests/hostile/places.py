"""Paths that are not what they should be: links, folders, what belongs to others, what is read-only. One clear line,
nothing touched, and the program runs as ever."""
import os
import signal
import sqlite3
import subprocess
import time

from full import in_namespace, tmpfs
from support import pytrace
from support.suite import Skip, check, equal, test, wait_until

PROGRAM = '''
import os
def step(n): return n
for n in range(1000): step(n)
print('ran')
'''

LONG = '''
import sys
def step(n): return n
for n in range(200000): step(n)
print('half', flush=True)
sys.stdin.readline()
for n in range(200000): step(n)
'''


def refused(done, word):
    """The launcher says one line and does not even begin."""
    equal((done.returncode, done.stdout), (2, b''), 'outcome')
    check(done.stderr.count(b'\n') == 1 and word.encode() in done.stderr, 'stderr: %r' % done.stderr)


@test()
def a_link_at_the_databases_path(case):
    """To what is no recording, to one, to nothing."""
    recording = case.path('recording.sqlite')
    equal(pytrace.record(recording, ['-c', 'pass'], cwd=case.tmp).returncode, 0, 'status')
    wait_until(lambda: not os.path.exists(recording + '-wal'), what='its dumper has left')
    for number, target in enumerate((case.write('precious', 'precious'), recording, case.path('nothing'))):
        before = contents(target)
        link = case.path('traces-%d.sqlite' % number)
        os.symlink(target, link)
        refused(pytrace.record(link, [case.write('p.py', PROGRAM)], cwd=case.tmp), link)
        check(contents(target) == before, 'the file behind the link, %s, is another' % target)


def contents(path):
    if not os.path.exists(path):
        return None
    with open(path, 'rb') as file:
        return file.read()


@test()
def a_folder_at_the_databases_path(case):
    os.mkdir(case.path('traces.sqlite'))
    done = pytrace.record(case.path('traces.sqlite'), [case.write('p.py', PROGRAM)], cwd=case.tmp)
    refused(done, 'traces.sqlite')
    equal(os.listdir(case.path('traces.sqlite')), [], 'in the folder')


@test()
def another_users_database(case):
    if os.geteuid() != 0:
        raise Skip('needs root')
    db = case.path('traces.sqlite')
    equal(pytrace.record(db, [case.write('p.py', PROGRAM)], cwd=case.tmp).returncode, 0, 'status')
    os.chown(db, 12345, 12345)
    before = contents(db)
    done = pytrace.record(db, [case.path('p.py')], cwd=case.tmp)
    refused(done, 'traces.sqlite')
    check(contents(db) == before, 'it was written to')


@test()
def another_users_run_time_directory(case):
    """Where ours would be made: a link, a folder of somebody else, one that is open to all."""
    plant = ('ln -s {0} /dev/shm/pytrace-0', 'mkdir /dev/shm/pytrace-0 && chown 12345 /dev/shm/pytrace-0',
             'mkdir -m 777 /dev/shm/pytrace-0')
    os.mkdir(case.path('elsewhere'))
    for number, command in enumerate(plant):
        db = case.path('traces-%d.sqlite' % number)
        done = in_namespace(case, [tmpfs('/dev/shm', '200M'), command.format(case.path('elsewhere'))],
                            [pytrace.BIN, '-o', db, case.write('p.py', PROGRAM)])
        refused(done, '/dev/shm/pytrace-0')
        equal(os.listdir(case.path('elsewhere')), [], 'behind the link')


READ_ONLY_ROOT = 'mount -o remount,ro,bind / 2>/dev/null || mount --bind / / && mount -o remount,ro,bind /'


def recorded(case, mounts, db):
    """In such a place all of the program is recorded, and nobody is told anything."""
    case.write('p.py', PROGRAM)
    done = in_namespace(case, mounts, [pytrace.BIN, '-o', db, case.path('p.py')])
    equal((done.returncode, done.stdout, done.stderr), (0, b'ran\n', b''), 'outcome')
    equal(pytrace.value(db, "SELECT count(*) FROM calls WHERE func = 'step'"), 1000, 'calls')
    wait_until(lambda: not os.path.exists(db + '.run'), what='nothing is left beside the database')


def writable_folder(case):
    """A mount of its own."""
    os.mkdir(case.path('data'))
    return 'mount --bind {0} {0}'.format(case.path('data'))


@test()
def a_read_only_root(case):
    """The database's folder and /dev/shm can be written, nothing else."""
    recorded(case, [writable_folder(case), READ_ONLY_ROOT], case.path('data/traces.sqlite'))


@test()
def nothing_but_the_databases_folder_can_be_written(case):
    """Not even /dev/shm: the run-time directory lies beside the database."""
    mounts = [writable_folder(case), 'mount -t tmpfs -o ro,size=200M none /dev/shm', READ_ONLY_ROOT]
    recorded(case, mounts, case.path('data/traces.sqlite'))


@test()
def no_place_for_shared_memory(case):
    """As in a chroot: there is no /dev/shm."""
    dev = case.path('dev')
    mounts = ['mkdir ' + dev]
    for name in ('null', 'zero', 'urandom'):
        mounts.append('touch {0}/{1} && mount --bind /dev/{1} {0}/{1}'.format(dev, name))
    recorded(case, mounts + ['mount --rbind %s /dev' % dev], case.path('traces.sqlite'))


@test()
def a_read_only_folder(case):
    db = case.path('data/traces.sqlite')
    mounts = [writable_folder(case), 'mount -o remount,ro,bind ' + case.path('data')]
    done = in_namespace(case, mounts, [pytrace.BIN, '-o', db, case.write('p.py', PROGRAM)])
    refused(done, 'Read-only file system')


@test()
def a_small_shared_memory(case):
    """As a container has it: 64 MB, which a few processes would fill; and who else uses it would find it full."""
    db = case.path('traces.sqlite')
    program = case.write('p.py', PROGRAM.replace('range(1000)', 'range(2000000)'))
    done = in_namespace(case, [tmpfs('/dev/shm', '64M')], [pytrace.BIN, '-o', db, program])
    equal((done.returncode, done.stdout, done.stderr), (0, b'ran\n', b''), 'outcome')
    equal(pytrace.value(db, "SELECT count(*) FROM calls WHERE func = 'step'"), 2000000, 'calls')
    equal(pytrace.plain(db, "SELECT value FROM meta WHERE key = 'rundir'"), [(db + '.run',)], 'the run-time directory')


@test()
def process_1_of_a_container(case):
    """When it ends, its dumper is killed and the shared memory is gone."""
    db = case.path('traces.sqlite')
    program = case.write('p.py', PROGRAM.replace("print('ran')", "print('ran', os.getpid())"))
    for _ in range(5):
        if os.path.exists(db):
            os.unlink(db)
        command = ['env', 'LD_PRELOAD=' + pytrace.PRELOAD, 'PYTRACE_DB=' + db, pytrace.PYTHON, program]
        done = in_namespace(case, [tmpfs('/dev/shm', '200M')],
                            ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child', *command])
        equal((done.returncode, done.stdout, done.stderr), (0, b'ran 1\n', b''), 'outcome')
        equal(pytrace.value(db, "SELECT count(*) FROM calls WHERE func = 'step'"), 1000, 'calls')


@test()
def pytrace_is_process_1_of_a_container(case):
    """It has every orphan for a child, and reaps them."""
    db = case.path('traces.sqlite')
    program = case.write(
        'p.py', """
import os, subprocess, time
for n in range(5):
    subprocess.run(['sh', '-c', 'true & exit 0'])
def is_zombie(pid):
    try:
        return ') Z' in open('/proc/%s/stat' % pid).read()
    except OSError:  # it was reaped meanwhile
        return False
def zombies():
    return [entry for entry in os.listdir('/proc') if entry.isdigit() and is_zombie(entry)]
deadline = time.monotonic() + 60
while zombies() and time.monotonic() < deadline: time.sleep(0.01)
print(os.getppid(), zombies())
""")
    done = in_namespace(case, [tmpfs('/dev/shm', '200M')],
                        ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child', pytrace.BIN, '-o', db, program])
    equal((done.returncode, done.stdout, done.stderr), (0, b'1 []\n', b''), 'outcome')
    check(pytrace.value(db, 'SELECT count(*) FROM calls') > 5, 'calls')


@test()
def a_database_that_is_locked(case):
    """Another program holds the write lock: the guest waits with a full buffer, and nothing is lost."""
    db = case.path('traces.sqlite')
    process = subprocess.Popen([pytrace.BIN, '-o', db, '--buffer', '1M', case.write('p.py', LONG)], cwd=case.tmp,
                               env=pytrace.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        equal(process.stdout.readline(), b'half\n', 'output')
        other = sqlite3.connect(db, timeout=600, isolation_level=None)
        other.execute('BEGIN IMMEDIATE')
        process.stdin.write(b'go on\n')
        process.stdin.flush()
        # It fills its buffer and waits; the recorder waits for us.
        wait_until(lambda: waits(process.pid), what='the guest waits')
        time.sleep(1.5)  # longer than one attempt of the dumper
        check(process.poll() is None, 'the program ended while its buffer was full')
        other.execute('ROLLBACK')
        other.close()
        process.communicate(timeout=pytrace.TIMEOUT)
        equal(process.returncode, 0, 'exit status')
    finally:
        process.kill()
    equal(pytrace.value(db, "SELECT count(*) FROM calls WHERE func = 'step'"), 400000, 'calls')
    equal(pytrace.value(db, 'SELECT count(*) FROM losses'), 0, 'losses')


def waits(launcher):
    """Whether the launcher's child sits in a futex."""
    try:
        with open('/proc/%d/task/%d/children' % (launcher, launcher)) as file:
            child = file.read().split()[0]
        with open('/proc/%s/syscall' % child) as file:
            return file.read().split()[0] == '202'
    except (OSError, IndexError):
        return False


@test()
def a_suspended_program(case):
    """Stopped and continued, as ^Z and fg do."""
    db = case.path('traces.sqlite')
    process = subprocess.Popen([pytrace.BIN, '-o', db, '--', pytrace.PYTHON, case.write('p.py', LONG)], cwd=case.tmp,
                               env=pytrace.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        equal(process.stdout.readline(), b'half\n', 'output')
        with open('/proc/%d/task/%d/children' % (process.pid, process.pid)) as file:
            child = int(file.read().split()[0])
        os.kill(child, signal.SIGSTOP)
        # What it had done is committed while it stands still.
        count = "SELECT sum(calls) FROM functions WHERE func = 'step'"
        wait_until(lambda: os.path.exists(db) and pytrace.plain(db, count)[0][0] == 200000, what='the commit')
        # As `fg` does it: pytrace, which stands still with its program, goes on as well.
        os.kill(child, signal.SIGCONT)
        os.kill(process.pid, signal.SIGCONT)
        process.communicate(b'go on\n', timeout=pytrace.TIMEOUT)
        equal(process.returncode, 0, 'exit status')
    finally:
        process.kill()
    equal(pytrace.plain(db, count)[0][0], 400000, 'calls')
