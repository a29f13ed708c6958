"""Virtual environments with packages from the registry that pip is configured for, made once and kept in
$XDG_CACHE_HOME/pytrace-environments: remove that folder to fetch newer ones."""
import fcntl
import os
import shutil
import subprocess

from support import interpreters
from support.suite import Skip

FOLDER = os.path.join(os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache'), 'pytrace-environments')


def _made(folder, interpreter, package):
    """Why there is no such environment, or None."""
    shutil.rmtree(folder, ignore_errors=True)
    for command in [interpreter.path, '-m', 'venv', folder], [folder + '/bin/python', '-m', 'pip', 'install', '-q', package]:
        try:
            done = subprocess.run(command, env=interpreters.clean_environment(), stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=600)
        except subprocess.TimeoutExpired:
            return '%s took more than ten minutes' % ' '.join(command)
        if done.returncode:
            lines = done.stderr.decode(errors='replace').strip().splitlines()
            return lines[-1] if lines else 'exit status %d' % done.returncode
    return None


def python_with(interpreter, package):
    """The path of an interpreter like `interpreter` that has `package`."""
    if interpreter.root or interpreter.version < (3, 6):
        raise Skip('no environment for %s' % interpreters.name(interpreter))
    folder = os.path.join(FOLDER, interpreters.name(interpreter), package)
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    with open(folder + '.lock', 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(folder + '/ready'):
            why_not = _made(folder, interpreter, package)
            if why_not:
                raise Skip('cannot fetch %s for %s: %s' % (package, interpreters.name(interpreter), why_not))
            open(folder + '/ready', 'w').close()
    return folder + '/bin/python'
