"""What recording costs, as tables: every program untraced, traced in several ways and under cProfile, in turns;
medians.

Usage: tests/bench/run.py --bench [--rounds N] [--python PATH ...] [--json FILE] [PROGRAM ...]
Without --bench it measures nothing, because every test run comes by here. Without --python it takes two interpreters,
one after the other: this machine's 3.11, whose hook is the evaluation of frames, and 3.13 or, without one, the newest
with sys.monitoring. Programs: those in programs/; `startup` (python3 -c pass, /bin/true); `bulk` (10 million calls with
objects). What an interpreter lacks for one (flask, sympy) is fetched into an environment, see
tests/support/environments.py.

"what a program pays": seconds in the program's work, untraced; the ratio traced to untraced; the same with --values
none, with filters that leave nothing to record (--modules), and for cProfile; what tracing adds, as a share of what
cProfile adds; calls recorded in a second of work; nanoseconds that tracing adds to a call; peak memory of the process
in MB, untraced and traced (its buffer is in it).
"what a call takes on its way": calls recorded, those of imports among them; bytes a call in the ring; bytes a call in
the database; processor time of the dumper a call, less that of its start; calls that one core takes at that rate, in
millions a second; milliseconds from the program's end to pytrace's return, when all is committed; peak memory of the
dumper in MB.
"bulk": seconds from the start of the command to its return, when all is committed; the calls that the database counts,
which are as many as sys.setprofile counts, or the bench ends here; the rest as above, the dumper's start included.
"""
import argparse
import json
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

import bulk
import program_cost
import startup
from support import environments, interpreters, pytrace
from support.suite import Skip

PROGRAMS = ('fib', 'arguments', 'containers', 'scheduler', 'raytrace', 'generators', 'exceptions', 'coroutines',
            'threads1', 'threads2', 'threads8', 'web', 'algebra')
NEEDS = {'web': 'flask', 'algebra': 'sympy'}  # a package, and its module

PROGRAM_COST = ('{program:11} {seconds:8.3f} {traced:7.2f}x {no values:8.2f}x {filtered:8.2f}x {cProfile:8.2f}x '
                '{share:>11} {calls/s:11,.0f} {added ns:8.0f} {peak MB:5.0f}/{peak MB traced:.0f}')
PROGRAM_TITLE = '%-11s %8s %8s %9s %9s %9s %11s %11s %8s %9s' % (
    'program', 'seconds', 'traced', 'no values', 'filtered', 'cProfile', 'of cProfile', 'calls/s', 'ns/call', 'peak MB')
CALL_COST = ('{program:11} {calls:11,} {ring:>10} {database bytes:14.2f} {dumper ns:14.0f} {dumper calls/s:16.1f} '
             '{commit ms:9.1f} {dumper MB:9.1f}')
CALL_TITLE = '%-11s %11s %10s %14s %14s %16s %9s %9s' % ('program', 'calls', 'ring bytes', 'database bytes',
                                                        'dumper ns/call', 'dumper M calls/s', 'commit ms', 'dumper MB')
BULK = ('bulk {program:9} {calls:11,} calls, all committed {seconds:.2f} s after the start; {database bytes:.2f} bytes '
        'a call in the database, {ring bytes:.1f} in the ring; dumper {dumper ns:.0f} ns a call, {dumper MB:.1f} MB')
STARTUP = ('{program:15} {ms:8.2f} ms, under the preload +{preload ms:.2f} ms, with pytrace until the commit '
           '+{pytrace ms:.2f} ms')


def default_interpreters():
    system = interpreters.system()
    frames = system if system and system.version[:2] == (3, 11) else interpreters.one(11) or system
    monitoring = [i for i in interpreters.find() if i.version >= (3, 12) and not i.root]
    newer = interpreters.one(13) or max(monitoring, key=lambda i: i.version, default=None)
    return list(dict.fromkeys(filter(None, (frames, newer))))


def named_interpreter(path):
    return interpreters.at(path) or sys.exit('%s is no interpreter' % path)


