"""Runs pytrace and reads what it recorded."""
import json
import os
import re
import sqlite3
import subprocess

from support import interpreters

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.path.abspath(os.environ.get('PYTRACE_BIN') or os.path.join(ROOT, 'bazel-bin/dist/bin/pytrace'))
LIB = os.path.join(os.path.dirname(os.path.dirname(BIN)), 'lib', 'pytrace')
PRELOAD = os.path.join(LIB, 'libpytrace.so')
EXTENSION = os.path.join(LIB, 'pytrace.so')
PYTHON = '/usr/bin/python3'

TIMEOUT = 600  # seconds for anything that must happen; machines are slow and busy


def missing():
    """What is not built, or None."""
    return next(
        (path for path in (BIN, PRELOAD, EXTENSION, os.path.join(LIB, 'pytrace-dumper')) if not os.path.exists(path)),
        None)


def environment(**changes):
    """A clean environment with `changes`; None removes."""
    merged = dict(interpreters.clean_environment(), PYTHONHASHSEED='0', PYTHONDONTWRITEBYTECODE='1', **changes)
    return {key: value for key, value in merged.items() if value is not None}


def run(command, cwd=None, env=None, input=None, timeout=TIMEOUT):
    """subprocess.run of any command in a clean environment, with its output as bytes."""
    feed = {'stdin': subprocess.DEVNULL} if input is None else {'input': input}
    return subprocess.run(command, cwd=cwd, env=env or environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=timeout, **feed)


def record(db, command, options=(), **how):
    """`pytrace -o DB options command`; the caller looks at the result's returncode."""
    return run([BIN, '-o', db, *options, *command], **how)


def preload_environment(db, **changes):
    return environment(LD_PRELOAD=PRELOAD, PYTRACE_DB=db, **changes)


def connect(db):
    """A read-only connection with the virtual tables loaded. Raises where this Python's sqlite3 cannot load extensions:
    use rows()."""
    connection = sqlite3.connect('file:%s?mode=ro' % db, uri=True, timeout=600)
    connection.enable_load_extension(True)
    connection.load_extension(EXTENSION)
    connection.row_factory = sqlite3.Row
    return connection


def rows(db, sql, **parameters):
    """The rows of a query as dicts."""
    if hasattr(sqlite3.Connection, 'enable_load_extension'):
        connection = connect(db)
        try:
            return [dict(row) for row in connection.execute(sql, parameters)]
        finally:
            connection.close()
    for key, value in parameters.items():
        sql = re.sub(':%s\\b' % key, str(value) if isinstance(value, int) else "'%s'" % value.replace("'", "''"), sql)
    done = run([BIN, 'sql', '-f', db, '--format', 'jsonl', sql])
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors='replace'))
    return [json.loads(line) for line in done.stdout.splitlines()]


def value(db, sql, **parameters):
    """The first column of the first row."""
    found = rows(db, sql, **parameters)
    return next(iter(found[0].values())) if found else None


def plain(db, sql):
    """A query over the plain tables alone, as any SQLite tool would ask it."""
    connection = sqlite3.connect('file:%s?mode=ro' % db, uri=True, timeout=600)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def ended(db):
    """How many processes of a recording have ended: 0 while there is no database, or none of its tables."""
    try:
        return plain(db, 'SELECT count(*) FROM processes WHERE ended_ns IS NOT NULL')[0][0]
    except sqlite3.OperationalError as error:
        if 'no such table' in str(error) or 'unable to open' in str(error):
            return 0
        raise


def integrity(db):
    """'ok', or what SQLite finds wrong."""
    return plain(db, 'PRAGMA integrity_check')[0][0]


