"""Where a recording goes: new, added to, somebody else's, nowhere."""
import os
import sqlite3
import stat

from support import pytrace
from support.outcome import complete, count, same
from support.suite import Skip, check, equal, test, wait_until

PROGRAM = 'def f(n): return n\nf(1)\nprint("ran")\n'


@test()
def default_path_and_mode(case):
    program = case.write('p.py', 'import os\nos.chdir("/")\ndef f(n): return n\nf(1)\n')
    done = pytrace.run([pytrace.BIN, program], cwd=case.tmp)
    equal((done.stdout, done.stderr, done.returncode), (b'', b'', 0), 'outcome')
    db = case.path('traces.sqlite')
    equal(stat.S_IMODE(os.stat(db).st_mode), 0o600, 'mode of the database')
    complete(db)
    equal(sorted(name for name in os.listdir(case.tmp) if 'sqlite' in name and not name.endswith(('-wal', '-shm'))),
          ['traces.sqlite'], 'files')


@test()
def a_second_run_is_added(case):
    program = case.write('p.py', PROGRAM)
    for run in (1, 2, 3):
        db = same(case, [program])
        equal(pytrace.value(db, 'SELECT count(*) FROM runs'), run, 'runs')
        equal(count(db, 'f'), run, 'calls')
        equal([row['run'] for row in pytrace.rows(db, "SELECT DISTINCT run FROM calls WHERE func = 'f' ORDER BY id")],
              list(range(1, run + 1)), 'runs of the calls')
    complete(db)
    text = pytrace.run([pytrace.BIN, db]).stdout.decode()
    equal(text.count(' f('), 2, 'events of the newest run (a call, its return)')
    same(case, [program], ['--new'])
    equal(pytrace.value(db, 'SELECT count(*) FROM runs'), 1, 'runs after --new')
    equal(count(db, 'f'), 1, 'calls after --new')


@test()
def runs_know_how_they_were_called(case):
    program = case.write('p.py', PROGRAM)
    db = same(case, [program, 'a b', '--c'])
    text = pytrace.value(db, 'SELECT program FROM runs')
    check(program in text and 'a b' in text, 'program of the run: %r' % text)
    equal(pytrace.value(db, 'SELECT cwd FROM runs'), case.tmp, 'cwd')


@test()
def wrong_database_files(case):
    program = case.write('p.py', PROGRAM)
    text = case.write('text.sqlite', 'this is no database, ' * 100)
    empty = case.write('empty.sqlite', '')
    foreign = case.path('foreign.sqlite')
    connection = sqlite3.connect(foreign)
    connection.executescript('CREATE TABLE calls(x); INSERT INTO calls VALUES(1);')
    connection.close()
    newer = same(case, [program], db=case.path('newer.sqlite'))
    wait_until(lambda: not pytrace.rundirs(newer), what='the dumper leaves')
    connection = sqlite3.connect(newer)
    connection.execute('PRAGMA user_version = 1000')
    connection.commit()
    connection.close()
    os.mkdir(case.path('folder.sqlite'))
    for path in (text, foreign, newer, case.path('folder.sqlite'), case.path('no/such/folder/x.sqlite')):
        before = open(path, 'rb').read() if os.path.isfile(path) else None
        done = pytrace.record(path, [program], cwd=case.tmp)
        equal((done.returncode, done.stdout, done.stderr.count(b'\n')), (2, b'', 1),
              'recording into %s: %r' % (os.path.basename(path), done.stderr))
        done = pytrace.run([pytrace.BIN, path])
        equal((done.returncode, done.stdout, done.stderr.count(b'\n')), (2, b'', 1),
              'reading %s: %r' % (os.path.basename(path), done.stderr))
        done = pytrace.run([pytrace.BIN, 'sql', '-f', path, 'SELECT 1'])
        equal((done.returncode, done.stderr.count(b'\n')), (2, 1),
              'sql over %s: %r' % (os.path.basename(path), done.stderr))
        # Under the preload alone the program comes first.
        done = pytrace.run([pytrace.PYTHON, program], env=pytrace.preload_environment(path), cwd=case.tmp)
        equal((done.returncode, done.stdout), (0, b'ran\n'),
              'the program under the preload with ' + os.path.basename(path))
        check(done.stderr.count(b'\n') <= 1, 'more than a line: %r' % done.stderr)
        if before is not None:
            check(open(path, 'rb').read() == before, os.path.basename(path) + ' was changed')
    same(case, [program], db=empty)
    equal(count(empty, 'f'), 1, 'calls in a database that was an empty file')


