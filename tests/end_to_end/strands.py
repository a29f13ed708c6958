"""Greenlets and asyncio: the parents of calls stay right across switches, tasks have their names."""
import json
import sys

from support import environments, interpreters, pytrace
from support.outcome import complete, same
from support.suite import Skip, add, check, equal

# Every function says who called it, as the interpreter has it; `tag` tells the calls apart.
GREENLETS = '''
import json, os, random, sys, threading
from greenlet import getcurrent, greenlet, GreenletExit

seen = []

def told(tag):
    caller = sys._getframe(2)
    seen.append([tag, caller.f_code.co_name if caller else None])

def leaf(tag):
    told(tag)

def numbers(tag, n, switch):
    told(tag)
    for i in range(n):
        leaf(tag + '.n%d' % i)
        switch()
        yield i

def nest(tag, depth, switch):
    told(tag)
    if depth == 0:
        switch()
        return
    leaf(tag + '.before')
    nest(tag + '.' + str(depth), depth - 1, switch)
    switch()
    leaf(tag + '.after')

def fails(tag, switch):
    told(tag)
    switch()
    leaf(tag + '.about')
    raise KeyError(tag)

def body(tag, kind, switch):
    told(tag)
    if kind == 0:
        nest(tag + '.nest', 5, switch)
    elif kind == 1:
        for i in numbers(tag + '.gen', 3, switch):
            leaf(tag + '.got%d' % i)
            switch()
    else:
        try:
            fails(tag + '.fails', switch)
        except KeyError:
            leaf(tag + '.caught')

def storm(name, seed, count):
    random_ = random.Random(seed)
    hub = getcurrent()
    alive = []
    for i in range(count):
        g = greenlet(lambda i=i: body('%s%d' % (name, i), i % 3, hub.switch))
        alive.append(g)
    while alive:
        g = random_.choice(alive)
        leaf('%s hub %d' % (name, len(seen)))
        g.switch()
        if g.dead:
            alive.remove(g)

def killed(tag, switch):
    told(tag)
    try:
        switch()
    except GreenletExit:
        leaf(tag + '.exit')
        raise

def main():
    storm('a', 1, 40)
    threads = [threading.Thread(target=storm, args=('t%d-' % i, i, 10)) for i in range(3)]
    for thread in threads:
        thread.start()
        thread.join()
    hub = getcurrent()
    g = greenlet(lambda: killed('kill', hub.switch))
    g.switch()
    del g
    leaf('after the kill')
    # A fork inside a greenlet.
    def forks():
        leaf('before the fork')
        hub.switch()
        pid = os.fork()
        leaf('child' if pid == 0 else 'parent')
        hub.switch()
        return pid
    g = greenlet(forks)
    g.switch()
    g.switch()
    pid = g.switch()
    leaf('child at the end' if pid == 0 else 'at the end')
    if pid:
        os.waitpid(pid, 0)
        print(json.dumps(seen))

main()
'''

ASYNCIO = '''
import asyncio

async def part(n):
    await asyncio.sleep(0)
    return n

async def work(n):
    return await part(n) + 1

async def main():
    tasks = []
    for n in range(3):
        task = asyncio.ensure_future(work(n))
        if hasattr(task, 'set_name') and n:
            task.set_name('worker-%d' % n)
        tasks.append(task)
    print(await asyncio.gather(*tasks))

loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
'''

# What asyncio itself has imported is left as it is: untraced nobody calls these.
REPLACED = '''
import asyncio
import _asyncio

def own(*arguments):
    print('called', arguments)

class Task(asyncio.Task):
    get_name = own

async def part():
    await asyncio.sleep(0)
    return 1

async def main():
    _asyncio.__getattr__ = own
    _asyncio._get_running_loop = _asyncio.current_task = own
    await asyncio.ensure_future(part())
    for name in ('_current_tasks', '_get_running_loop', 'current_task'):
        vars(_asyncio).pop(name, None)
    await asyncio.ensure_future(part())
    _asyncio.Task = Task
    print(await asyncio.ensure_future(part()))

loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
'''


# What is patched switches: sleep, locks, queues, sockets; so do a kill and a timeout. The hub is a greenlet of its own.
GEVENT = '''
from gevent import monkey; monkey.patch_all()
import gevent, gevent.pool, json, queue, socket, sys, threading, time

expected = []
def said(tag):
    caller = sys._getframe(2) if sys._getframe(1).f_back else None
    expected.append([tag, caller and caller.f_code.co_name])
def leaf(tag):
    said(tag)
    time.sleep(0)
    return tag
def nest(tag, depth):
    said(tag)
    if depth:
        time.sleep(0)
        nest(tag + 'n', depth - 1)
        time.sleep(0.001)
    leaf(tag + 'l')
def fails(tag):
    said(tag)
    time.sleep(0)
    raise KeyError(leaf(tag + 'l'))
def killed(tag):
    said(tag)
    try:
        time.sleep(60)
    finally:
        leaf(tag + 'l')
def body(tag, inbox, outbox):
    said(tag)
    with lock:
        for item in iter(inbox.get, None):
            outbox.put(leaf(tag + item))
def numbers(tag, n):
    said(tag)
    for i in range(n):
        time.sleep(0)
        yield leaf(tag + str(i))

lock = threading.Lock()
for greenlet in [gevent.spawn(nest, 'a%d' % i, 3) for i in range(4)]: greenlet.join()
threads = [threading.Thread(target=nest, args=('t%d' % i, 2)) for i in range(3)]
for thread in threads: thread.start()
leaf('between')
for thread in threads: thread.join()
print(list(gevent.pool.Pool(2).imap_unordered(leaf, ['p1', 'p2', 'p3'])), file=sys.stderr)
inbox, outbox = queue.Queue(), queue.Queue()
bodies = [gevent.spawn(body, 'b%d' % i, inbox, outbox) for i in range(2)]
for item in 'x', 'y', None, 'z', None: inbox.put(item)
print([outbox.get() for _ in range(3)], file=sys.stderr)
for each in bodies: each.join()
gevent.get_hub().NOT_ERROR += (KeyError,)  # else it is printed, with the time
failing, victim = gevent.spawn(fails, 'f'), gevent.spawn(killed, 'k')
failing.join()
print(repr(failing.exception), file=sys.stderr)
victim.kill()
with gevent.Timeout(0.01, False): killed('late')
one, other = socket.socketpair()
def serve():
    for text in iter(lambda: one.recv(1), b''): one.send(leaf(text.decode()).upper().encode())
server = gevent.spawn(serve)
for tag in numbers('n', 2):
    other.send(b's')
    leaf(other.recv(1).decode())
other.close()
server.join()
print(json.dumps(expected))
'''


