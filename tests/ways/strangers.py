"""Programs that take no preload, or take it badly: they run as ever, and what they start is recorded all the same where it can be."""
import glob
import os
import re
import shutil

from common import MARK
from support import pytrace
from support.outcome import marked, same_command
from support.suite import Skip, check, equal, test

# Says what it got, starts its arguments if there are any, with a variable that says whether our library came along.
CHILD = r'''
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char** argv) {
  printf("%d bits, %d words\n", (int)sizeof(void*) * 8, argc);
  fflush(stdout);
  if (argc == 1) return 5;
  execv(argv[1], argv + 1);
  return 6;
}
'''

# Gives up its rights, as servers do, and goes on; starts children that never had them.
DROPS = MARK + '''
import subprocess, threading
mark('before')
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
mark('after')
thread = threading.Thread(target=mark, args=('thread',))
thread.start()
thread.join()
if os.fork() == 0:
    mark('forked')
    os._exit(0)
os.wait()
done = subprocess.run([sys.executable, '-c', 'print(1)'], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
print(done.stdout, done.stderr)
'''

# Starts it in every way there is.
PARENT = MARK + '''
import subprocess
mark(1)
child = [os.path.abspath('child')]
print(subprocess.run(child).returncode, subprocess.run(child, env={}).returncode)
print(subprocess.run(child, close_fds=False, env={'LD_LIBRARY_PATH': '/nowhere'}).returncode)
print(subprocess.run('./child', shell=True).returncode, os.system('env -i ./child'))
print(os.waitpid(os.posix_spawn(child[0], child, {'PATH': 'x'}), 0)[1])
os.environ['PATH'] = os.getcwd() + ':' + os.environ['PATH']
print(os.spawnvp(os.P_WAIT, 'child', ['child']), subprocess.run(['child', sys.executable, '-c', 'print(1)']).returncode)
sys.stdout.flush()
os.execvp('child', ['child', 'x'][:1])
'''


def stranger(case, compiler, *flags):
    """A parent that starts a child made by `compiler`; the child then starts Python."""
    if not shutil.which(compiler):
        raise Skip('no ' + compiler)
    case.write('child.c', CHILD)
    made = pytrace.run([compiler, *flags, '-o', 'child', 'child.c'], cwd=case.tmp)
    if made.returncode:
        raise Skip('%s %s: %s' % (compiler, ' '.join(flags), made.stderr.decode(errors='replace')[:200]))
    db = same_command(case, [pytrace.PYTHON, case.write('p.py', PARENT)])
    equal([n for _, n in marked(db)], ['1'], 'calls of the parent')
    equal(pytrace.run([pytrace.PYTHON, 'p.py'], cwd=case.tmp).returncode, 5, 'exit status that the last child gave')
    # And as the program itself.
    plain = pytrace.run(['./child'], cwd=case.tmp)
    done = pytrace.record(case.path('alone.sqlite'), ['./child'], cwd=case.tmp)
    equal((done.stdout, done.returncode), (plain.stdout, plain.returncode), 'outcome of the child alone')
    check(done.stderr.startswith(b'pytrace: nothing was recorded: ') and done.stderr.count(b'\n') == 1,
          'stderr of the child alone: %r' % done.stderr)
    return db


@test()
def child_of_32_bits(case):
    stranger(case, 'gcc', '-m32')


@test()
def child_without_a_loader(case):
    stranger(case, 'gcc', '-static')


@test()
def child_with_musl(case):
    stranger(case, 'musl-gcc')


@test()
def child_with_musl_without_a_loader(case):
    stranger(case, 'musl-gcc', '-static')


@test()
def child_with_a_sanitizer(case):
    """Its runtime ends a program in which it does not come first."""
    stranger(case, 'gcc', '-fsanitize=address')