# What a recording must obey whatever was recorded. Each query lists offenders; none may have rows.
INVARIANTS = {
    'ids rise with start time':
        'SELECT id FROM (SELECT id, start_ns, lag(start_ns) OVER (ORDER BY id) AS before '
        'FROM calls) WHERE start_ns < before',
    'a call ends after it began':
        'SELECT id FROM calls WHERE end_ns <= start_ns OR duration_ns != end_ns - start_ns',
    'an outcome comes with an end':
        'SELECT id FROM calls WHERE (outcome IS NULL) != (end_ns IS NULL)',
    'a call is one deeper than its parent, on the same thread, within its time':
        'SELECT c.id FROM calls c JOIN calls p ON p.id = c.parent_id '
        'WHERE c.depth != p.depth + 1 OR c.tid != p.tid OR c.pid != p.pid '
        'OR c.start_ns <= p.start_ns OR c.end_ns >= p.end_ns',
    'a call without a parent is at depth 0':
        'SELECT id FROM calls WHERE (parent_id IS NULL OR parent_id = 0) != (depth = 0)',
    'siblings do not overlap':
        'SELECT id FROM (SELECT id, start_ns, lag(coalesce(end_ns, start_ns)) '
        'OVER (PARTITION BY pid, tid, thread, parent_id ORDER BY id) AS before '
        'FROM calls) WHERE start_ns <= before',
    'self time is duration less children':
        'SELECT c.id FROM calls c '
        'LEFT JOIN (SELECT parent_id, sum(duration_ns) AS children FROM calls GROUP BY parent_id) k '
        'ON k.parent_id = c.id WHERE c.end_ns IS NOT NULL AND c.self_ns != c.duration_ns - coalesce(k.children, 0)',
    # Functions that differ in nothing but their arguments (lambdas of one line) are one here.
    'counters of functions agree with the calls (nothing was let go)':
        'WITH f AS (SELECT run, module, qualname, file, line, sum(calls) AS n, sum(exceptions) AS e, '
        'sum(total_ns) AS t, sum(self_ns) AS s FROM functions GROUP BY run, module, qualname, file, line), '
        'c AS (SELECT run, module, qualname, file, line, count(*) AS n, sum(outcome = \'exception\') AS e, '
        'sum(duration_ns) AS t, sum(self_ns) AS s FROM calls GROUP BY run, module, qualname, file, line) '
        'SELECT f.qualname FROM f LEFT JOIN c USING (run, module, qualname, file, line) '
        'WHERE f.n != coalesce(c.n, 0) OR f.e != coalesce(c.e, 0) '
        'OR f.t != coalesce(c.t, 0) OR f.s != coalesce(c.s, 0)',
}


def broken_invariants(db):
    """Names of the rules that a complete recording (nothing let go or lost) breaks, with the first offenders. Empty:
    all hold."""
    problems = []
    if integrity(db) != 'ok':
        problems.append('integrity: ' + integrity(db))
    connection = connect(db)
    connection.isolation_level = None
    connection.execute('BEGIN')  # One moment for both views: what a child still records must not come between them.
    # A copy, because the joins ask for millions of rows by key.
    memory = sqlite3.connect(':memory:')
    try:
        for table in ('calls', 'functions'):
            cursor = connection.execute('SELECT * FROM ' + table)
            names = [column[0] for column in cursor.description]
            memory.execute('CREATE TABLE %s(%s)' % (table, ', '.join('"%s"' % name for name in names)))
            memory.executemany('INSERT INTO %s VALUES(%s)' % (table, ', '.join('?' * len(names))),
                               (tuple(row) for row in cursor))
        memory.execute('CREATE INDEX calls_id ON calls(id)')
        memory.execute('CREATE INDEX calls_function ON calls(run, module, qualname, file, line)')
        for name, sql in INVARIANTS.items():
            offenders = [row[0] for row in memory.execute(sql + ' LIMIT 5')]
            if offenders:
                problems.append('%s: %s' % (name, offenders))
    finally:
        memory.close()
        connection.close()
    return problems


def size(db):
    """Bytes of the database; its file has them all only when the dumper has left."""
    return plain(db, 'PRAGMA page_count')[0][0] * plain(db, 'PRAGMA page_size')[0][0]


def rundir_of(db):
    """Where the records about a database lie that need not be there (ringbuf/rundir.cc)."""
    value = 14695981039346656037
    for byte in os.fsencode(os.path.realpath(db)):
        value = (value ^ byte) * 1099511628211 % 2**64
    return '/dev/shm/pytrace-%d/%016x' % (os.geteuid(), value)


def rundirs(db):
    """What is left of the database's run-time directory: its path is in `meta`, whose value may name no directory any
    more."""
    path = plain(db, "SELECT value FROM meta WHERE key = 'rundir'")[0][0]
    return sorted(os.listdir(path)) if os.path.isdir(path) else []
