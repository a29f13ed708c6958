"""How fast the reader is, as a table: the first screen, a key's frame, ^C, filters, scans, memory, and what an open,
following reader costs a program that is being recorded.

Usage: tests/bench/reader.py [--calls N ...] [--rounds N] [--folder DIR]
It makes recordings of 10 million calls (--calls 10000000 100000000 for both) in --folder, where it keeps them for the
next time; needs about 12 bytes a call. Times of a real terminal's side: from the key's byte to the first byte of the frame.
"""
import argparse
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
import fcntl

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(os.path.dirname(HERE), 'screens')]

import recordings
from support import pytrace

ENVIRONMENT = pytrace.environment(TZ='UTC', LANG='C.UTF-8', LC_ALL='C.UTF-8', TERM='xterm-256color', XDG_STATE_HOME=None, XDG_CONFIG_HOME=None, PYTRACE_CONFIG=None, PYTRACE_READER=None,
                                  COLORFGBG=None, NO_COLOR=None)  # and a HOME of its own, see main()

SCANS = (("func == 'step_3'", 50), ('duration > 1ms', 50), ("time > '00:51:32'", 50), ('depth == 3', 50), ('value > 9990', 10),
         ("value == '42'", 10), ('arg.n == 42', 10), ("value ~ 'item-9.*'", 0), ("stack ~ 'step_7 > step_9'", 0))
RARE = 'duration > 1900us'  # some 1 in 1,000 of the calls around it, on most blocks none


class Screen:
    """The reader on a pseudo-terminal."""
    def __init__(self, *words):
        begin = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(pytrace.BIN, [pytrace.BIN, *words], ENVIRONMENT)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack('HHHH', 30, 120, 0, 0))
        self.until(b'h help')
        self.first_ms = (time.perf_counter() - begin) * 1000

    def until(self, text, seconds=120):
        seen, begin = b'', time.perf_counter()
        while text not in seen:
            if not select.select([self.fd], [], [], seconds)[0]:
                raise SystemExit('%r never came' % text)
            seen = seen[-200:] + os.read(self.fd, 1 << 16)
        return (time.perf_counter() - begin) * 1000

    def quiet(self, seconds):
        """Until nothing comes for so long: the screen is drawn."""
        while select.select([self.fd], [], [], seconds)[0]:
            os.read(self.fd, 1 << 16)

    def press(self, key, settle=0.03):
        begin = time.perf_counter()
        os.write(self.fd, key)
        if not select.select([self.fd], [], [], 5)[0]:
            return None  # nothing to draw
        taken = (time.perf_counter() - begin) * 1000
        self.quiet(settle)
        return taken

    def megabytes(self):
        with open('/proc/%d/status' % self.pid) as status:
            return int(next(line for line in status if line.startswith('VmRSS')).split()[1]) / 1024

    def close(self):
        os.write(self.fd, b'Q')
        try:
            while os.read(self.fd, 1 << 16):
                pass
        except OSError:
            pass
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def line(what, value, unit, target):
    print('  %-52s %9.1f %-10s %s' % (what, value, unit, target), flush=True)


def percentile(values, part):
    values = sorted(value for value in values if value is not None)
    return values[min(len(values) - 1, int(part * len(values)))]


def recording(folder, calls):
    path = os.path.join(folder, 'wide-%d.sqlite' % calls)
    if not os.path.exists(path):
        subprocess.run([recordings.maker(), 'wide', path + '.new', str(calls)], check=True)
        os.rename(path + '.new', path)
    return path