@test()
def a_folder_that_may_not_be_written(case):
    if os.geteuid() != 0:
        raise Skip('needs root to become somebody else')
    program = case.write('p.py', PROGRAM)
    os.chmod(case.tmp, 0o755)
    os.mkdir(case.path('closed'))
    os.chmod(case.path('closed'), 0o555)
    nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
    if pytrace.run(nobody + ['test', '-x', pytrace.BIN]).returncode:
        raise Skip('other users cannot reach ' + pytrace.BIN)
    done = pytrace.run(nobody + [pytrace.BIN, '-o', case.path('closed/t.sqlite'), program], cwd=case.path('closed'))
    equal((done.returncode, done.stdout, done.stderr.count(b'\n')), (2, b'', 1), 'outcome: %r' % done.stderr)
    done = pytrace.run(nobody + [pytrace.PYTHON, program],
                       env=pytrace.preload_environment(case.path('closed/t.sqlite')), cwd='/')
    equal((done.returncode, done.stdout), (0, b'ran\n'), 'the program under the preload')
    check(done.stderr.count(b'\n') <= 1, 'more than a line: %r' % done.stderr)


@test()
def a_link_is_not_followed_into_somebody_elses_file(case):
    program = case.write('p.py', PROGRAM)
    target = case.write('precious', 'precious')
    os.symlink(target, case.path('link.sqlite'))
    done = pytrace.record(case.path('link.sqlite'), [program], cwd=case.tmp)
    equal((done.returncode, open(target).read()), (2, 'precious'), 'outcome')


@test()
def nothing_is_left_in_the_run_time_directory(case):
    db = same(case, [case.write('p.py', PROGRAM)])
    wait_until(lambda: not pytrace.rundirs(db), what='the run-time directory is empty')


@test()
def a_database_that_is_removed_stays_removed(case):
    """Also while the dumper of the run waits for another one."""
    db = same(case, [case.write('p.py', PROGRAM)])
    rundir = pytrace.plain(db, "SELECT value FROM meta WHERE key = 'rundir'")[0][0]
    for name in os.listdir(case.tmp):
        if name.startswith('traces.sqlite'):
            os.remove(case.path(name))
    wait_until(lambda: not os.path.exists(rundir), what='the run-time directory is gone')
    check(not os.path.exists(db), 'the database is back')


@test()
def names_of_databases(case):
    """Whatever a file may be called, also what SQLite would take for something else."""
    program = case.write('p.py', 'def f(n): return n\nf(1)\nf(2)\n')
    for name in (':memory:', 'file:x.sqlite', 'a b?mode=ro#x%20.sqlite', 'quo\'ted".sqlite', 'new\nline', '\u00fcn\u00efc\u00f6de', 'n' * 240):
        done = pytrace.record(name, [program], cwd=case.tmp)
        equal((done.returncode, done.stderr), (0, b''), 'outcome with %r' % name)
        check(os.path.exists(case.path(name)), 'there is no file %r' % name)
        read = pytrace.run([pytrace.BIN, 'sql', '-f', name, '--format', 'csv', "SELECT count(*) FROM calls WHERE func = 'f'"],
                           cwd=case.tmp)
        equal((read.returncode, read.stdout.split()[-1:], read.stderr), (0, [b'2'], b''), 'read %r' % name)
