"""A process that may have little: file sizes, memory, descriptors. The program runs on, and what is missing is said with its
cure."""
import os

from support import interpreters, pytrace
from support.outcome import count
from support.suite import Skip, add, check, equal, test, wait_until

PROGRAM = 'def step(n): return n\nfor n in range(2000): step(n)\nprint("ran")\n'


def limited(case, limit, command, **how):
    return pytrace.run(['sh', '-c', 'ulimit %s && exec "$@"' % limit, 'sh', *command], cwd=case.tmp, **how)


def limited_recording(case, limit, program=PROGRAM):
    """A recording under a limit: what was said, and the database."""
    program, db = case.write('p.py', program), case.path('traces.sqlite')
    done = limited(case, limit, [pytrace.BIN, '-o', db, program])
    equal((done.returncode, done.stdout), (0, b'ran\n'), 'outcome with ulimit ' + limit)
    return done.stderr.decode(), db


def calls_of_newest(db):
    return count(db, 'step', 'run = (SELECT max(id) FROM runs)')


def files_may_not_be_long(interpreter):
    """SIGXFSZ ends whoever does not ignore it, and Python begins to only after we have."""
    def body(case):
        program = case.write('p.py', PROGRAM)
        for blocks in (0, 6, 200):  # of 512 bytes
            db = case.path('traces-%d.sqlite' % blocks)
            for words, env in (([interpreter.path], pytrace.preload_environment(db)),
                               ([pytrace.BIN, '-o', db, '--python', interpreter.path], None)):
                done = limited(case, '-f %d' % blocks, [*words, program], env=env)
                equal((done.returncode, done.stdout), (0, b'ran\n'), 'outcome with %d blocks' % blocks)
                said = done.stderr.decode()
                check(said.count('\n') == 1 and 'raise its limit (ulimit -f)' in said, 'stderr: ' + said)
                check(not os.path.exists(pytrace.rundir_of(db)), 'a run-time directory is left by ' + words[0])
        with open(case.path('err'), 'wb') as err:  # of which no line may be written
            done = limited(case, '-f 0', ['sh', '-c', 'exec "$@" 2> ' + err.name, 'sh', interpreter.path, program],
                           env=pytrace.preload_environment(db))
        equal((done.returncode, done.stdout), (0, b'ran\n'), 'outcome with a file as stderr')

    return body


for each in interpreters.chosen():
    add('files_may_not_be_long@' + interpreters.name(each), files_may_not_be_long(each))


@test()
def files_may_be_longer_for_the_dumper(case):
    """The buffer is made to fit; what the dumper may have, it takes."""
    said, db = limited_recording(case, '-S -f 1000')
    equal((said, count(db, 'step')), ('', 2000), 'stderr, calls')


@test()
def the_database_may_not_be_long(case):
    """Nothing is lost without a word."""
    long = PROGRAM + 'import random\nfor n in range(50000): step(str(random.random()))\n'
    said, db = limited_recording(case, '-f 800', long)  # of 512 bytes
    lost = pytrace.value(db, "SELECT coalesce(sum(enters), 0) FROM losses")
    if said:
        check(said.count('\n') == 1 and 'raise it (ulimit -f)' in said, 'stderr: ' + said)
    else:
        check(count(db, 'step') + lost >= 52000, '%d lost' % lost)
    equal(pytrace.integrity(db), 'ok', 'integrity')


MEMORY = """
def grow(kept): kept.append(bytearray(1 << 20))
kept = []
try:
    while True: grow(kept)
except MemoryError: pass
made = len(kept)
del kept
print(made)
"""


