"""Many processes and threads: children by every way to start one, ends by every way to end."""
import os
import pty
import shutil
import signal
import subprocess

from support import interpreters, pytrace
from support.outcome import complete, count, same, shown_arguments
from support.suite import Skip, add, check, equal, test, wait_until

CHILD = 'import sys\ndef child(name):\n    return name\nchild(sys.argv[1])\n'


@test()
def children_with_a_scrubbed_environment(case):
    case.write('child.py', CHILD)
    program = case.write(
        'parent.py', '''
import os, subprocess, sys
run = [sys.executable, 'child.py']
subprocess.run(run + ['env'], env={}, check=True)
subprocess.run(run + ['close'], env={'A': 'b'}, close_fds=True, check=True)
subprocess.run('%s child.py shell' % sys.executable, shell=True, check=True)
subprocess.run('%s child.py shell-env' % sys.executable, shell=True, env={}, check=True)
subprocess.run(['env', '-i'] + run + ['env-i'], check=True)
subprocess.run(run + ['session'], start_new_session=True, check=True)
os.waitpid(os.posix_spawn(sys.executable, run + ['spawn'], {}), 0)
os.waitpid(os.posix_spawnp(sys.executable, run + ['spawnp'], dict(X='1')), 0)
os.system(sys.executable + ' child.py system')
with os.popen(sys.executable + ' child.py popen') as pipe:
    pipe.read()
pid = os.fork()
if pid == 0:
    os.execve(sys.executable, run + ['fork-execve'], {})
os.waitpid(pid, 0)
pid = os.fork()
if pid == 0:
    os.execl(sys.executable, 'renamed', 'child.py', 'execl')
os.waitpid(pid, 0)
pid = os.fork()
if pid == 0:
    os.execlp('sh', 'sh', '-c', 'exec env -i %s child.py chain' % sys.executable)
os.waitpid(pid, 0)
pid = os.fork()
if pid == 0:
    script = 'cd /; exec "$0" "$1" long-chain'
    words = ['env', 'FOO=1', 'sh', '-c', script, sys.executable, os.path.abspath('child.py')]
    os.execvpe('env', words, {'PATH': os.environ['PATH']})
os.waitpid(pid, 0)
''')
    db = same(case, [program])
    complete(db)
    names = sorted(arguments['name'].strip("'") for arguments in shown_arguments(db, 'child'))
    equal(
        names,
        sorted('env close shell shell-env env-i session spawn spawnp system popen fork-execve execl chain long-chain'.
               split()), 'children')
    equal(pytrace.value(db, 'SELECT count(*) FROM runs'), 1, 'runs')
    check(not os.path.exists('/traces.sqlite'), 'a child that went elsewhere made a database there')


@test()
def exec_replaces_the_program(case):
    case.write('second.py', 'import sys\ndef second(n): return n\nsecond(2)\nsys.exit(6)\n')
    program = case.write(
        'first.py', 'import os, sys\ndef first(n): return n\nfirst(1)\n'
        'def go():\n    os.execv(sys.executable, [sys.executable, "second.py"])\ngo()\n')
    db = same(case, [program])
    equal((count(db, 'first', "outcome = 'return'"), count(db, 'second', "outcome = 'return'")), (1, 1),
          'calls before and after')
    equal(count(db, 'go', 'outcome IS NULL'), 1, 'the call that never returned')
    equal(pytrace.value(db, 'SELECT count(DISTINCT pid) FROM processes'), 1, 'process ids')
    equal(pytrace.value(db, 'SELECT count(*) FROM processes WHERE ended_ns IS NOT NULL'), 2, 'processes')


@test()
def exec_that_fails_changes_nothing(case):
    program = case.write(
        'p.py', 'import os\ndef after(n): return n\n'
        'try:\n    os.execv("./missing", ["x"])\nexcept OSError as error:\n    after(error.errno)\n')
    db = same(case, [program])
    complete(db)
    equal([arguments['n'] for arguments in shown_arguments(db, 'after')], ['2'], 'calls after the exec')


def multiprocessing(method, interpreter):
    def body(case):
        program = case.write(
            'pool.py', '''
import multiprocessing, os, sys
def square(n):
    return n * n
def alone(queue, n):
    queue.put(square(n))
if __name__ == '__main__':
    context = multiprocessing.get_context(%r) if hasattr(multiprocessing, 'get_context') else multiprocessing
    pool = context.Pool(2)
    print(pool.map(square, range(20)))
    pool.close()
    pool.join()
    queue = getattr(context, 'SimpleQueue', context.Queue)()
    process = context.Process(target=alone, args=(queue, 100))
    process.start()
    print(queue.get())
    process.join()
    print(process.exitcode, multiprocessing.active_children())
''' % method)
        db = same(case, [program], ['--python', interpreter.path])
        equal(sorted(int(arguments['n']) for arguments in shown_arguments(db, 'square')),
              list(range(20)) + [100], 'arguments')
        check(pytrace.value(db, 'SELECT count(*) FROM processes') >= 4, 'processes')
        equal(count(db, 'square', "outcome = 'return' AND pid = (SELECT min(pid) FROM processes)"), 0,
              'calls in the parent')
        equal(pytrace.integrity(db), 'ok', 'integrity')

    return body


