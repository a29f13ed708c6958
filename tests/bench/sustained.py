"""One thread that calls without pause while everything is kept: is it held back in the end, does it grow?

Usage: tests/bench/sustained.py [SECONDS] [--python PATH]
Prints calls/s and the process's memory for each tenth, then the last tenth's rate as a share of the first one's, and
what the database has of it.
"""
import argparse
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from support import pytrace

PROGRAM = '''
import resource, sys, time

def callee(n):
    return n

def calls(until):
    done = 0
    clock = time.perf_counter
    while clock() < until:
        for n in range(10000):
            callee(n)
        done += 10000
    return done

tenth = float(sys.argv[1]) / 10
for _ in range(10):
    begin = time.perf_counter()
    done = calls(begin + tenth)
    with open('/proc/self/status') as status:
        lines = dict(line.split(':', 1) for line in status)
    print(done, done / (time.perf_counter() - begin), int(lines['RssAnon'].split()[0]), flush=True)
'''


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('seconds', nargs='?', type=float, default=60)
    parser.add_argument('--python', default=pytrace.PYTHON)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix='pytrace-bench-') as folder:
        db = os.path.join(folder, 'sustained.sqlite')
        words = ['--max-size', '0', '--max-traces', '0', '--python', options.python, '-c', PROGRAM, str(options.seconds)]
        done = pytrace.record(db, words, cwd=folder, timeout=options.seconds * 3 + 60)
        if done.returncode:
            sys.exit(done.stderr.decode(errors='replace'))
        rows = [[float(word) for word in line.split()] for line in done.stdout.splitlines()]
        for number, (_, rate, memory) in enumerate(rows, 1):
            print('tenth %2d: %5.2f M calls/s, %4.0f MB of its own' % (number, rate / 1e6, memory / 1024))
        made = int(sum(row[0] for row in rows))
        kept = pytrace.plain(db, "SELECT sum(calls) FROM functions WHERE func = 'callee'")[0][0]
        print('last to first: %.2f; %d calls made, %d recorded, %.2f bytes each' %
              (rows[-1][1] / rows[0][1], made, kept, pytrace.size(db) / kept))
        if made != kept:
            sys.exit('calls are missing')


main()
