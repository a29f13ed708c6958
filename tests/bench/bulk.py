"""Ten million calls with objects as arguments: how long from the program's start to the last commit, is each of them
there, how long is the database?"""
import os
import statistics
import subprocess
import sys

from program_cost import MEASURE, Run, traced
from support import pytrace

CALLS = 10_000_000
PROGRAMS = 'scheduler', 'raytrace'


def calls_made(python, program):
    """By the program's import and by one work(), as the interpreter counts them."""
    words = [python, os.path.join(os.path.dirname(MEASURE), 'count.py'), program]
    return map(int, subprocess.run(words, env=pytrace.environment(), stdout=subprocess.PIPE, check=True).stdout.split())


def measure(python, program, rounds, folder):
    imported, of_work = calls_made(python, program)
    times = -(-CALLS // of_work)
    expected = imported + times * of_work
    runs = []
    for number in range(rounds):
        # A new one each time: with --new the launcher would wait first for the dumper before.
        db = os.path.join(folder, 'bulk-%s-%d.sqlite' % (program, number))
        runs.append(Run(traced(db, python, '--max-size', '0') + [MEASURE, program, 'none', str(times)], db))
        counted = pytrace.value(db, 'SELECT count(*) FROM calls WHERE module = :module', module=program)
        if counted != expected:
            sys.exit('%s made %d calls, the database has %d of them' % (program, expected, counted))
        size = pytrace.size(db)
    return {
        'program': program, 'calls': expected, 'seconds': statistics.median(run.end - run.begin for run in runs),
        'database bytes': size / expected, 'ring bytes': runs[-1].ring_bytes / expected,
        'dumper ns': statistics.median(run.dumper.ns for run in runs) / expected,
        'dumper MB': statistics.median(run.dumper.peak_mb for run in runs),
    }
