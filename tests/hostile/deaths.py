"""The guest dies, in every way there is."""
import os
import signal
import time

from publisher import Publisher, check_calls, pause
from support import interpreters, pytrace
from support.suite import add, equal

ROUNDS = 10


def kills(interpreter, threads):
    def body(case):
        # Threads that rest take turns sooner: else a round is long enough for half a million calls, which are all read.
        rest = 0 if case.all or threads == 1 else 5e-5
        for round_ in range(ROUNDS * (10 if case.all else 1)):
            guest = Publisher(case, interpreter.path, threads, name='k%d' % round_, rest=rest)
            pid = guest.wait_for_calls(1)
            time.sleep(pause())
            os.kill(pid, signal.SIGKILL)
            guest.finish(128 + signal.SIGKILL)
            check_calls(guest.db, guest.published())
            equal(pytrace.value(guest.db, 'SELECT count(*) FROM processes WHERE ended_ns IS NULL'), 0,
                  'processes without an end')

    return body


# 200 of them, over all interpreters, some with several threads.
_all = interpreters.chosen()
for number in range(200 // ROUNDS):
    each = _all[number % len(_all)]
    add('kill_%02d@%s' % (number, interpreters.name(each)), kills(each, 3 if number % 5 == 4 else 1))


def ends(interpreter, ending, status):
    def body(case):
        for round_, calls in enumerate((0, 1, 7, 1000, 20000)):
            guest = Publisher(case, interpreter.path, 1, calls, ending, name='e%d' % round_)
            guest.finish(status)
            equal(guest.published(), [calls], 'published')
            check_calls(guest.db, [calls], exactly=True)
            equal(pytrace.value(guest.db, "SELECT count(*) FROM calls WHERE func = 'end'"), 1, 'calls of end')

    return body


for each in _all:
    for name, ending, status in (('_exit', 'os._exit(7)', 7), ('segfault', 'ctypes.string_at(0)', 128 + signal.SIGSEGV),
                                 ('abort', 'os.abort()', 128 + signal.SIGABRT),
                                 ('execve', 'os.execve("/bin/sh", ["sh", "-c", "exit 9"], {})', 9)):
        add('%s@%s' % (name, interpreters.name(each)), ends(each, ending, status))


def kill_of_a_forked_child(case):
    """The child is killed, the parent lives on."""
    ending = '''
    pid = os.fork()
    if pid == 0:
        for n in range(1000):
            step(1, n)
        os.kill(os.getpid(), 9)
    os.waitpid(pid, 0)
    for n in range(500):
        step(2, n)'''
    guest = Publisher(case, pytrace.PYTHON, 1, 100, ending)
    guest.finish(0)
    check_calls(guest.db, [100, 1000, 500], exactly=True)


add('kill_of_a_forked_child', kill_of_a_forked_child)