def with_module(interpreter, module):
    """The path of the interpreter, or of one like it that has the module. Raises Skip."""
    if not module or pytrace.run([interpreter.path, '-c', 'import ' + module]).returncode == 0:
        return interpreter.path
    return environments.python_with(interpreter, module)


class Bench:
    """The tables of one interpreter."""
    def __init__(self, interpreter, options, folder):
        self.interpreter, self.rounds, self.folder = interpreter, options.rounds, folder
        self.chosen = options.programs or (*PROGRAMS, 'startup', 'bulk')
        self.rows, self.skipped = [], 0

    def _keep(self, table, row):
        self.rows.append({'python': interpreters.name(self.interpreter), 'table': table, **row})
        return row

    def programs(self):
        chosen = [program for program in self.chosen if program not in ('startup', 'bulk')]
        if not chosen:
            return
        dumper_ns = startup.dumper_ns(self.interpreter.path, self.rounds, self.folder)
        rows = []
        print('what a program pays\n' + PROGRAM_TITLE, flush=True)
        for program in chosen:
            try:
                python = with_module(self.interpreter, NEEDS.get(program))
            except Skip as why:
                print('%-11s SKIPPED, not measured: %s' % (program, why), flush=True)
                self.skipped += 1
                continue
            row = self._keep('program', program_cost.measure(python, program, self.rounds, self.folder, dumper_ns))
            rows.append(row)
            share = 'n/a' if row['of cProfile'] is None else '%.0f%%' % (100 * row['of cProfile'])
            print(PROGRAM_COST.format(share=share, **row), flush=True)
        print('what a call takes on its way (the start of a dumper, %.1f ms of processor time, is not in it)\n%s' %
              (dumper_ns / 1e6, CALL_TITLE))
        for row in rows:
            row['dumper calls/s'] = 1000 / row['dumper ns']
            ring = 'n/a' if row['ring bytes'] is None else '%.1f' % row['ring bytes']
            print(CALL_COST.format(ring=ring, **row), flush=True)

    def bulk(self):
        for program in bulk.PROGRAMS if 'bulk' in self.chosen else ():
            row = bulk.measure(self.interpreter.path, program, self.rounds, self.folder)
            print(BULK.format(**self._keep('bulk', row)), flush=True)

    def startup(self):
        words = {'true': ['/bin/true'], 'python -c pass': [self.interpreter.path, '-c', 'pass']}
        for program in words if 'startup' in self.chosen else ():
            row = {'program': program, **startup.measure(words[program], self.rounds, self.folder)}
            print(STARTUP.format(**self._keep('startup', row)), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--bench', action='store_true')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--python', action='append', metavar='PATH')
    parser.add_argument('--json', metavar='FILE')
    parser.add_argument('programs', nargs='*', metavar='PROGRAM')
    options = parser.parse_args()
    if not options.bench:
        print('0 passed, 0 failed, 0 skipped')
        return
    if pytrace.missing():
        sys.exit(pytrace.missing() + ' is missing')
    unknown = set(options.programs) - {*PROGRAMS, 'startup', 'bulk'}
    if unknown:
        sys.exit('no program %s; there are %s, startup, bulk' % (', '.join(sorted(unknown)), ', '.join(PROGRAMS)))
    rows, skipped = [], 0
    for interpreter in map(named_interpreter, options.python) if options.python else default_interpreters():
        print('Python %s, %s; medians of %d rounds, load %.1f, %d cores' %
              (interpreters.name(interpreter), interpreter.path, options.rounds, os.getloadavg()[0], os.cpu_count()))
        with tempfile.TemporaryDirectory(prefix='pytrace-bench-') as folder:
            bench = Bench(interpreter, options, folder)
            for table in bench.programs, bench.bulk, bench.startup:
                table()
        rows += bench.rows
        skipped += bench.skipped
        print(flush=True)
    if options.json:
        with open(options.json, 'w') as file:
            json.dump(rows, file, indent=1)
    print('%d passed, 0 failed, %d skipped' % (len(rows), skipped))


main()
