"""Differential tests: every program in programs/ is recorded and, in the same interpreter, watched by the oracle; both
must agree in every call.

A program's first comment lines may say `# needs 3.12` (the least version), `# own files only` (what the standard
library does in it depends on timing) or `# ends with N` (its exit status). Programs made at random join them,
random_SEED. Test names are PROGRAM@INTERPRETER.
"""
import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import compare
import random_program
from support import interpreters, pytrace
from support.suite import add, check, equal, suite


def header(program):
    with open(program, encoding='utf-8') as file:
        lines = re.match('(#.*\n)*', file.read()).group(0)
    needs = re.search('needs 3[.](\\d+)', lines)
    ends = re.search('ends with (\\d+)', lines)
    return (3, int(needs.group(1)) if needs else 6), 'own files only' in lines, int(ends.group(1)) if ends else 0


def test_of(program, interpreter, own_only, status):
    return lambda case: compare_run(case, program, interpreter, own_only, status)


def test_of_random(seed, interpreter):
    return lambda case: compare_run(case, case.write('made.py', random_program.make(seed)), interpreter, False, 0)


def compare_run(case, program, interpreter, own_only, status):
    oracle = pytrace.run(
        [interpreter.path, os.path.join(HERE, 'oracle.py'),
         case.path('oracle.json'), program], cwd=case.tmp)
    check(os.path.exists(case.path('oracle.json')),
          'the oracle failed: %s' % oracle.stderr.decode(errors='replace')[-500:])
    db = case.path('traces.sqlite')
    done = pytrace.record(db, [program], ['--python', interpreter.path], cwd=case.tmp)
    equal(done.returncode, status, 'exit status (stderr: %s)' % done.stderr.decode(errors='replace')[-300:])
    equal(done.stdout, oracle.stdout, 'output')
    with open(case.path('oracle.json')) as file:
        expected = json.load(file)['threads']
    problem = compare.difference(expected, compare.recorded(db, program), own_only)
    check(not problem, problem)
    broken = pytrace.broken_invariants(db)
    check(not broken, '; '.join(broken))


for name in sorted(os.listdir(compare.PROGRAMS)):
    if name.endswith('.py') and not name.startswith('helper_'):
        path = os.path.join(compare.PROGRAMS, name)
        version, own_only, status = header(path)
        for interpreter in interpreters.chosen():
            if interpreter.version >= version:
                add('%s@%s' % (name[:-3], interpreters.name(interpreter)), test_of(path, interpreter, own_only, status))
for seed in range(1, 61):
    for interpreter in interpreters.chosen():
        test = test_of_random(seed, interpreter)
        add('random_%d@%s' % (seed, interpreters.name(interpreter)), test, only_all=seed > 5)
suite()
