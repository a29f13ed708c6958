"""What tests/bench says of a recording beside the program's time: it must be what the product itself knows."""
import os
import sqlite3
import subprocess
import sys

from support import pytrace
from support.suite import check, equal, test, wait_until

BENCH = os.path.join(pytrace.ROOT, 'tests', 'bench')
sys.path.append(BENCH)

import outside

PROGRAM = '''
import threading
all_there = threading.Barrier(3)
def leaf(n): return n
def work():
    all_there.wait()
    for n in range(20000): leaf(n)
threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print('done', flush=True)
input()
'''


def drained(db):
    try:
        return pytrace.plain(db, 'SELECT sum(position) FROM rings')[0][0]
    except sqlite3.OperationalError:
        return None  # there is no database yet


@test()
def the_bench_counts_the_bytes_of_rings(case):
    db = case.path('traces.sqlite')
    program = subprocess.Popen([pytrace.BIN, '-o', db, case.write('p.py', PROGRAM)], cwd=case.tmp,
                               env=pytrace.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    segment = outside.open_segment(db, program)
    try:
        equal(program.stdout.readline(), b'done\n', 'output')
        found = outside.ring_bytes(segment)
        check(found > 60000 * 10, '%d bytes for 60,000 calls' % found)
        # The dumper's own count, once it has all.
        wait_until(lambda: drained(db) == found, what='%d bytes in the table rings' % found)
        equal(outside.ring_bytes(segment), found, 'bytes when chunks have been freed')
        program.communicate(b'\n')
        ended = outside.ring_bytes(segment)
        check(found < ended < found + 20000, '%d bytes of a program that has ended, %d before' % (ended, found))
    finally:
        program.kill()
        os.close(segment)
    seen = outside.dumper(db)
    check(1e6 < seen.ns < 60e9 and 1 < seen.peak_mb < 1000, 'the dumper: %s' % (seen,))


@test()
def the_bench_measures_nothing_unless_asked(case):
    # There is nothing that it could measure with.
    done = pytrace.run([pytrace.PYTHON, os.path.join(BENCH, 'run.py')], env=pytrace.environment(PYTRACE_BIN='/nowhere'))
    equal((done.stdout, done.stderr, done.returncode), (b'0 passed, 0 failed, 0 skipped\n', b'', 0), 'outcome')