def screens(path, rounds, calls):
    firsts = []
    for _ in range(rounds):
        screen = Screen(path)
        firsts.append(screen.first_ms)
        screen.close()
    line('first screen, median of %d' % rounds, statistics.median(firsts), 'ms', '< %d' % (100 if calls <= 10**7 else 150))
    screen = Screen(path)
    keys = [screen.press(key) for key in [b'j', b' ', b'k', b'b', b'd', b'u'] * 20]
    line('key to frame while scrolling, 99 of 100', percentile(keys, 0.99), 'ms', '< 16')
    jumps = [screen.press(key) for key in [b'G', b'g', b'50p', b'30p', b'G', b'80p', b'g', b'10p'] * 5]
    line('key to frame of jumps, 99 of 100', percentile(jumps, 0.99), 'ms', '< 16')
    begin = time.perf_counter()
    os.write(screen.fd, b'&' + RARE.encode() + b'\r')
    screen.until(b'matches of')
    line('first filtered screen', (time.perf_counter() - begin) * 1000, 'ms', '< 100')
    screen.quiet(0.5)
    os.write(screen.fd, b'&\x15\r')
    screen.quiet(0.3)
    stops = []
    for _ in range(rounds):
        os.write(screen.fd, b'g/nowhere at all\r')
        time.sleep(0.2)
        screen.quiet(0)
        os.write(screen.fd, b'\x03')
        stops.append(screen.until(b'interrupted'))
        screen.quiet(0.1)
    line('^C of a search, longest of %d' % rounds, max(stops), 'ms', '< 50')
    for key, what in ((b'o', b'functions'), (b't', b'rows')):
        screen.press(key)
        screen.quiet(0.5)
        os.write(screen.fd, b'q')
        screen.quiet(0.2)
    line('memory after all that', screen.megabytes(), 'MB', '< %d' % (100 if calls <= 10**7 else 200))
    screen.close()


def scans(path, calls, rounds):
    for expression, target in SCANS:
        best = None
        for _ in range(rounds):
            before = os.times()
            subprocess.run([pytrace.BIN, path, '--count', '-e', expression], stdout=subprocess.DEVNULL,
                           env=ENVIRONMENT)
            after = os.times()
            seconds = after.children_user - before.children_user + after.children_system - before.children_system
            best = min(best or seconds, seconds)
        line(expression, calls / best / 1e6, 'M calls/s', '>= %d' % target if target else '')


PROGRAM = '''
import time
def callee(n):
    return n
def work():
    for n in range(2000000):
        callee(n)
begin = time.perf_counter()
work()
print(time.perf_counter() - begin)
'''


def follower(rounds):
    """The same program with and without a reader that follows, in turns."""
    taken = {False: [], True: []}
    with tempfile.TemporaryDirectory(prefix='pytrace-bench-') as folder:
        script = os.path.join(folder, 'work.py')
        with open(script, 'w') as file:
            file.write(PROGRAM)
        for number in range(2 * rounds):
            db = os.path.join(folder, 'w%d.sqlite' % number)
            program = subprocess.Popen([pytrace.BIN, '-o', db, script], stdout=subprocess.PIPE, cwd=folder,
                                       env=pytrace.environment())
            screen = None
            if number % 2:
                while not os.path.exists(db):
                    time.sleep(0.001)
                time.sleep(0.05)
                screen = Screen('-F', db)
            while screen and program.poll() is None:
                screen.quiet(0.01)
            taken[bool(number % 2)].append(float(program.stdout.read()))
            program.wait()
            if screen:
                screen.close()
    plain, followed = statistics.median(taken[False]), statistics.median(taken[True])
    line('a following reader costs the program', (followed / plain - 1) * 100, '%', '< 3')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--calls', type=int, nargs='+', default=[10**7])
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--folder', default=os.path.join(tempfile.gettempdir(), 'pytrace-bench-reader'))
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    home = tempfile.TemporaryDirectory(prefix='pytrace-bench-home-')
    ENVIRONMENT['HOME'] = home.name
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    print('load %.1f, %d cores' % (os.getloadavg()[0], os.cpu_count()))
    for calls in options.calls:
        path = recording(options.folder, calls)
        print('%d calls, %d MB' % (calls, os.path.getsize(path) >> 20))
        screens(path, options.rounds, calls)
        scans(path, calls, options.rounds)
    follower(options.rounds)


main()
