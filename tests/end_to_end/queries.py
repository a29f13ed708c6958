"""SQL over a recording: three ways, one answer; and while it is being written."""
import csv
import io
import json
import os
import shutil
import subprocess

from support import pytrace
from support.outcome import count, same
from support.suite import Skip, check, equal, test, wait_until

SHOP = os.path.join(pytrace.ROOT, 'tests/examples/shop.py')

QUESTIONS = {
    'the ten functions with the most total time':
        'SELECT module, qualname, file, line, calls, exceptions, total_ns, self_ns FROM functions '
        'ORDER BY total_ns DESC, id LIMIT 10',
    'the same from the calls':
        'SELECT module, qualname, file, line, count(*), sum(outcome = \'exception\'), sum(duration_ns), sum(self_ns) '
        'FROM calls '
        'GROUP BY run, module, qualname, file, line ORDER BY sum(duration_ns) DESC, min(id) LIMIT 10',
    'all calls of f whose argument n is 3':
        "SELECT c.id, c.parent_id, c.tid, c.thread, c.depth, c.start_ns, c.end_ns, c.duration_ns, c.result_type, "
        "c.result, a.position, a.type FROM calls c "
        "JOIN arguments a ON a.call_id = c.id WHERE c.func = 'f' AND a.name = 'n' AND a.value = '3' ORDER BY c.id",
    'the exceptions by type':
        "SELECT result_type, count(*), min(result), max(id) FROM calls WHERE outcome = 'exception' "
        "GROUP BY result_type ORDER BY 2 DESC, 1",
    'the slowest call under checkout':
        "WITH RECURSIVE below(id) AS (SELECT id FROM calls WHERE func = 'checkout' "
        "UNION ALL SELECT c.id FROM calls c JOIN below ON c.parent_id = below.id) "
        "SELECT id, module, qualname, duration_ns, outcome, result FROM calls WHERE id IN below AND func != 'checkout' "
        "ORDER BY duration_ns DESC, id LIMIT 1",
    'events in order of time':
        'SELECT kind, count(*), min(call_id), max(call_id) FROM traces GROUP BY kind ORDER BY kind',
    'everything about calls':
        'SELECT * FROM calls ORDER BY id',
    'everything about arguments':
        'SELECT * FROM arguments ORDER BY call_id, position',
}

EXTRA = '''
def f(n):
    return n if n < 2 else f(n - 1) + f(n - 2)
f(6)
def walks(items):
    for item in items:
        yield item
list(walks('ab'))
'''


def recording(case):
    """shop.py and a function f."""
    with open(SHOP, encoding='utf-8') as file:
        program = case.write('shop.py',
                             file.read().replace("if __name__ == '__main__':", EXTRA + "if __name__ == '__main__':"))
    return same(case, [program])


def answers(text):
    return [list(json.loads(line).values()) for line in text.decode('utf-8', 'surrogatepass').splitlines()]


@test()
def three_ways_one_answer(case):
    db = recording(case)
    out = case.path('out.sqlite')
    done = pytrace.run([pytrace.BIN, 'export', '--format', 'sqlite', out, '-f', db], cwd=case.tmp)
    if done.returncode:
        done = pytrace.run([pytrace.BIN, 'export', '-f', db, '--format', 'sqlite', out], cwd=case.tmp)
    equal((done.returncode, done.stderr), (0, b''), 'export')
    for name, question in QUESTIONS.items():
        sql = pytrace.run([pytrace.BIN, 'sql', '-f', db, '--format', 'jsonl', question])
        equal(sql.returncode, 0, 'status of pytrace sql for %s: %r' % (name, sql.stderr))
        first = answers(sql.stdout)
        check(first, 'no answer to: ' + name)
        check(first == [list(row) for row in pytrace.plain(out, question)],
              'plain SQLite over the export answers another thing: ' + name)
        loaded = [list(row) for row in pytrace.connect(db).execute(question)]
        check(first == loaded, "the loaded extension answers another thing: " + name)
    equal(pytrace.plain(db, QUESTIONS['the ten functions with the most total time']), [
        tuple(row) for row in answers(
            pytrace.run([
                pytrace.BIN, 'sql', '-f', db, '--format', 'jsonl',
                QUESTIONS['the ten functions with the most total time']
            ]).stdout)
    ], 'plain SQLite over the recording')
    equal(
        len(
            answers(
                pytrace.run([
                    pytrace.BIN, 'sql', '-f', db, '--format', 'jsonl', QUESTIONS['all calls of f whose argument n is 3']
                ]).stdout)), 3, 'calls of f(3)')
    indexes = {row[0] for row in pytrace.plain(out, "SELECT tbl_name FROM sqlite_master WHERE type = 'index'")}
    check({'calls', 'arguments'} <= indexes, 'the export has indexes on calls and arguments: %s' % indexes)
    equal(pytrace.integrity(out), 'ok', 'integrity of the export')


