"""One program of programs/, untraced, traced in several ways and under cProfile, in turns."""
import os
import statistics
import subprocess
import sys
import time

import outside
from support import pytrace

MEASURE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'programs', 'measure.py')


class Run:
    """A run of measure.py that is over. `db`: it was recorded there."""
    def __init__(self, words, db=None):
        self.begin = time.time()
        program = subprocess.Popen(words, env=pytrace.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        segment = outside.open_segment(db, program) if db else None
        out, error = program.communicate()
        self.end = time.time()
        if program.returncode or (db and segment is None):
            sys.exit('%s failed: %s' % (' '.join(words), error.decode(errors='replace')[-500:] or 'it recorded nothing'))
        if db:
            self.dumper = outside.dumper(db)
            self.ring_bytes = outside.ring_bytes(segment)
            os.close(segment)
        seconds, *self.result, ended, peak = out.split()
        self.seconds = float(seconds)
        self.commit_ms = (self.end - float(ended)) * 1000
        self.peak_mb = int(peak) / 1024


def traced(db, python, *options):
    return [pytrace.BIN, '-o', db, '--new', '--max-traces', '0', *options, '--python', python]


def calls_of_work(db, program):
    """Without those of the program's imports."""
    return pytrace.value(
        db, "SELECT count(*) FROM calls c, (SELECT start_ns AS begin, end_ns AS end FROM calls WHERE module = :module "
        "AND func = 'work' ORDER BY id LIMIT 1) w WHERE c.start_ns BETWEEN w.begin AND w.end", module=program)


def median_of(runs, what):
    return statistics.median(getattr(run, what) for run in runs)


def measure(python, program, rounds, folder, dumper_start_ns):
    db, other_db = os.path.join(folder, 'bench.sqlite'), os.path.join(folder, 'other.sqlite')
    words = [MEASURE, program]
    ways = {
        'untraced': ([python, *words, 'none'],),
        'traced': (traced(db, python) + words + ['none'], db),
        'no values': (traced(other_db, python, '--values', 'none') + words + ['none'],),
        'filtered': (traced(other_db, python, '--modules', 'nothing_of_this') + words + ['none'],),
        'cProfile': ([python, *words, 'cProfile'],),
    }
    runs = {way: [] for way in ways}
    for _ in range(rounds):
        for way, how in ways.items():
            runs[way].append(Run(*how))
    results = {tuple(run.result) for way in ways for run in runs[way]}
    if len(results) != 1:
        sys.exit('%s has different results: %s' % (program, results))
    seconds = {way: median_of(runs[way], 'seconds') for way in ways}
    plain = seconds['untraced']
    recorded = pytrace.plain(db, 'SELECT sum(calls) FROM functions')[0][0]  # of the last round; all are alike
    of_work = calls_of_work(db, program)
    row = {way: seconds[way] / plain for way in ways if way != 'untraced'}
    row.update({
        'program': program, 'seconds': plain,
        # Up to 3.11 cProfile sees one thread only.
        'of cProfile': (row['traced'] - 1) / (row['cProfile'] - 1) if row['cProfile'] > 1.2 else None,
        'calls/s': of_work / seconds['traced'], 'added ns': (seconds['traced'] - plain) / of_work * 1e9,
        'peak MB': median_of(runs['untraced'], 'peak_mb'), 'peak MB traced': median_of(runs['traced'], 'peak_mb'),
        'calls': recorded, 'database bytes': pytrace.size(db) / recorded,
        'ring bytes': runs['traced'][-1].ring_bytes and runs['traced'][-1].ring_bytes / recorded,
        'dumper ns': (statistics.median(run.dumper.ns for run in runs['traced']) - dumper_start_ns) / recorded,
        'dumper MB': statistics.median(run.dumper.peak_mb for run in runs['traced']),
        'commit ms': median_of(runs['traced'], 'commit_ms'),
    })
    return row
