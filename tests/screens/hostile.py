"""Databases that are not what they should be: every way to read them ends in a screen or in one clear line, never in a
crash, and in an exit status that says which."""
import os
import shutil
import sqlite3
import subprocess

import recordings
from support import pytrace
from support.suite import Skip, add, check, wait_until
from tmux import Terminal

WAYS = (['--count'], ['--format', 'jsonl'], ['--format', 'tree'], ['--format', 'hot'],
        ['--screen', '80x24', '--keys', 'Gg50pxi/a<Enter>', '--dump', '-'],
        ['--screen', '80x24', '--keys', 'tlG', '--dump', '-'], ['--screen', '80x24', '--keys', 'o', '--dump', '-'],
        ['--screen', '80x24', '--keys', 'E', '--dump', '-'], ['--screen', '80x24', '--keys', 'T-z', '--dump', '-'],
        ['--count', '-e', 'within(duration > 1us) and value ~ "x"'], ['--count', '-e', 'stack ~ "a.*b" or self > 3'])


def read(path, *words, **how):
    env = how.pop('env', None) or recordings.environment()
    return pytrace.run([pytrace.BIN, path, *words], env=env, timeout=300, **how)


def refused(path, *wanted, **how):
    for words in WAYS:
        done = read(path, *words, **how)
        stderr = done.stderr.decode()
        check(done.returncode == 2 and stderr.count('\n') == 1 and all(word in stderr for word in wanted),
              '%s %s: exit %d: %r' % (path, words, done.returncode, stderr))


def survived(path):
    """Read as far as that goes: no signal, at most two lines of complaint."""
    for words in WAYS:
        done = read(path, *words)
        check(done.returncode in (0, 1, 2) and done.stderr.count(b'\n') <= 2,
              '%s %s: exit %d: %r' % (path, words, done.returncode, done.stderr[:500]))


def copy(case, shape='shop'):
    path = case.path(shape + '.sqlite')
    shutil.copy(os.path.join(recordings.folder(), shape + '.sqlite'), path)
    return path


def execute(path, *statements):
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def that_is_none(case):
    refused(case.path('none.sqlite'), 'does not exist', 'pytrace PROGRAM')
    refused(case.write('empty.sqlite', ''), 'is empty')
    refused(case.write('text.sqlite', 'SELECT 1' * 1000), 'text.sqlite')
    other = case.path('other.sqlite')
    execute(other, 'CREATE TABLE t(x)')
    refused(other, 'other.sqlite')
    os.mkdir(case.path('folder.sqlite'))
    refused(case.path('folder.sqlite'), 'directory')


def of_a_newer_pytrace(case):
    path = copy(case)
    execute(path, 'PRAGMA user_version = 99')
    refused(path, 'newer')