@test()
def sqlite_shell_loads_the_extension(case):
    if not shutil.which('sqlite3'):
        raise Skip('no sqlite3')
    db = recording(case)
    for name, question in QUESTIONS.items():
        # The dumper closes the database a second after the program's end, and then has it for itself for a moment.
        shell = pytrace.run(['sqlite3', '-cmd', '.timeout 60000', '-cmd', '.load ' + pytrace.EXTENSION, '-csv', '-header',
                             db, question])
        sql = pytrace.run([pytrace.BIN, 'sql', '-f', db, '--format', 'csv', question])
        equal((shell.returncode, shell.stderr), (0, b''), 'status for ' + name)
        # The two quote different cells.
        check(
            list(csv.reader(io.StringIO(shell.stdout.decode()))) == list(csv.reader(io.StringIO(sql.stdout.decode()))),
            'the shell answers another thing: ' + name)
    readme = pytrace.run(['sqlite3', '-cmd', '.timeout 60000', db, 'SELECT * FROM readme']).stdout.decode()
    check('calls' in readme and 'pytrace' in readme, 'the database does not say what it is')


@test()
def traces_are_the_calls_in_order_of_time(case):
    db = recording(case)
    calls = pytrace.value(db, 'SELECT count(*) FROM calls')
    ends = pytrace.value(db, 'SELECT count(*) FROM calls WHERE end_ns IS NOT NULL')
    events = pytrace.rows(db, 'SELECT * FROM traces')
    equal(len(events), calls + ends, 'events')
    equal(set(events[0]), {'time', 'kind', 'pid', 'tid', 'depth', 'module', 'func', 'call_id'} | set(events[0]),
          'columns')
    times = [event['time'] for event in events]
    check(times == sorted(times), 'events are not in the order of time')
    open_calls = {}
    for event in events:
        stack = open_calls.setdefault(event['tid'], [])
        if event['kind'] in ('call', 'resume'):
            stack.append(event['call_id'])
        else:
            equal(stack.pop() if stack else None, event['call_id'], 'the end of the newest open call')
    equal([stack for stack in open_calls.values() if stack], [], 'calls left open')
    kinds = {event['kind'] for event in events}
    equal(kinds, {'call', 'return', 'exception', 'yield', 'resume'}, 'kinds')


@test()
def constraints_are_answered_rightly(case):
    """Each query with a constraint that is pushed down, against the same over a copy in plain tables."""
    db = recording(case)
    import sqlite3
    copy = sqlite3.connect(':memory:')
    loaded = pytrace.connect(db)
    for table in 'calls', 'arguments', 'traces':
        cursor = loaded.execute('SELECT * FROM ' + table)
        columns = ['"%s" %s' % (row['name'], row['type']) for row in loaded.execute('PRAGMA table_xinfo(%s)' % table)]
        copy.execute('CREATE TABLE %s(%s)' % (table, ', '.join(columns)))
        copy.executemany('INSERT INTO %s VALUES(%s)' % (table, ', '.join('?' * len(cursor.description))),
                         map(tuple, cursor))
    some = copy.execute(
        "SELECT id, start_ns, end_ns, tid, parent_id FROM calls WHERE func = 'f' ORDER BY id LIMIT 1 OFFSET 3"
    ).fetchone()
    last = copy.execute('SELECT max(id) FROM calls').fetchone()[0]
    conditions = [
        'id = %d' % some[0],
        'id > %d' % some[0],
        'id >= %d AND id < %d' % (some[0], some[0] + 5),
        'id IN (1, %d, %d)' % (some[0], last), 'id < 0', 'id = 0',
        'id > %d' % (1 << 62), 'id BETWEEN 5 AND 10', 'id = 3.0', "id = '3'", 'id = 2.5', 'id < 2.5', 'id IS NULL',
        'start_ns >= %d' % some[1],
        'start_ns < %d' % some[1],
        'start_ns = %d' % some[1],
        'start_ns > %d AND start_ns <= %d' % (some[1], some[2]), "func = 'f'", "func = 'nothing'",
        "func = 'f' AND id > %d" % some[0], "func IN ('f', 'checkout')", "func LIKE 'F'", "func = 'F'",
        'tid = %d' % some[3], 'tid = -1', "thread = 'ada'", "thread = 'ada' AND func = 'take'",
        'parent_id = %d' % some[4], 'parent_id IS NULL', 'depth = 2', "outcome = 'exception'", "outcome IS NULL",
        "module = 'shop.py'", "qualname = 'Stock.take'", 'duration_ns > 100000', "result = '8'", 'run = 1', 'run = 2',
        'end_ns <= %d' % some[2]
    ]
    for condition in conditions:
        for order in ('id', 'id DESC', 'start_ns', 'duration_ns DESC, id'):
            sql = 'SELECT * FROM calls WHERE %s ORDER BY %s' % (condition, order)
            check([tuple(row) for row in loaded.execute(sql)] == copy.execute(sql).fetchall(), 'another answer: ' + sql)
    for condition in ('call_id = %d' % some[0], 'call_id > %d' % some[0], "name = 'n'", "name = 'n' AND value = '3'",
                      "value LIKE '%ada%'", 'position = 0', "type = 'int'", 'call_id IN (%d, %d)' % some[::4]):
        sql = 'SELECT * FROM arguments WHERE %s ORDER BY call_id, position' % condition
        check([tuple(row) for row in loaded.execute(sql)] == copy.execute(sql).fetchall(), 'another answer: ' + sql)
    for condition in ('call_id = %d' % some[0], "kind = 'exception'", 'time >= %r' % (some[1] / 1e9),
                      'time < %r' % (some[1] / 1e9), "func = 'f'", 'tid = %d' % some[3]):
        sql = 'SELECT * FROM traces WHERE %s ORDER BY time, call_id, kind' % condition
        check([tuple(row) for row in loaded.execute(sql)] == copy.execute(sql).fetchall(), 'another answer: ' + sql)


