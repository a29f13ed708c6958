"""How an interpreter is started."""
import os
import zipfile

from common import MARK, each, inside
from support import pytrace
from support.outcome import complete, marked, same_command
from support.suite import equal

PROGRAM = MARK + '''
for n in range(3):
    mark(n)
print(sys.argv[1:], sorted(k for k in os.environ if k.startswith('LD_') and k != 'LD_PRELOAD'))
sys.exit(3)
'''


def started(case, command, **how):
    """One process, its three calls, and nothing else to be seen."""
    db = same_command(case, command, ['--new'], **how)
    equal([n for _, n in marked(db)], ['0', '1', '2'], 'calls')
    equal(pytrace.value(db, 'SELECT count(*) FROM processes'), 1, 'processes')
    complete(db)
    return db


def isolated(case, interpreter):
    program = case.write('p.py', PROGRAM)
    for flags in (['-S', '-E'], ['-I', '-S', '-E', '-B', '-u']) if interpreter.version >= (3, 4) else (['-S', '-E'],):
        started(case, [interpreter.path, *flags, program, 'a', '-b'])


def virtual_environment(case, interpreter):
    program = case.write('p.py', PROGRAM + 'assert sys.prefix != sys.base_prefix\n')
    made = pytrace.run([interpreter.path, '-m', 'venv', '--without-pip', case.path('venv')])
    equal((made.returncode, made.stderr), (0, b''), 'venv')
    started(case, inside(interpreter, case.path('venv/bin/python')) + [program])
    # As `activate` has it: by PATH, and for a script without --python.
    env = pytrace.environment(VIRTUAL_ENV=case.path('venv'), PATH=case.path('venv/bin') + ':' + os.environ['PATH'])
    if not interpreter.root:
        done = pytrace.record(case.path('active.sqlite'), [program], env=env, cwd=case.tmp)
        equal(done.returncode, 3, 'exit status in the active environment')
        equal([n for _, n in marked(case.path('active.sqlite'))], ['0', '1', '2'], 'calls in the active environment')


def zip_application(case, interpreter):
    with open(case.path('app'), 'wb') as file:
        file.write(b'#!%s\n' % interpreter.path.encode())
        with zipfile.ZipFile(file, 'w') as archive:
            archive.writestr('__main__.py', 'import inner\n' + PROGRAM)
            archive.writestr('inner.py', 'def mark_in_zip(n): return n\nmark_in_zip(1)\n')
    os.chmod(case.path('app'), 0o755)
    db = started(case, [interpreter.path, 'app', 'x'])
    equal([n for _, n in marked(db, 'mark_in_zip')], ['1'], 'calls in a module of the archive')
    started(case, ['./app', '--new'])


def shebang(case, interpreter):
    for name, line in (('plain', interpreter.path), ('env', '/usr/bin/env -S ' + interpreter.path + ' -S')):
        os.chmod(case.write(name, '#!%s\n%s' % (line, PROGRAM)), 0o755)
        started(case, ['./' + name, '-o', 'x'])


def module(case, interpreter):
    case.write('package/__init__.py', '')
    case.write('package/__main__.py', PROGRAM)
    case.write('package/part.py', PROGRAM)
    case.write('folder/__main__.py', PROGRAM)
    started(case, [interpreter.path, '-m', 'package', '-m', 'x'])
    started(case, [interpreter.path, '-m', 'package.part'])
    started(case, [interpreter.path, 'folder', 'x'])


def standard_input(case, interpreter):
    started(case, [interpreter.path, '-', 'x'], input=PROGRAM.encode())
    started(case, [interpreter.path, '-c', PROGRAM, 'x'])


each('isolated', isolated)
each('virtual_environment', virtual_environment, since=(3, 3))
each('zip_application', zip_application)
each('shebang', shebang)
each('module', module)
each('standard_input', standard_input)
