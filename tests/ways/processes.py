"""How programs make processes."""
import os
import sys

from common import MARK, each
from support import interpreters, pytrace
from support.outcome import complete, marked, same, same_command
from support.suite import Skip, add, check, equal, wait_until

PROCESS_POOL = MARK + '''
import concurrent.futures, multiprocessing
def initialize():
    mark(-1)
if __name__ == '__main__':
    how = {}
    if sys.version_info >= (3, 7):
        how = {'mp_context': multiprocessing.get_context(sys.argv[1]), 'initializer': initialize}
    with concurrent.futures.ProcessPoolExecutor(max_workers=2, **how) as pool:
        print(sum(pool.map(mark, range(30), chunksize=2)))
'''


def process_pool(case, interpreter, method):
    if interpreter.version < (3, 7) and method != 'fork':
        raise Skip('a pool has no method before 3.7')
    db = same(case, [case.write('p.py', PROCESS_POOL), method], ['--python', interpreter.path])
    calls = marked(db)
    equal(sorted(int(n) for _, n in calls if n != '-1'), list(range(30)), 'arguments')
    parent = pytrace.value(db, 'SELECT pid FROM processes ORDER BY started_ns LIMIT 1')
    check(parent not in [pid for pid, _ in calls], 'calls in the parent')
    equal(pytrace.integrity(db), 'ok', 'integrity')


CHILDREN = '''
import os, subprocess, sys
def child(name, *how):
    return [sys.executable, '-S', 'child.py', name]
def run(name, **how):
    process = subprocess.Popen(child(name), **how)
    assert process.wait() == 7
run('empty', env={})
run('closed', close_fds=True, env={'A': 'b'})
run('inherits', close_fds=False)
run('session', preexec_fn=os.setsid, stdin=subprocess.PIPE)
if hasattr(os, 'posix_spawn'):
    os.waitpid(os.posix_spawn(sys.executable, child('spawn'), {}), 0)
    os.waitpid(os.posix_spawnp('env', ['env', '-i'] + child('spawnp'), {'PATH': os.environ['PATH']}), 0)
os.spawnve(os.P_WAIT, sys.executable, child('spawnve'), {})
os.system(' '.join(child('system')))
if os.fork() == 0:
    os.execve(sys.executable, child('execve'), {})
os.wait()
'''

CHILD = MARK + '''
mark(sys.argv[1])
print(sys.argv[1], sorted(os.listdir('/proc/self/fd')))
sys.exit(7)
'''


def children(case, interpreter):
    """Every way to start a child, most with an environment that has nothing of ours."""
    case.write('child.py', CHILD)
    db = same_command(case, [interpreter.path, '-S', case.write('p.py', CHILDREN)])
    names = 'closed empty execve inherits session spawnve system'.split()
    if interpreter.version >= (3, 8):
        names += ['spawn', 'spawnp']
    equal(sorted(n for _, n in marked(db)), sorted(names), 'children')
    complete(db)


DAEMON = MARK + '''
mark(1)
sys.stdout.flush()
if os.fork():
    os._exit(0)
mark(2)
os.setsid()
os.chdir('/')
if os.fork():
    os._exit(0)
os.closerange(0, 1024)
null = os.open('/dev/null', os.O_RDWR)
os.dup2(null, 1)
os.dup2(null, 2)
for n in range(100, 110):
    mark(n)
os.rename(sys.argv[1], sys.argv[2])
'''


def daemon(case, interpreter):
    """Twice forked, in a session of its own, without a descriptor of its parent's: recorded into the same database."""
    program = case.write('d.py', DAEMON)
    case.write('begun', '')
    db = case.path('traces.sqlite')
    done = pytrace.record(db, [program, case.path('begun'), case.path('done')], ['--python', interpreter.path], cwd=case.tmp)
    equal((done.stdout, done.stderr, done.returncode), (b'', b'', 0), 'outcome of the first process')
    wait_until(lambda: pytrace.ended(db) == 3, what='commit of three processes')
    check(os.path.exists(case.path('done')), 'the daemon came to its end')
    calls = marked(db)
    equal([n for _, n in calls], ['1', '2'] + [str(n) for n in range(100, 110)], 'calls')
    equal(len({pid for pid, _ in calls}), 3, 'processes')
    complete(db)


CHAIN = MARK + '''
step = int(sys.argv[1])
mark(step)
if step < 4:
    words = [sys.executable, '-S', sys.argv[0], str(step + 1)]
    if step % 2:
        os.execve(sys.executable, words, {'STEP': str(step)})
    os.execvpe('sh', ['sh', '-c', 'exec env -i "$0" "$@"'] + words, {'PATH': os.environ.get('PATH', os.defpath)})
print('end', sorted(key for key in os.environ if 'PYTRACE' not in key and key != 'LD_PRELOAD'))
sys.exit(9)
'''


def exec_chain(case, interpreter):
    db = same_command(case, [interpreter.path, '-S', case.write('p.py', CHAIN), '0'])
    calls = marked(db)
    equal([n for _, n in calls], ['0', '1', '2', '3', '4'], 'calls')
    equal(len({pid for pid, _ in calls}), 1, 'process ids')
    equal(pytrace.value(db, 'SELECT count(*) FROM processes'), 5, 'processes')


THREADS = MARK + '''
import threading
def work(first):
    for n in range(first, first + 200):
        mark(n)
threads = [threading.Thread(target=work, args=(i * 1000,)) for i in range(6)]
for thread in threads:
    thread.start()
# Forked while others run.
pid = os.fork()
if pid == 0:
    for n in range(9000, 9100):
        mark(n)
    os._exit(0)
os.waitpid(pid, 0)
for thread in threads:
    thread.join()
'''


def threads(case, interpreter):
    # 3.12 and later warn of a fork beside threads, at a line of the program.
    db = same_command(case, [interpreter.path, '-W', 'ignore', case.write('p.py', THREADS)])
    calls = marked(db)
    wanted = [i * 1000 + n for i in range(6) for n in range(200)]
    parents = max({pid for pid, _ in calls}, key=lambda pid: sum(p == pid for p, _ in calls))
    equal(sorted(int(n) for pid, n in calls if pid == parents), wanted, 'calls of the parent')
    equal([int(n) for pid, n in calls if pid != parents], list(range(9000, 9100)), 'calls of the child')
    equal(pytrace.value(db, "SELECT count(DISTINCT tid) FROM calls WHERE func = 'work'"), 6, 'threads')


for method in ('fork', 'spawn', 'forkserver'):
    each('process_pool_' + method, lambda case, interpreter, method=method: process_pool(case, interpreter, method),
         since=(3, 6), only_all=method != 'spawn' and '--matrix' not in sys.argv)
each('children', children)
each('daemon', daemon)
each('exec_chain', exec_chain)
each('threads_and_fork', threads)
