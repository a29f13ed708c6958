"""A program traced and untraced must look the same, and its recording must be whole."""
import re

from support import pytrace
from support.suite import check, equal


def masked(output):
    """Without what differs from run to run: times and addresses."""
    return re.sub(rb'\d+\.\d+s\b', b'_s', re.sub(rb'0x[0-9a-f]{6,}', b'0x_', output))


def same(case, command, options=(), db=None, **how):
    """Runs the words after `python3` without and with pytrace; output and exit status must be equal. Returns the
    database's path."""
    how.setdefault('cwd', case.tmp)
    python = options[options.index('--python') + 1] if '--python' in options else pytrace.PYTHON
    plain = pytrace.run([python, *command], **how)
    db = db or case.path('traces.sqlite')
    traced = pytrace.record(db, command, ['--python', python, *options], **how)
    equal(masked(traced.stderr), masked(plain.stderr), 'stderr')
    equal(masked(traced.stdout), masked(plain.stdout), 'stdout')
    equal(traced.returncode, plain.returncode if plain.returncode >= 0 else 128 - plain.returncode, 'exit status')
    return db


def same_command(case, command, options=(), db=None, mask=masked, **how):
    """The same for any command, not just words after `python3`."""
    how.setdefault('cwd', case.tmp)
    plain = pytrace.run(command, **how)
    db = db or case.path('traces.sqlite')
    traced = pytrace.record(db, ['--', *command], options, **how)
    equal(mask(traced.stderr), mask(plain.stderr), 'stderr')
    equal(mask(traced.stdout), mask(plain.stdout), 'stdout')
    equal(traced.returncode, plain.returncode if plain.returncode >= 0 else 128 - plain.returncode, 'exit status')
    return db


def marked(db, func='mark', name='n'):
    """The recorded calls of `mark(n)`, which returns `n`, as [(pid, n)] in order of time. Each must have returned it."""
    found = []
    for row in pytrace.rows(
            db, "SELECT c.pid, c.outcome, c.result, a.value FROM calls c JOIN arguments a ON a.call_id = c.id "
            "WHERE c.func = '%s' AND a.name = '%s' ORDER BY c.id" % (func, name)):
        equal((row['outcome'], row['result']), ('return', row['value']), '%s(%s)' % (func, row['value']))
        found.append((row['pid'], row['value'].strip("'")))
    return found


def complete(db):
    """The recording keeps all its promises and nothing of the machinery is left behind."""
    broken = pytrace.broken_invariants(db)
    check(not broken, '; '.join(broken))
    equal(pytrace.value(db, 'SELECT count(*) FROM losses'), 0, 'losses')
    equal(pytrace.value(db, 'SELECT count(*) FROM processes WHERE ended_ns IS NULL'), 0, 'processes without an end')
    equal(pytrace.value(db, 'SELECT count(*) FROM runs WHERE ended_ns IS NULL'), 0, 'runs without an end')


def count(db, func, where='1'):
    return pytrace.value(db, "SELECT count(*) FROM calls WHERE func = '%s' AND %s" % (func, where))


def shown_arguments(db, func):
    """For each call of `func` in order: its arguments as {name: text}."""
    calls = {}
    for row in pytrace.rows(
            db, "SELECT a.call_id, a.name, a.value FROM arguments a JOIN calls c ON c.id = a.call_id "
            "WHERE c.func = '%s' AND a.name NOT IN ('return value', 'exception', 'yield value') "
            "ORDER BY a.call_id, a.position" % func):
        calls.setdefault(row['call_id'], {})[row['name']] = row['value']
    return list(calls.values())