LIVE = '''
import sys
def finished(n): return n
def waits(what):
    print('ready', flush=True)
    return sys.stdin.readline()
for n in range(10): finished(n)
def outer(): return waits('for a line')
outer()
'''


@test()
def reading_while_it_runs(case):
    db = case.path('traces.sqlite')
    traced = subprocess.Popen([pytrace.BIN, '-o', db, case.write('p.py', LIVE)], cwd=case.tmp,
                              env=pytrace.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        equal(traced.stdout.readline(), b'ready\n', 'output')

        def waits_is_there():
            return os.path.exists(db) and pytrace.plain(
                db, "SELECT count(*) FROM sqlite_master WHERE name = 'blocks'")[0][0] and count(db, 'waits')

        wait_until(waits_is_there, 2, 'an open call is visible')
        equal(count(db, 'finished', "outcome = 'return'"), 10, 'finished calls')
        for func in ('waits', 'outer', '<module>'):
            where = "module = 'p.py' AND outcome IS NULL AND end_ns IS NULL AND result IS NULL"
            equal(count(db, func, where), 1, 'open calls of ' + func)
        equal(
            pytrace.value(db, "SELECT value FROM arguments a JOIN calls c ON c.id = a.call_id WHERE c.func = 'waits'"),
            "'for a line'", 'argument of an open call')
        check(pytrace.value(db, 'SELECT count(*) FROM processes WHERE ended_ns IS NULL') == 1, 'the process lives')
        text = pytrace.run([pytrace.BIN, db]).stdout.decode()
        check('waits(' in text, 'the reader does not show the open call')
        traced.communicate(b'line\n', timeout=pytrace.TIMEOUT)
    finally:
        traced.kill()
    equal(pytrace.value(db, "SELECT result FROM calls WHERE func = 'waits'"), "'line\\n'", 'result')
    equal(pytrace.value(db, 'SELECT count(*) FROM calls WHERE outcome IS NULL'), 0, 'open calls at the end')


@test()
def sql_command(case):
    db = recording(case)
    for form in 'table', 'csv', 'json', 'jsonl':
        done = pytrace.run([
            pytrace.BIN, 'sql', '-f', db, '--format', form,
            "SELECT func, count(*) AS n FROM calls WHERE func = 'checkout'"
        ])
        equal((done.returncode, done.stderr), (0, b''), 'outcome with ' + form)
        check(b'checkout' in done.stdout and b'3' in done.stdout, 'answer as ' + form)
    done = pytrace.run([pytrace.BIN, 'sql', '-f', db, 'SELECT * FROM nothing'])
    check(done.returncode == 1 or done.returncode == 2, 'status of a wrong query')
    equal((done.stdout, done.stderr.count(b'\n')), (b'', 1), 'lines of a wrong query')
    for statement in ('DELETE FROM functions', 'CREATE TABLE x(y)', 'PRAGMA user_version = 5',
                      'UPDATE calls SET func = 1', 'ATTACH "%s" AS x' % case.path('x.sqlite')):
        pytrace.run([pytrace.BIN, 'sql', '-f', db, statement])
        check(
            pytrace.plain(db, 'SELECT count(*) FROM functions')[0][0] > 0
            and pytrace.plain(db, 'PRAGMA user_version') != [(5,)], 'a query changed the recording: ' + statement)
    check(not os.path.exists(case.path('x.sqlite')), 'a query made a file')