for each in interpreters.chosen() + interpreters.chosen_of_2():
    for way in ('fork', 'spawn', 'forkserver') if each.version >= (3, ) else ('fork', ):
        add('multiprocessing_%s@%s' % (way, interpreters.name(each)), multiprocessing(way, each),
            only_all=way == 'forkserver' or each.shared and each.version < (3, 13))


@test()
def fork_in_the_middle_of_a_call(case):
    program = case.write(
        'p.py', '''
import os, sys
def leaf(who, n):
    return n
def inside():
    sys.stdout.flush()
    pid = os.fork()
    who = 'parent' if pid else 'child'
    for n in range(1000):
        leaf(who, n)
    return who
who = inside()
if who == 'parent':
    print(os.wait()[1])
else:
    os._exit(5)
''')
    db = same(case, [program])
    for who in 'parent', 'child':
        rows = pytrace.rows(
            db, "SELECT a2.value AS n FROM calls c "
            "JOIN arguments a1 ON a1.call_id = c.id JOIN arguments a2 ON a2.call_id = c.id "
            "WHERE c.func = 'leaf' AND a1.name = 'who' AND a1.value = :who AND a2.name = 'n' ORDER BY c.id",
            who=repr(who))
        equal([int(row['n']) for row in rows], list(range(1000)), 'calls of the %s in order' % who)
    equal(pytrace.value(db, "SELECT count(DISTINCT pid) FROM calls WHERE func = 'leaf'"), 2, 'processes')


@test()
def fork_bomb_of_a_shell_loop(case):
    """A build that starts forty interpreters."""
    case.write('child.py', CHILD)
    db = case.path('traces.sqlite')
    done = pytrace.record(db, [
        '--', 'sh', '-c',
        'i=0; while [ $i -lt 40 ]; do %s -S -E child.py $i & i=$((i+1)); [ $((i%%8)) = 0 ] && wait; done; wait' %
        pytrace.PYTHON
    ], cwd=case.tmp)
    equal(done.returncode, 0, 'status')
    complete(db)
    equal(sorted(int(arguments['name'].strip("'")) for arguments in shown_arguments(db, 'child')), list(range(40)),
          'children')


def exit_status(code):
    def body(case):
        db = same(case, ['-c', 'import os, signal, sys\ndef f(): return 1\nf()\n' + code])
        equal(count(db, 'f', "outcome = 'return'"), 1, 'calls')

    return body


for label, code in (('zero', 'pass'), ('seven', 'sys.exit(7)'), ('text', 'sys.exit("text")'), ('raised', '1/0'),
                    ('_exit', 'os._exit(9)'), ('abort', 'os.abort()'),
                    ('sigterm', 'os.kill(os.getpid(), signal.SIGTERM)'), ('sigkill',
                                                                          'os.kill(os.getpid(), signal.SIGKILL)'),
                    ('sigint', 'os.kill(os.getpid(), signal.SIGINT)'), ('sigsegv',
                                                                        'os.kill(os.getpid(), signal.SIGSEGV)'),
                    ('unhandled_sigpipe',
                     'signal.signal(signal.SIGPIPE, signal.SIG_DFL); os.kill(os.getpid(), signal.SIGPIPE)')):
    add('exit_status_' + label, exit_status(code))


EMBEDDER = '''
#include <dlfcn.h>
#include <stdio.h>
int main(int argc, char** argv) {
  void* python = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (!python) return puts(dlerror()), 2;
  void (*initialize)(int) = (void (*)(int))dlsym(python, "Py_InitializeEx");
  int (*run)(const char*) = (int (*)(const char*))dlsym(python, "PyRun_SimpleString");
  void (*finalize)(void) = (void (*)(void))dlsym(python, "Py_Finalize");
  initialize(0);
  int failed = run("def embedded(n): return n\\nfor i in range(5): embedded(i)\\nprint(embedded(42))");
  finalize();
  return failed ? 3 : 0;
}
'''


def embedded(interpreter):
    """A program that is no Python loads one later, and keeps its symbols to itself."""
    def body(case):
        suffix = 'm' if (3, ) <= interpreter.version < (3, 8) else ''
        library = 'libpython%d.%d%s.so' % (*interpreter.version[:2], suffix)
        library = os.path.join(os.path.dirname(os.path.dirname(interpreter.path)), 'lib', library)
        if not shutil.which('cc') or not os.path.exists(library):
            raise Skip('no compiler or no ' + library)
        case.write('embedder.c', EMBEDDER)
        equal(pytrace.run(['cc', '-o', 'embedder', 'embedder.c', '-ldl'], cwd=case.tmp).returncode, 0, 'compiler')
        home = os.path.dirname(os.path.dirname(interpreter.path))
        done = pytrace.record(case.path('traces.sqlite'), ['./embedder', library], cwd=case.tmp,
                              env=pytrace.environment(PYTHONHOME=home))
        equal((done.stdout, done.stderr, done.returncode), (b'42\n', b'', 0), 'outcome')
        equal(count(case.path('traces.sqlite'), 'embedded', "outcome = 'return'"), 6, 'calls')
        complete(case.path('traces.sqlite'))

    return body