def address_space(interpreter):
    """A limit of it is the program's: of that a sixteenth at most is ours."""
    def body(case):
        program = case.write('p.py', MEMORY)
        for mebibytes in (80, 200):
            db, limit = case.path('traces-%d.sqlite' % mebibytes), '-v %d' % (mebibytes << 10)
            plain = int(limited(case, limit, [interpreter.path, program]).stdout)
            done = limited(case, limit, [pytrace.BIN, '-o', db, '--python', interpreter.path, program])
            equal((done.returncode, done.stderr), (0, b''), 'outcome with %d MB' % mebibytes)
            made = int(done.stdout)
            check(plain > 20 and made >= plain - mebibytes / 16 - 4, 'of %d MB it has %d, untraced %d' % (mebibytes, made, plain))
            equal(count(db, 'grow'), made + 1, 'calls')

    return body


for each in interpreters.chosen():
    add('address_space@' + interpreters.name(each), address_space(each))


BUFFER = """
import os, sys
def f(n): return n
f(1)
print(max(os.path.getsize(os.path.join(sys.argv[1], name)) for name in os.listdir(sys.argv[1]) if name.endswith('.seg')))
"""


class ControlGroup:
    """One of our own below the one we are in, with so much memory."""
    def __init__(self, memory):
        with open('/proc/self/cgroup') as file:
            groups = [line.rstrip('\n').split(':', 2) for line in file]
        first = next((group for _, names, group in groups if 'memory' in names.split(',')), None)
        second = next((group for number, names, group in groups if number == '0'), '')
        base = '/sys/fs/cgroup' + (second if first is None else '/memory' + first)
        self.path = '%s/pytrace-test-%d' % (base, os.getpid())
        try:
            os.mkdir(self.path)
            with open(self.path + ('/memory.max' if first is None else '/memory.limit_in_bytes'), 'w') as file:
                file.write(str(memory))
        except OSError as error:
            self.remove()
            raise Skip('no control group with a limit can be made: %s' % error)

    def remove(self):
        # Its last process, the dumper, may be about to leave.
        wait_until(lambda: not os.path.isdir(self.path) or not self.members(), what='the group is empty')
        if os.path.isdir(self.path):
            os.rmdir(self.path)

    def members(self):
        with open(self.path + '/cgroup.procs') as file:
            return file.read()


@test()
def a_control_group_has_little_memory(case):
    """What runs out of it is killed: the buffer is a sixteenth at most, unless one says how much."""
    program, db = case.write('p.py', BUFFER), case.path('traces.sqlite')
    group = ControlGroup(256 << 20)
    try:
        sizes = {}
        for options in ((), ('--buffer', '32M')):
            words = ['sh', '-c', 'echo $$ > %s/cgroup.procs && exec "$@"' % group.path, 'sh']
            done = pytrace.run([*words, pytrace.BIN, '-o', db, '--new', *options, program, pytrace.rundir_of(db)])
            equal((done.returncode, done.stderr), (0, b''), 'outcome')
            sizes[options] = int(done.stdout) >> 20
        little, said = sizes.values()
        check(8 < little <= 17 and 32 <= said < 35, 'MiB: %s' % sizes)  # with what is not buffer
    finally:
        group.remove()


@test()
def few_descriptors(case):
    """Whatever there are: it ends, and either all is recorded or a line says why not."""
    for most in range(7, 17):
        said, db = limited_recording(case, '-n %d' % most)
        if said:
            check(said.count('\n') == 1 and 'the records stay in' in said, 'with %d: %s' % (most, said))
        else:
            equal(calls_of_newest(db), 2000, 'calls with %d' % most)


@test()
def the_run_after_a_stop_is_whole(case):
    """The stop of a dumper that is gone is not for those who come later."""
    said, db = limited_recording(case, '-n 9')
    check('unable to open database file' in said, 'stderr: ' + said)
    done = pytrace.record(db, [case.path('p.py')], cwd=case.tmp)
    equal((done.returncode, done.stdout, done.stderr), (0, b'ran\n', b''), 'outcome of the second run')
    equal((calls_of_newest(db), pytrace.value(db, 'SELECT count(*) FROM runs')), (2000, 2), 'calls, runs')
