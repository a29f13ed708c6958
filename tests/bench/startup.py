"""Milliseconds of a program's whole life without and with the library, and what the dumper's start takes."""
import os
import statistics
import subprocess
import time

import outside
from support import pytrace


def wall(words, **changes):
    environment = pytrace.environment(**changes)
    begin = time.perf_counter()
    subprocess.run(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - begin) * 1000


def measure(words, rounds, folder):
    db = os.path.join(folder, 'startup.sqlite')
    times = {way: [] for way in ('plain', 'preload', 'pytrace')}
    for _ in range(rounds * 10):
        times['plain'].append(wall(words))
        times['preload'].append(wall(words, LD_PRELOAD=pytrace.PRELOAD, PYTRACE_DB=db))
        times['pytrace'].append(wall([pytrace.BIN, '-o', db, '--', *words]))
    median = {way: statistics.median(values) for way, values in times.items()}
    return {'ms': median['plain'], 'preload ms': median['preload'] - median['plain'],
            'pytrace ms': median['pytrace'] - median['plain']}


def dumper_ns(python, rounds, folder):
    """Processor time of a dumper that has next to nothing to write."""
    found = []
    for number in range(max(rounds, 3)):
        db = os.path.join(folder, 'dumper-%d.sqlite' % number)
        wall([pytrace.BIN, '-o', db, '--python', python, '-c', 'pass'])
        found.append(outside.dumper(db).ns)
    return statistics.median(found)