for each in interpreters.chosen() + interpreters.chosen_of_2():
    if each.shared:
        add('embedded@' + interpreters.name(each), embedded(each))


@test()
def signals_reach_the_program(case):
    program = case.write(
        'p.py', '''
import os, signal, sys, time
def handler(number, frame):
    os.write(1, b'got %d\\n' % number)
    sys.exit(5)
signal.signal(signal.SIGTERM, handler)
signal.signal(signal.SIGHUP, handler)
os.write(1, b'ready\\n')
while True:
    time.sleep(60)
''')
    for number in (signal.SIGTERM, signal.SIGHUP):
        db = case.path('%d.sqlite' % number)
        traced = subprocess.Popen([pytrace.BIN, '-o', db, program], cwd=case.tmp, env=pytrace.environment(),
                                  stdout=subprocess.PIPE)
        try:
            equal(traced.stdout.readline(), b'ready\n', 'first line')
            traced.send_signal(number)
            output, _ = traced.communicate(timeout=pytrace.TIMEOUT)
        finally:
            traced.kill()
        equal((output, traced.returncode), (b'got %d\n' % number, 5), 'output and status after signal %d' % number)
        equal(count(db, 'handler', "outcome = 'exception'"), 1, 'calls of the handler')


@test()
def interrupt_from_the_terminal(case):
    """^C goes to the whole foreground group: the program decides, pytrace does not die of it."""
    program = case.write(
        'p.py', '''
import os, time
try:
    os.write(1, b'ready\\n')
    while True:
        time.sleep(60)
except KeyboardInterrupt:
    print('tidy', flush=True)
    raise SystemExit(3)
''')
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(case.tmp)
        os.execve(pytrace.BIN, [pytrace.BIN, '-o', case.path('traces.sqlite'), program], pytrace.environment())
    seen = b''
    while b'tidy' not in seen:
        seen += os.read(terminal, 1000)
        if seen == b'ready\r\n':
            os.write(terminal, b'\3')
    equal(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 3, 'status after ^C')
    os.close(terminal)
    equal(seen, b'ready\r\n^Ctidy\r\n', 'output')


EIGHT = '''
import sys, threading
def work(thread, n):
    return n
def loop(thread):
    for n in range(%d):
        work(thread, n)
threads = [threading.Thread(target=loop, args=(i,)) for i in range(8)]
for t in threads: t.start()
for t in threads: t.join()
'''


def eight_by_eight(interpreter, calls):
    def body(case):
        program = case.write('eight.py', EIGHT % calls)
        db = case.path('traces.sqlite')
        children = [
            subprocess.Popen([interpreter.path, program], env=pytrace.preload_environment(db), cwd=case.tmp)
            for _ in range(8)
        ]
        equal([child.wait(timeout=pytrace.TIMEOUT) for child in children], [0] * 8, 'exit statuses')
        wait_until(lambda: pytrace.ended(db) == 8, 60, 'commit of all eight processes')
        equal(pytrace.value(db, 'SELECT count(*) FROM losses'), 0, 'losses')
        for child in children:
            seen = {}
            for row in pytrace.rows(
                    db, "SELECT c.tid, a.name, a.value FROM calls c JOIN arguments a ON a.call_id = c.id "
                    "WHERE c.func = 'work' AND c.pid = :pid AND a.name != 'thread' ORDER BY c.id, a.position",
                    pid=child.pid):
                seen.setdefault(row['tid'], []).append((row['name'], int(row['value'])))
            equal(len(seen), 8, 'threads of a process')
            wanted = [pair for n in range(calls) for pair in (('n', n), ('return value', n))]
            for calls_of_thread in seen.values():
                check(calls_of_thread == wanted, 'the calls of a thread are not all there, in order, with their values')
        equal(
            pytrace.value(db, 'SELECT count(DISTINCT thread) FROM calls WHERE func = \'loop\'') >= 8, True,
            'thread names')
        broken = pytrace.broken_invariants(db)
        check(not broken, '; '.join(broken))

    return body


for each in interpreters.chosen() + interpreters.chosen_of_2():
    add('eight_by_eight@' + interpreters.name(each), eight_by_eight(each, 1000), alone=True)
add('eight_by_eight_long', eight_by_eight(interpreters.chosen()[0], 50000), alone=True, only_all=True)