@test()
def child_with_other_rights(case):
    """A setuid program takes no preload of another user; what it starts has none either."""
    if os.getuid() != 0 or not shutil.which('setpriv') or not shutil.which('cc'):
        raise Skip('needs root, setpriv and cc')
    nobody = '65534'
    folder = case.path('open')
    os.mkdir(folder)
    case.write('child.c', CHILD)
    equal(pytrace.run(['cc', '-o', folder + '/child', 'child.c'], cwd=case.tmp).returncode, 0, 'compiler')
    os.chmod(case.tmp, 0o755)
    os.chown(folder, int(nobody), int(nobody))
    os.chown(folder + '/child', 0, 0)
    os.chmod(folder + '/child', 0o4755)
    for path in (case.write('p.py', PARENT), folder):
        os.chmod(path, 0o755)
    words = ['setpriv', '--reuid', nobody, '--regid', nobody, '--clear-groups', pytrace.PYTHON, case.path('p.py')]
    install = case.path('install')
    shutil.copytree(os.path.dirname(os.path.dirname(pytrace.BIN)), install, symlinks=False)
    env = pytrace.environment(LD_PRELOAD=install + '/lib/pytrace/libpytrace.so', PYTRACE_DB=folder + '/traces.sqlite')
    plain = pytrace.run(words, cwd=folder)
    done = pytrace.run(words, cwd=folder, env=env)
    equal((done.stdout, done.stderr, done.returncode), (plain.stdout, plain.stderr, plain.returncode), 'outcome')
    check(b'64 bits' in plain.stdout and plain.returncode == 5, 'the child ran: %r' % plain.stdout)


@test()
def a_server_that_gives_up_root(case):
    """It is recorded to its end; children that cannot write the database say so, and leave nothing in the shared memory."""
    if os.getuid() != 0:
        raise Skip('needs root')
    os.chmod(case.tmp, 0o755)
    install = case.path('install')
    shutil.copytree(os.path.dirname(os.path.dirname(pytrace.BIN)), install, symlinks=False)
    case.write('p.py', DROPS)
    db = case.path('traces.sqlite')
    left = set(glob.glob('/dev/shm/pytrace-65534/*'))
    done = pytrace.run([install + '/bin/pytrace', '-o', db, '--', pytrace.PYTHON, 'p.py'], cwd=case.tmp)
    equal(done.returncode, 0, 'exit status')
    line = "pytrace: not recording: %s: it is another user's; run pytrace as the user that the program becomes\\n" % db
    equal(done.stdout.decode(), "b'1\\n' b\"%s\"\n" % line, 'what the child said')
    equal([n for _, n in marked(db)], ['before', 'after', 'thread'], 'calls')
    equal(set(glob.glob('/dev/shm/pytrace-65534/*')) - left, set(), 'run-time directories that stay')


@test()
def a_script_whose_interpreter_is_no_python(case):
    os.chmod(case.write('child', '#!/bin/sh\necho script $# \nexit 5\n'), 0o755)
    db = same_command(case, [pytrace.PYTHON, case.write('p.py', PARENT)])
    equal([n for _, n in marked(db)], ['1'], 'calls')
    equal(pytrace.run([pytrace.PYTHON, 'p.py'], cwd=case.tmp).returncode, 5, 'exit status that the last child gave')


@test()
def any_libc_since_2_17(case):
    """What a guest loads or starts runs where the guest runs."""
    tool = shutil.which('objdump')
    if not tool:
        raise Skip('no objdump')
    symbols = pytrace.run([tool, '-T', pytrace.PRELOAD]).stdout.decode()
    versions = {tuple(map(int, text.split('.'))) for text in re.findall(r'GLIBC_([\d.]+)', symbols)}
    check(versions and max(versions) <= (2, 17), 'the library needs glibc %s' % sorted(versions)[-1:])
    needed = set(re.findall(r'NEEDED +(\S+)', pytrace.run([tool, '-p', pytrace.PRELOAD]).stdout.decode()))
    equal(needed - {'libc.so.6', 'libdl.so.2', 'libpthread.so.0', 'ld-linux-x86-64.so.2', 'ld-linux-aarch64.so.1'}, set(),
          'libraries beside the C library')
    dumper = pytrace.run([tool, '-p', os.path.join(pytrace.LIB, 'pytrace-dumper')]).stdout.decode()
    equal(re.findall(r'NEEDED +(\S+)', dumper), [], 'libraries of the dumper')
