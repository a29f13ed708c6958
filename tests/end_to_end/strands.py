"""Greenlets and asyncio: the parents of calls stay right across switches, tasks have their names."""
import json
import os
import subprocess
import sys


from support import interpreters, pytrace
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


def venv(interpreter):
    """A virtual environment with greenlet, made once a run of the tests."""
    folder = os.path.join(os.environ.get('TMPDIR', '/tmp'), 'pytrace-greenlet-%d' % os.getuid(),
                          interpreters.name(interpreter))
    python = os.path.join(folder, 'bin', 'python')
    if not os.path.exists(os.path.join(folder, 'ready')):
        clean = interpreters.clean_environment()
        for command in [interpreter.path, '-m', 'venv', '--clear', folder], [python, '-m', 'pip', '-q', 'install', 'greenlet']:
            done = subprocess.run(command, env=clean, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=600)
            if done.returncode != 0:
                raise Skip('no greenlet for ' + interpreters.name(interpreter))
        open(os.path.join(folder, 'ready'), 'w').close()
    return python


for interpreter in interpreters.chosen():
    add('asyncio_tasks@' + interpreters.name(interpreter), asyncio_tasks(interpreter))
    add('asyncio_replaced@' + interpreters.name(interpreter), asyncio_replaced(interpreter))
    if interpreter.path == '/usr/bin/python3':
        add('greenlets@debian', greenlets(lambda: '/usr/bin/python3'))
    else:
        add('greenlets@' + interpreters.name(interpreter),
            greenlets(lambda interpreter=interpreter: venv(interpreter)),
            only_all='--matrix' not in sys.argv)