def tags_and_parents(db):
    """[tag, name of the caller] of every call that has a `tag`, by process, in order."""
    found = {}
    for row in pytrace.rows(
            db, "SELECT c.pid, a.value AS tag, p.func AS parent FROM arguments a JOIN calls c ON c.id = a.call_id "
            "LEFT JOIN calls p ON p.id = c.parent_id "
            "WHERE a.name = 'tag' AND c.func IN ('leaf', 'numbers', 'nest', 'fails', 'body', 'killed') ORDER BY c.id"):
        found.setdefault(row['pid'], []).append([row['tag'][1:-1], row['parent']])
    return list(found.values())


def greenlets(python):
    def body(case):
        if pytrace.run([python(), '-c', 'import greenlet']).returncode != 0:
            raise Skip('no greenlet in ' + python())
        program = case.write('switches.py', GREENLETS)
        db = case.path('traces.sqlite')
        # 3.12 warns of a fork where another thread was, now and then.
        done = pytrace.record(db, ['--', python(), '-W', 'ignore', program], cwd=case.tmp)
        equal((done.returncode, done.stderr), (0, b''), 'exit status and stderr')
        expected = json.loads(done.stdout)
        parent, child = tags_and_parents(db)
        equal(len(parent), len(expected), 'calls')
        for want, have in zip(expected, parent):
            equal(have, want, 'call and its caller')
        # The open calls of a process before its fork are its parent's.
        equal(child, [['child', None], ['child at the end', None]], 'calls of the child')
        complete(db)

    return body


def asyncio_tasks(interpreter):
    def body(case):
        db = same(case, [case.write('tasks.py', ASYNCIO)], ['--python', interpreter.path])
        complete(db)
        runs = [
            list(row.values()) for row in pytrace.rows(
                db, "SELECT func, task, count(DISTINCT frame), count(*), sum(outcome = 'return') FROM calls "
                "WHERE module = 'tasks.py' AND frame IS NOT NULL GROUP BY 1, 2 ORDER BY min(id)")
        ]
        named = interpreter.version >= (3, 8)
        names = ['Task-2', 'worker-1', 'worker-2'] if named else [None]
        each = 1 if named else 3
        expected = [['main', 'Task-1' if named else None, 1, 2, 1]]
        expected += [['work', name, each, 2 * each, each] for name in names] + [['part', None, 3, 6, 3]]
        equal(sorted(runs, key=str), sorted(expected, key=str), 'runs of coroutines')
        equal(
            pytrace.value(
                db, "SELECT count(*) FROM calls c JOIN calls p ON p.id = c.parent_id "
                "WHERE c.func = 'part' AND p.func = 'work'"), 6, 'parents')

    return body


def asyncio_replaced(interpreter):
    """What a program puts in the place of asyncio's C functions is not run by the recording."""

    def body(case):
        db = same(case, [case.write('replaced.py', REPLACED)], ['--python', interpreter.path])
        complete(db)
        equal(pytrace.value(db, "SELECT count(*) FROM calls WHERE func = 'own'"), 0, 'calls that the program did not make')

    return body


def gevents(python):
    def body(case):
        if pytrace.run([python(), '-c', 'import gevent']).returncode != 0:
            raise Skip('no gevent in ' + python())
        program = case.write('switches.py', GEVENT)
        plain = pytrace.run([python(), program], cwd=case.tmp)
        db = case.path('traces.sqlite')
        done = pytrace.record(db, ['--', python(), program], cwd=case.tmp)
        equal((done.returncode, done.stderr), (plain.returncode, plain.stderr), 'exit status and stderr')
        [found] = tags_and_parents(db)
        equal(len(found), len(json.loads(done.stdout)), 'calls')
        for want, have in zip(json.loads(done.stdout), found):
            equal(have, want, 'call and its caller')
        complete(db)

    return body


for interpreter in interpreters.chosen():
    add('asyncio_tasks@' + interpreters.name(interpreter), asyncio_tasks(interpreter))
    add('asyncio_replaced@' + interpreters.name(interpreter), asyncio_replaced(interpreter))
    if interpreter.path == '/usr/bin/python3':
        add('greenlets@debian', greenlets(lambda: '/usr/bin/python3'))
        add('gevent@debian', gevents(lambda: '/usr/bin/python3'))
    else:
        add('gevent@' + interpreters.name(interpreter),
            gevents(lambda interpreter=interpreter: environments.python_with(interpreter, 'gevent')),
            only_all=True)
        add('greenlets@' + interpreters.name(interpreter),
            greenlets(lambda interpreter=interpreter: environments.python_with(interpreter, 'greenlet')),
            only_all='--matrix' not in sys.argv)
