"""Runs a file of the regression tests untraced and traced, and looks at what the recording left behind."""
import json
import os
import shutil
import signal
import subprocess
import time

import files
import outcome
from support import interpreters, pytrace
from support.suite import Skip, wait_until

PLAIN_SILENCE, TRACED_SILENCE = 180, 600  # a file that says nothing for so many seconds hangs
MANY_CALLS = 150000  # more are not read one by one
# Untraced outcomes are kept here, when it is set, and used again; so are the outputs of what differs.
KEEP = os.environ.get('PYTRACE_REGRESSION_KEEP')


def _wait(child, output, silence):
    """The exit status, or 'hangs'."""
    size, since = -1, 0
    while True:
        try:
            return child.wait(1)
        except subprocess.TimeoutExpired:
            now = os.fstat(output.fileno()).st_size
            if now != size:
                size, since = now, time.monotonic()
            elif time.monotonic() - since > silence:
                return 'hangs'


def run_tests(interpreter, name, tmp, prefix=(), silence=PLAIN_SILENCE):
    """`python -m test NAME` with a temporary folder of its own. Returns the outcome and all that was printed."""
    shutil.rmtree(tmp, ignore_errors=True)
    os.makedirs(os.path.join(tmp, 'tmp'))
    words = [*prefix, interpreter.path, '-m', 'test', '-v', '-r', '--randseed=1', *files.options(interpreter, name), name]
    environment = dict(interpreters.clean_environment(), TMPDIR=os.path.join(tmp, 'tmp'))
    # Into a file: a process that a test leaves behind would keep a pipe open.
    with open(os.path.join(tmp, 'output'), 'w+b') as output:
        child = subprocess.Popen(words, cwd=os.path.join(tmp, 'tmp'), env=environment, stdin=subprocess.DEVNULL,
                                 stdout=output, stderr=output, start_new_session=True)
        status = _wait(child, output, silence)
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        child.wait()
        output.seek(0)
        text = output.read().decode(errors='replace')
    if isinstance(status, int) and status < 0:
        status = 128 - status  # as pytrace says it
    return outcome.parse(status, text), text


def plain(interpreter, name, tmp, again=False):
    kept = KEEP and os.path.join(KEEP, interpreters.name(interpreter), name + '.json')
    if kept and os.path.exists(kept) and not again:
        with open(kept) as file:
            return outcome.Outcome(*json.load(file))
    result, _ = run_tests(interpreter, name, tmp)
    if kept and not again:
        os.makedirs(os.path.dirname(kept), exist_ok=True)
        with open(kept, 'w') as file:
            json.dump(result, file)
    return result


def dumpers(db):
    """The dumpers of this database that are still there."""
    found = []
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open('/proc/%s/cmdline' % pid, 'rb') as file:
                words = file.read().split(b'\0')
        except OSError:
            continue
        if os.path.basename(words[0]) == b'pytrace-dumper' and db.encode() in words:
            found.append(int(pid))
    return found


def broken(db):
    """What is wrong with a recording, a line each."""
    if not os.path.exists(db):
        return ['no database']
    problems = []
    for gone, what in ((lambda: not dumpers(db), 'the dumper is still there'),
                       (lambda: not pytrace.rundirs(db), 'something is left in the run-time directory')):
        try:
            wait_until(gone, what=what)
        except AssertionError:
            problems.append(what)
    if pytrace.integrity(db) != 'ok':
        return problems + ['integrity: ' + pytrace.integrity(db)]
    # What lies too deep on 3.11 is a hole that is meant.
    problems += ['losses: %d %s' % row for row in pytrace.plain(
        db, "SELECT count(*), reason FROM losses WHERE reason != 'deep' GROUP BY reason")]
    calls = pytrace.plain(db, 'SELECT sum(calls) FROM functions')[0][0] or 0
    if not problems and calls <= MANY_CALLS:
        problems += pytrace.broken_invariants(db)
    return problems


def traced(interpreter, name, tmp):
    """The outcome, what is wrong with the recording, and what was printed."""
    db = os.path.join(tmp, 'traces.sqlite')
    result, text = run_tests(interpreter, name, tmp, [pytrace.BIN, '-o', db, '--max-size', '200M', '--'],
                             TRACED_SILENCE)
    return result, broken(db), text


def compare(interpreter, name, tmp):
    """The differences that remain when a file that differs has had a second chance on both sides, and what is wrong
    with the recording."""
    folder = os.path.join(tmp, 'run')
    before = plain(interpreter, name, folder)
    if before.end == 'hangs':
        before = plain(interpreter, name, folder, again=True)
    if before.end == 'hangs':
        raise Skip('hangs untraced')
    result, problems, text = traced(interpreter, name, folder)
    found = outcome.differences(before, result)
    if found:
        second, more, text = traced(interpreter, name, folder)
        problems += more
        found = outcome.differences(before, second)
        if found:
            again = plain(interpreter, name, folder, again=True)
            found = [each for each in found if each in outcome.differences(again, second)]
    if KEEP and (found or problems):
        with open(os.path.join(KEEP, '%s.%s.txt' % (name, interpreters.name(interpreter))), 'w') as file:
            file.write('%s\n%s\n%s\n\n%s' % (before, found, problems, text))
    shutil.rmtree(folder, ignore_errors=True)
    return found, problems
