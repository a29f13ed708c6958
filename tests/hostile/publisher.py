"""Runs a program that publishes, in a shared file and after each call, how many calls have returned: what was published
must be in the database."""
import mmap
import os
import random
import struct
import subprocess

from support import pytrace
from support.suite import check, equal, wait_until

# The file: process id, number of threads, then a counter for each thread. Arguments: FILE THREADS CALLS REST. With a
# REST a thread sleeps so many seconds after every hundred calls.
PROGRAM = '''
import ctypes, mmap, os, sys, threading, time
def step(thread, n):
    return n
def publish(thread, calls):
    for n in range(calls):
        step(thread, n)
        shared[2 + thread] = n + 1
        if rest and n % 100 == 0:
            time.sleep(rest)
def end():
    ENDING
with open(sys.argv[1], 'r+b') as file:
    shared = memoryview(mmap.mmap(file.fileno(), 0)).cast('Q')  # each number is written by one instruction
threads, calls, rest = int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
shared[0], shared[1] = os.getpid(), threads
others = [threading.Thread(target=publish, args=(number, calls), daemon=True) for number in range(1, threads)]
for thread in others:
    thread.start()
publish(0, calls)
end()
'''


class Publisher:
    def __init__(self, case, python, threads=1, calls=10**9, ending='pass', options=(), name='p', rest=0):
        self.threads = threads
        self.db = case.path(name + '.sqlite')
        with open(case.path(name + '.shared'), 'wb') as file:
            file.write(bytes(16 + 8 * threads))
        with open(case.path(name + '.shared'), 'r+b') as file:
            self.shared = mmap.mmap(file.fileno(), 0)
        program = case.write(name + '.py', PROGRAM.replace('ENDING', ending))
        command = [
            pytrace.BIN, '-o', self.db, '--python', python, *options, program,
            case.path(name + '.shared'),
            str(threads),
            str(calls),
            str(rest)
        ]
        self.process = subprocess.Popen(command, cwd=case.tmp, env=pytrace.environment(), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def published(self):
        return list(struct.unpack_from('<%dQ' % self.threads, self.shared, 16))

    def pid(self):
        """The process id of the program, 0 until it runs."""
        return struct.unpack_from('<Q', self.shared, 0)[0]

    def wait_for_calls(self, count):
        """Waits until every thread has made so many calls; returns the process id of the program."""
        wait_until(lambda: self.process.poll() is not None or min(self.published()) >= count, what='%d calls' % count)
        if self.process.poll() is not None:
            raise AssertionError('the program ended early, %s: %s' %
                                 (self.process.returncode, self.process.stderr.read()))
        return self.pid()

    def finish(self, status=None):
        _, errors = self.process.communicate(timeout=pytrace.TIMEOUT)
        if status is not None:
            equal(self.process.returncode, status, 'exit status (stderr: %s)' % errors.decode(errors='replace')[-300:])
        return errors


def check_calls(db, published, exactly=False):
    """Every published call is there once, in order, with its values; the one in flight may be, too."""
    equal(pytrace.integrity(db), 'ok', 'integrity')
    connection = pytrace.connect(db)
    try:
        every = [[] for _ in published]
        for thread, *row in connection.execute(
                "SELECT t.value, c.outcome, c.result, n.value FROM calls c "
                "JOIN arguments n ON n.call_id = c.id JOIN arguments t ON t.call_id = c.id "
                "WHERE c.func = 'step' AND n.name = 'n' AND t.name = 'thread' ORDER BY c.id"):
            every[int(thread)].append(tuple(row))
        for thread, (count, found) in enumerate(zip(published, every)):
            wanted = [('return', str(n), str(n)) for n in range(count)]
            if found[:count] != wanted:
                first = next((n for n, (have, want) in enumerate(zip(found, wanted)) if have != want), len(found))
                raise AssertionError('thread %d: published %d calls, recorded %d; call %d is %s' %
                                     (thread, count, len(found), first, found[first:first + 1]))
            check(
                len(found) <= count + (0 if exactly else 1),
                'thread %d: published %d calls, recorded %d' % (thread, count, len(found)))
        equal(connection.execute('SELECT count(*) FROM losses').fetchone()[0], 0, 'losses')
    finally:
        connection.close()


def pause():
    """A random short time, rarely a longer one."""
    return random.choice((0.002, 0.01, 0.03, 0.06)) * random.random()


def dumper_of(db):
    """The process id of the database's dumper, when one lives."""
    for entry in os.listdir('/proc'):
        try:
            with open('/proc/%s/cmdline' % entry, 'rb') as file:
                words = file.read().split(b'\0')
        except (OSError, ValueError):
            continue
        if entry.isdigit() and os.path.basename(words[0]) == b'pytrace-dumper' and db.encode() in words:
            return int(entry)
    return None
