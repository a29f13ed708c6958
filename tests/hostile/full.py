"""No room: in shared memory, on the disk. The program runs on as if nothing were wrong."""
import os

from support import pytrace
from support.suite import Skip, check, equal, test, wait_until

PROGRAM = '''
def step(n): return n
for n in range(300000): step(n)
print('ran')
'''


def in_namespace(case, mounts, command):
    """Runs a command in a mount namespace of its own, with file systems of a chosen size."""
    if os.geteuid() != 0 or pytrace.run(['unshare', '-m', 'true']).returncode:
        raise Skip('needs root and mount namespaces')
    script = 'mount --make-rprivate / && ' + ' && '.join(mounts) + ' && exec "$@"'
    done = pytrace.run(['unshare', '-m', 'sh', '-c', script, 'sh', *command], cwd=case.tmp)
    return done


def tmpfs(path, size):
    return 'mount -t tmpfs -o size=%s none %s' % (size, path)


@test()
def shared_memory_is_nearly_full(case):
    """The segment cannot grow beyond its first step: the program waits for the dumper, and everything is recorded."""
    program = case.write('p.py', PROGRAM)
    db = case.path('traces.sqlite')
    done = in_namespace(case, [tmpfs('/dev/shm', '130M'), 'head -c 134600000 /dev/zero > /dev/shm/filler'],
                        [pytrace.BIN, '-o', db, program])
    equal((done.returncode, done.stdout, done.stderr), (0, b'ran\n', b''), 'outcome')
    equal(pytrace.value(db, "SELECT count(*) FROM calls WHERE func = 'step'"), 300000, 'calls')
    equal(pytrace.value(db, 'SELECT count(*) FROM losses'), 0, 'losses')
    equal(pytrace.integrity(db), 'ok', 'integrity')


@test()
def shared_memory_is_nearly_full_and_drop(case):
    program = case.write('p.py', PROGRAM)
    db = case.path('traces.sqlite')
    done = in_namespace(case, [tmpfs('/dev/shm', '130M'), 'head -c 134600000 /dev/zero > /dev/shm/filler'],
                        [pytrace.BIN, '-o', db, '--on-full', 'drop', program])
    equal((done.returncode, done.stdout, done.stderr), (0, b'ran\n', b''), 'outcome')
    recorded = pytrace.value(db, "SELECT count(*) FROM calls WHERE func = 'step'")
    lost = pytrace.value(db, 'SELECT coalesce(sum(enters), 0) FROM losses')
    check(300000 <= recorded + lost <= 300100, 'recorded %d, lost %d, made 300000' % (recorded, lost))
    equal(pytrace.integrity(db), 'ok', 'integrity')


@test()
def shared_memory_is_full_to_the_last_byte(case):
    """Nothing can be recorded, which is said once. The same where there is room for the control page and no more."""
    program = case.write('p.py', PROGRAM)
    for spare in (0, 4096):
        db = case.path('traces-%d.sqlite' % spare)
        fill = '(cat /dev/zero > /dev/shm/filler 2>/dev/null; truncate -s -%d /dev/shm/filler)' % spare
        left = ['sh', '-c', '"$@"; status=$?; ls -A /dev/shm/pytrace-*; exit $status', 'sh']
        done = in_namespace(case, [tmpfs('/dev/shm', '130M'), fill], left + [pytrace.BIN, '-o', db, program])
        equal((done.returncode, done.stdout.split()[:1]), (0, [b'ran']), 'outcome with %d bytes: %s' % (spare, done.stderr))
        check(done.stderr.count(b'\n') == 1 and b'No space left' in done.stderr, 'stderr: %r' % done.stderr)
        equal(done.stdout.split()[1:], [], 'left in the run-time directory')


@test()
def no_shared_memory_at_all(case):
    """A container with 64 MB or less: the run-time directory lies beside the database."""
    program = case.write('p.py', PROGRAM)
    db = case.path('traces.sqlite')
    done = in_namespace(case, [tmpfs('/dev/shm', '1M')], [pytrace.BIN, '-o', db, program])
    equal((done.returncode, done.stdout, done.stderr), (0, b'ran\n', b''), 'outcome')
    equal(pytrace.value(db, "SELECT count(*) FROM calls WHERE func = 'step'"), 300000, 'calls')
    wait_until(lambda: not os.path.exists(db + '.run'), what='the run-time directory is gone')


def disk_is_full(case, mounts, least):
    """Whoever runs it, and whoever reads it afterwards, is told so; what was committed can be read."""
    program = case.write('p.py', PROGRAM + 'import random\nfor n in range(200000): step(str(random.random()) * 6)\n')
    os.mkdir(case.path('small'))
    db = case.path('small/traces.sqlite')
    # The namespace goes with its command, so what must be seen of the file system is looked at from inside.
    script = """
        "$@" 2> run.err; echo status $?
        {bin} sql -f {db} --format csv "SELECT count(*) FROM calls WHERE func = 'step'" 2> sql.err | tail -n 1
        {bin} --count {db} > text.out 2> text.err
        {bin} export -f {db} --format sqlite out.sqlite 2> export.err
        sqlite3 {db} "PRAGMA integrity_check"
    """.format(bin=pytrace.BIN, db=db)
    done = in_namespace(case, mounts + [tmpfs(case.path('small'), '4M')],
                        ['sh', '-c', script, 'sh', pytrace.BIN, '-o', db, program])
    lines = done.stdout.decode().split()
    equal(lines[:3] + lines[4:], ['ran', 'status', '0', 'ok'], 'program, status, integrity (stderr: %r)' % done.stderr)
    check(least <= int(lines[3]) < 500000, 'calls that were committed: %s' % lines[3])
    for who in ('run', 'sql', 'text', 'export'):
        with open(case.path(who + '.err')) as file:
            said = file.read()
        equal(said.count('the disk is full; make room for ' + db), 1, '%s, of the full disk: %r' % (who, said))
        check(who == 'run' or said.count('\n') == 1, '%s says more: %r' % (who, said))


@test()
def the_disk_is_full(case):
    disk_is_full(case, [], least=1)


@test()
def the_disk_is_full_and_there_is_no_shared_memory(case):
    """The run-time directory lies on the full disk, too, and may have taken all of it."""
    disk_is_full(case, [tmpfs('/dev/shm', '1M')], least=0)
