"""Differential tests: every program in programs/ is recorded and, in the same interpreter, watched by the oracle; both
must agree in every call.

A program's first comment lines may say `# needs 3.12` (the least version), `# also 2.7` (it runs there, too), `# own files only` (what the standard library does in it depends on timing) or `# ends
with N` (its exit status). Those in programs/python2/ are for 2.7 alone. Programs made at random join them, random_SEED.
Test names are PROGRAM@INTERPRETER.
"""
import glob
import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON2 = os.path.join(HERE, 'programs', 'python2')
PACKAGES = os.path.join(HERE, 'programs', 'packages')
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import compare
import random_program
from support import environments, interpreters, pytrace
from support.suite import add, check, equal, suite


def header(program):
    """The interpreters it is for, what of it is compared (compare.OWN_FILES ...), its exit status."""
    with open(program, encoding='utf-8') as file:
        lines = re.match('(#.*\n)*', file.read()).group(0)
    needs = re.search('needs 3[.](\\d+)', lines)
    least = (3, int(needs.group(1)) if needs else 6)
    ends = re.search('ends with (\\d+)', lines)
    python2 = os.path.dirname(program) == PYTHON2
    fit = [] if python2 else [i for i in interpreters.chosen() if i.version >= least]
    if python2 or 'also 2.7' in lines:
        fit += interpreters.chosen_of_2()
    scope = next((each for each in (compare.OWN_FILES, compare.OWN_VALUES) if each in lines), None)
    return fit, scope, int(ends.group(1)) if ends else 0


def test_of(program, interpreter, scope, status):
    return lambda case: compare_run(case, program, interpreter.path, scope, status)


def test_of_package(program, interpreter, scope, status):
    package = os.path.basename(program).split('_')[0]
    return lambda case: compare_run(case, program, environments.python_with(interpreter, package), scope, status)


def test_of_random(seed, interpreter):
    return lambda case: compare_run(case, case.write('made.py', random_program.make(seed)), interpreter.path, None, 0)


def compare_run(case, program, python, scope, status):
    oracle = pytrace.run(
        [python, os.path.join(HERE, 'oracle.py'),
         case.path('oracle.json'), program], cwd=case.tmp)
    check(os.path.exists(case.path('oracle.json')),
          'the oracle failed: %s' % oracle.stderr.decode(errors='replace')[-500:])
    db = case.path('traces.sqlite')
    done = pytrace.record(db, [program], ['--python', python], cwd=case.tmp)
    equal(done.returncode, status, 'exit status (stderr: %s)' % done.stderr.decode(errors='replace')[-300:])
    equal(done.stdout, oracle.stdout, 'output')
    with open(case.path('oracle.json')) as file:
        expected = json.load(file)['threads']
    problem = compare.difference(expected, compare.recorded(db, program), scope)
    check(not problem, problem)
    broken = pytrace.broken_invariants(db)
    check(not broken, '; '.join(broken))


for path in sorted(glob.glob(os.path.join(compare.PROGRAMS, '*.py'))) + sorted(glob.glob(os.path.join(PYTHON2, '*.py'))):
    name = os.path.basename(path)[:-3]
    if not name.startswith('helper_'):
        fit, scope, status = header(path)
        for interpreter in fit:
            add('%s@%s' % (name, interpreters.name(interpreter)), test_of(path, interpreter, scope, status))
for path in sorted(glob.glob(os.path.join(PACKAGES, '*.py'))):
    fit, scope, status = header(path)
    for interpreter in fit:
        name = 'package_%s@%s' % (os.path.basename(path)[:-3], interpreters.name(interpreter))
        add(name, test_of_package(path, interpreter, scope, status), only_all=True)
for seed in range(1, 61):
    for interpreter in interpreters.chosen():
        test = test_of_random(seed, interpreter)
        add('random_%d@%s' % (seed, interpreters.name(interpreter)), test, only_all=seed > 5)
suite()
