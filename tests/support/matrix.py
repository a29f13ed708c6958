"""matrix.py FILE: the table of interpreters and ways, from the results of suites (suite.py --results).

A row is a version and build, a column a way. `ok`: all its tests passed; `FAIL n`: so many did not; `-`: no test ran, because there is no such
interpreter here or it has no such way.
"""
import collections
import os
import re
import sys

sys.path[:0] = [os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]

from support import interpreters

VERSIONS = [(2, 7)] + [(3, minor) for minor in range(6, 16)]

# A test belongs to the first column whose pattern its name (before the @) matches.
COLUMNS = (
    ('script', 'shop|shebang|standard_input|isolated|zip_application|virtual_environment'),
    ('-m', 'module'),
    ('linked', 'linked_.*'),
    ('dlopen', 'dlopen_.*|embedded'),
    ('subinterp.', 'subinterpreters.*|interpreter_pool'),
    ('threads', 'eight_by_eight|threads_and_fork'),
    ('fork', '.*_fork|daemon'),
    ('spawn', '.*_(spawn|forkserver)'),
    ('exec', 'children|exec_chain'),
    ('tools', 'profilers|debugger|monitoring_tools|hooks_of_the_program|monitoring_beside_ours|greenlet.*|gevent.*'),
    ('same', 'surroundings|recursion|references|depths|deep_generators|stack_use|signals|faults|memory'),
    ('own tests', 'test_.*|stdlib.*|regression.*'),
    ('calls', '.*'),  # the differential programs: every call as the oracle saw it, after the self-test
)


def read(file):
    """{interpreter: {column: Counter of outcomes}}"""
    cells = collections.defaultdict(lambda: collections.defaultdict(collections.Counter))
    with open(file, encoding='utf-8') as lines:
        for line in lines:
            outcome, name = line.rstrip('\n').split('\t')
            test, _, interpreter = name.partition('@')
            if not re.fullmatch(r'\d+\.\d+\.\d+-(shared|static)', interpreter):
                continue
            column = next(title for title, pattern in COLUMNS if re.fullmatch(pattern, test))
            cells[interpreter][column][outcome] += 1
    return cells


def cell(outcomes):
    if outcomes['failed']:
        return 'FAIL %d' % outcomes['failed']
    return 'ok' if outcomes['passed'] else '-'


def rows(cells):
    found = {interpreters.name(interpreter): interpreter for interpreter in interpreters.find()}
    for version in VERSIONS:
        for build in ('shared', 'static'):
            here = sorted(name for name in set(found) | set(cells)
                          if name.endswith(build) and tuple(map(int, name.split('.')[:2])) == version)
            for name in here or [None]:
                root = name and name in found and found[name].root
                label = name.rpartition('-')[0] if name else '%d.%d' % version
                yield [label, build, os.path.basename(root) if root else 'here' if name else '-'] + [
                    cell(cells[name][title]) if name else '-' for title, _ in COLUMNS
                ]


def main():
    table = [['Python', 'build', 'system'] + [title for title, _ in COLUMNS]]
    table += rows(read(sys.argv[1]))
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    table.insert(1, ['-' * width for width in widths])
    for row in table:
        print('| ' + ' | '.join(text.ljust(width) for text, width in zip(row, widths)) + ' |')


main()
