"""The recordings that the screens show: made once a run, always the same, in a folder of their own."""
import atexit
import functools
import os
import shlex
import shutil
import sqlite3
import subprocess
import tempfile

from support import pytrace

MAKER = os.environ.get('MAKE_RECORDING') or os.path.join(pytrace.ROOT, 'bazel-bin/reader/testing/make_recording')
CALLS = {'shop': 0, 'wide': 100000, 'deep': 3000, 'empty': 0, 'crashed': 0, 'nested': 0}

# Copies of shop: the first block was let go; the second one is no block.
CHANGED = {'gone': "DELETE FROM blocks WHERE first_id < 17",
           'damaged': "UPDATE blocks SET call_columns = x'0011' WHERE first_id = 17"}


@functools.lru_cache(None)
def maker():
    """The program that makes them. bazel knows whether it is up to date."""
    if 'MAKE_RECORDING' not in os.environ:
        build = ['bazel', 'build', '--noshow_progress', '//reader/testing:make_recording']
        done = subprocess.run(build, cwd=pytrace.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            raise RuntimeError(done.stdout.decode())
    return MAKER


@functools.lru_cache(None)
def folder():
    path = tempfile.mkdtemp(prefix='pytrace-screens-')
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    for shape, calls in CALLS.items():
        subprocess.run([maker(), shape, os.path.join(path, shape + '.sqlite'), str(calls)], check=True)
    for name, sql in CHANGED.items():
        change(os.path.join(path, 'shop.sqlite'), os.path.join(path, name + '.sqlite'), sql)
    made = os.stat(os.path.join(path, 'damaged.sqlite')).st_mtime
    os.utime(os.path.join(path, 'damaged.sqlite'), (made, made + 1))  # the newest one, however coarse times are
    return path


def change(source, target, sql):
    shutil.copy(source, target)
    with sqlite3.connect(target) as connection:
        connection.execute(sql)
    connection.close()


def environment(**changes):
    """Fixed zone and language, no history, no configuration of the caller's."""
    fixed = dict(TZ='UTC', LANG='C.UTF-8', LC_ALL='C.UTF-8', TERM='xterm-256color', HOME=folder(), XDG_STATE_HOME=None,
                 XDG_CONFIG_HOME=None, PYTRACE_CONFIG=None, PYTRACE_READER=None, COLORFGBG=None, NO_COLOR=None,
                 CLICOLOR_FORCE=None, PYTRACE_READER_STATS=None)
    return pytrace.environment(**{**fixed, **changes})


def words(command):
    """The words of a command line; screens are dumped to stdout."""
    found = shlex.split(command)
    return found + ['--dump', '-'] if '--screen' in found else found
