"""What recording costs, as a table: every program untraced, traced and under cProfile, in turns; medians.

Usage: tests/bench/run.py --bench [--rounds N] [--python PATH] [--json FILE] [PROGRAM ...] Without --bench it measures
nothing, because every test run comes by here. Programs: those in programs/, and `startup` (python3 -c pass, /bin/true).
Columns: seconds in the program's work, untraced; the ratio traced to untraced; the same with --values none and for
cProfile; what tracing adds, as a share of what cProfile adds; calls recorded in a second of work; nanoseconds that
tracing adds to a call; bytes of database a call; milliseconds from the program's end to pytrace's return; peak memory of
the process in MB, untraced and traced (its buffer is in it).
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from support import pytrace

MEASURE = os.path.join(HERE, 'programs', 'measure.py')
PROGRAMS = ('fib', 'arguments', 'containers', 'scheduler', 'raytrace', 'generators', 'exceptions', 'coroutines', 'threads',
            'threads8', 'web', 'algebra')
NEEDS = {'web': 'flask', 'algebra': 'sympy'}  # a module of the interpreter's


def once(words, **changes):
    done = subprocess.run(words, env=pytrace.environment(**changes), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        sys.exit('%s failed: %s' % (' '.join(words), done.stderr.decode(errors='replace')[-500:]))
    seconds, *result, ended, peak = done.stdout.split()
    return float(seconds), result, (time.time() - float(ended)) * 1000, int(peak) / 1024


def measure(python, program, rounds, folder):
    db = os.path.join(folder, 'bench.sqlite')
    plain_words = [python, MEASURE, program, 'none']
    traced_words = [pytrace.BIN, '-o', db, '--new', '--max-traces', '0', '--python', python]
    ways = {
        'untraced': plain_words,
        'traced': traced_words + plain_words[1:],
        'no values': traced_words + ['--values', 'none'] + plain_words[1:],
        'cProfile': [python, MEASURE, program, 'cProfile'],
    }
    seconds, commit, bytes_per_call, calls = {way: [] for way in ways}, [], 0, 0
    results, peaks = set(), {}
    for _ in range(rounds):
        for way, words in ways.items():
            taken, result, after, peaks[way] = once(words)
            seconds[way].append(taken)
            results.add(tuple(result))
            if way == 'traced':
                commit.append(after)
                calls = pytrace.plain(db, 'SELECT sum(calls) FROM functions')[0][0]
                bytes_per_call = pytrace.size(db) / calls
    if len(results) != 1:
        sys.exit('%s has different results: %s' % (program, results))
    median = {way: statistics.median(values) for way, values in seconds.items()}
    plain = median['untraced']
    added = (median['traced'] - plain) / (median['cProfile'] - plain)
    return {
        'program': program, 'seconds': plain, 'traced': median['traced'] / plain,
        'no values': median['no values'] / plain, 'cProfile': median['cProfile'] / plain, 'of cProfile': added,
        'calls/s': calls / median['traced'], 'bytes/call': bytes_per_call, 'commit ms': statistics.median(commit),
        'calls': calls, 'added ns': (median['traced'] - plain) / calls * 1e9, 'peak': peaks['untraced'],
        'peak traced': peaks['traced']
    }


def wall(words, **changes):
    environment = pytrace.environment(**changes)
    begin = time.perf_counter()
    subprocess.run(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - begin) * 1000


def startup(python, rounds, folder):
    """Milliseconds of a program's whole life without and with the library; `true` has no Python in it."""
    for name, words in (('true', ['/bin/true']), ('python -c pass', [python, '-c', 'pass'])):
        db = os.path.join(folder, 'startup.sqlite')
        times = {way: [] for way in ('plain', 'preload', 'pytrace')}
        for _ in range(rounds * 10):
            times['plain'].append(wall(words))
            times['preload'].append(wall(words, LD_PRELOAD=pytrace.PRELOAD, PYTRACE_DB=db))
            times['pytrace'].append(wall([pytrace.BIN, '-o', db, '--', *words]))
        median = {way: statistics.median(values) for way, values in times.items()}
        print('%-15s %8.2f ms, under the preload +%.2f ms, with pytrace until the commit +%.2f ms' %
              (name, median['plain'], median['preload'] - median['plain'], median['pytrace'] - median['plain']))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--bench', action='store_true')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--python', default=pytrace.PYTHON)
    parser.add_argument('--json', metavar='FILE')
    parser.add_argument('programs', nargs='*', metavar='PROGRAM')
    options = parser.parse_args()
    if not options.bench:
        print('0 passed, 0 failed, 0 skipped')
        return
    if pytrace.missing():
        sys.exit(pytrace.missing() + ' is missing')
    rows = []
    with tempfile.TemporaryDirectory(prefix='pytrace-bench-') as folder:
        print('%-11s %8s %8s %9s %9s %11s %11s %9s %10s %9s %9s' %
              ('program', 'seconds', 'traced', 'no values', 'cProfile', 'of cProfile', 'calls/s', 'ns/call', 'bytes/call',
               'commit ms', 'peak MB'))
        for program in options.programs or PROGRAMS:
            if program == 'startup':
                continue
            if program in NEEDS and pytrace.run([options.python, '-c', 'import ' + NEEDS[program]]).returncode:
                print('%-11s has no %s' % (program, NEEDS[program]))
                continue
            row = measure(options.python, program, options.rounds, folder)
            rows.append(row)
            print(
                '{program:11} {seconds:8.3f} {traced:7.2f}x {no values:8.2f}x {cProfile:8.2f}x {of cProfile:10.0%} '
                '{calls/s:11,.0f} {added ns:9.0f} {bytes/call:10.2f} {commit ms:9.1f} {peak:4.0f}/{peak traced:.0f}'.format(
                    **row), flush=True)
        if not options.programs or 'startup' in options.programs:
            startup(options.python, options.rounds, folder)
    if options.json:
        with open(options.json, 'w') as file:
            json.dump(rows, file, indent=1)
    print('%d passed, 0 failed, 0 skipped' % len(rows))


main()