def that_was_cut(case):
    whole = copy(case, 'wide')
    size = os.path.getsize(whole)
    for part in (1000, 5000, size // 4, size // 2, size - 4096):
        path = case.path('cut.sqlite')
        shutil.copy(whole, path)
        os.truncate(path, part)
        survived(path)


def with_bytes_turned(case):
    """Every part of the file once; a file that SQLite can still open is read as far as that goes."""
    whole = copy(case)
    with open(whole, 'rb') as file:
        good = bytearray(file.read())
    for at in range(200, len(good), max(1, len(good) // (400 if case.all else 40))):
        path = case.path('turned.sqlite')
        bad = bytearray(good)
        for place in range(at, min(at + 40, len(bad))):
            bad[place] ^= 0x5a
        with open(path, 'wb') as file:
            file.write(bad)
        words = WAYS[at % len(WAYS)]
        done = read(path, *words)
        check(done.returncode in (0, 1, 2) and done.stderr.count(b'\n') <= 2,
              'at %d, %s: exit %d: %r' % (at, words, done.returncode, done.stderr[:500]))


def with_numbers_that_cannot_be(case):
    for statement in ('UPDATE late_ends SET end_ns = -5, children_ns = 1 << 62', 'UPDATE threads SET process = 77',
                      'DELETE FROM functions', 'DELETE FROM threads', 'DELETE FROM processes', 'DELETE FROM types',
                      'UPDATE blocks SET max_depth = -1, open = -1, exceptions = -1, max_duration_ns = -1',
                      "UPDATE functions SET arguments = '[', line = -1", 'UPDATE functions SET self_ns = -1, calls = -3',
                      'UPDATE blocks SET first_start_ns = 0, last_start_ns = 0', 'UPDATE logs SET time_ns = -1',
                      'UPDATE runs SET started_ns = 1 << 62', 'UPDATE losses SET time_ns = 1 << 62, thread = 9',
                      'DELETE FROM blocks', 'DELETE FROM runs', 'UPDATE blocks SET keyframe = zeroblob(3)'):
        path = copy(case)
        execute(path, statement)
        survived(path)


def that_is_locked(case):
    path = copy(case)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute('PRAGMA journal_mode = DELETE')
    connection.execute('BEGIN EXCLUSIVE')
    done = read(path, '--count')
    check(done.returncode == 2 and done.stderr.count(b'\n') == 1 and b'locked' in done.stderr, repr(done))
    connection.close()


def in_a_folder_that_is_read_only(case):
    if os.geteuid() == 0:
        if subprocess.run(['setpriv', '--reuid=65534', '--clear-groups', 'true'], stderr=subprocess.DEVNULL).returncode:
            raise Skip('root writes everywhere, and setpriv cannot make somebody else')
    folder = case.path('locked')
    os.mkdir(folder)
    path = os.path.join(folder, 'shop.sqlite')
    shutil.copy(copy(case), path)
    for name in (case.tmp, os.path.dirname(case.tmp)):
        os.chmod(name, 0o755)
    os.chmod(path, 0o444)
    os.chmod(folder, 0o555)
    words = [pytrace.BIN, path, '--count']
    if os.geteuid() == 0:
        words = ['setpriv', '--reuid=65534', '--clear-groups', *words]
    done = pytrace.run(words, env=recordings.environment(HOME='/'))
    os.chmod(folder, 0o755)
    if b'Permission denied' in done.stderr and b'pytrace:' not in done.stderr:
        raise Skip('nobody may not run the reader here')
    check(done.returncode == 0 and int(done.stdout) > 50, repr(done))


def whose_writer_was_killed(case):
    """What was committed is in the -wal file only."""
    path = case.path('live.sqlite')
    writer = subprocess.Popen([recordings.maker(), 'live', path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    writer.stdout.readline()
    writer.stdin.write(b'50\n')
    writer.stdin.flush()
    writer.stdout.readline()
    writer.kill()
    writer.wait()
    writer.stdin.close()
    writer.stdout.close()
    done = read(path, '--count')
    check(done.returncode == 0 and done.stdout == b'100\n', repr(done))
    survived(path)


def that_is_replaced_while_it_is_read(case):
    path = case.path('live.sqlite')
    writer = subprocess.Popen([recordings.maker(), 'live', path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    writer.stdout.readline()
    with Terminal(case) as terminal:
        terminal.start('-F', path)
        terminal.wait('FOLLOW')
        os.rename(copy(case), path)
        terminal.type('k', 'G', 'i')
        wait_until(lambda: terminal.pid() is not None, 10, 'the reader lives')
        terminal.type('Q')
        terminal.wait('FOLLOW', gone=True)
        terminal.is_restored()
    writer.kill()
    writer.wait()
    writer.stdin.close()
    writer.stdout.close()


def with_large_things(case):
    for shape, calls in (('huge', 1), ('deep', 5000), ('many', 1_000_000 if case.all else 20_000)):
        path = case.path(shape + '.sqlite')
        subprocess.run([recordings.maker(), shape, path, str(calls)], check=True)
        survived(path)


def add_tests():
    for body in (that_is_none, of_a_newer_pytrace, that_was_cut, with_bytes_turned, with_numbers_that_cannot_be,
                 that_is_locked, in_a_folder_that_is_read_only, whose_writer_was_killed,
                 that_is_replaced_while_it_is_read, with_large_things):
        add('database ' + body.__name__, body)
