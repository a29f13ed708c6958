"""The reader beside a recording that grows: on a terminal and as text."""
import subprocess

import recordings
from support import pytrace
from support.suite import add, check, equal
from tmux import Terminal


class Live:
    """A recording that grows when told."""
    def __init__(self, path):
        self.process = subprocess.Popen([recordings.maker(), 'live', path], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()

    def add(self, calls):
        print(calls, file=self.process.stdin, flush=True)
        self.process.stdout.readline()

    def end(self):
        self.process.stdin.close()
        self.process.stdout.read()
        self.process.wait()
        self.process.stdout.close()


def follows_a_growing_recording(case):
    path = case.path('live.sqlite')
    live = Live(path)
    with Terminal(case) as terminal:
        terminal.start('-F', path)
        terminal.wait('FOLLOW')
        live.add(5)
        terminal.wait('step(n = int: 5)')
        live.add(20000)
        terminal.wait('step(n = int: 20005)')
        # Moving up leaves follow mode: the rows stay.
        terminal.type('k')
        terminal.wait('LIVE')
        before = terminal.screen().split('\n')[2:6]
        live.add(100)
        terminal.wait('20,105 calls')
        equal(terminal.screen().split('\n')[2:6], before)
        # A filter holds for new rows, too.
        terminal.type('&n == 1', 'C-u', 'arg.n > 20105', 'Enter')
        terminal.wait('no event matches')
        live.add(1)
        terminal.wait('step(n = int: 20106)')
        live.end()
        terminal.wait('DONE')


def the_end_of_what_is_followed_is_told(case):
    path = case.path('live.sqlite')
    live = Live(path)
    with Terminal(case) as terminal:
        terminal.start('-F', path)
        live.add(5)
        check('FOLLOW' in terminal.wait('step(n = int: 5)'), terminal.screen())
        live.end()
        # Without a key.
        shown = terminal.wait('DONE')
        check('step(n = int: 5)' in shown, shown)
        # The same as one leaves it, or asks for it again.
        terminal.type('F')
        check('DONE' in terminal.wait('no more rows come'), terminal.screen())
        terminal.type('C-c')
        terminal.wait('q leaves the reader')


def an_older_run_has_ended(case):
    """Whatever the newest one does."""
    path = case.path('live.sqlite')
    first = Live(path)
    first.add(3)
    first.end()
    second = Live(path)
    second.add(2)
    with Terminal(case) as terminal:
        terminal.start('--run', '1', path)
        terminal.wait('DONE')
        terminal.type('F')
        check('DONE' in terminal.wait('no more rows come'), terminal.screen())
        terminal.type('q')
        terminal.start('--run', '2', path)
        terminal.wait('LIVE')
        terminal.type('q')
        terminal.start('--run', 'all', path)
        terminal.wait('LIVE')
    done = pytrace.run([pytrace.BIN, '-F', '--run', '1', '--format', 'jsonl', path], env=recordings.environment())
    equal((done.returncode, len(done.stdout.splitlines())), (0, 6), 'status, events of the first run')
    second.end()


def unknown_names_may_be_kept(case):
    path = case.path('live.sqlite')
    live = Live(path)
    live.add(3)
    with Terminal(case) as terminal:
        terminal.start(path)
        terminal.wait('LIVE')
        terminal.type('&func == "stop"', 'Enter')
        shown = terminal.wait('func not found: stop; did you mean:')
        check('2 keep it: it may appear later' in shown, shown)
        terminal.type('2')
        terminal.wait('& func == "stop"')
        terminal.type('Enter')
        shown = terminal.wait('keep it and follow: events may come')
        number = [line for line in shown.split('\n') if 'keep it and' in line][0].split()[0]
        terminal.type(number)
        terminal.wait('FOLLOW')
        live.end()
        terminal.wait('DONE')
        # Now nothing can come any more.
        terminal.type('&', 'C-u', 'func == "stopp"', 'Enter')
        shown = terminal.wait('func not found: stopp')
        check('keep it' not in shown, shown)


def rings_at_each_new_match(case):
    path = case.path('live.sqlite')
    live = Live(path)
    with Terminal(case) as terminal:
        terminal.start('-F', path)
        terminal.wait('FOLLOW')
        live.add(5)
        terminal.wait('step(n = int: 5)')
        terminal.type('/', 'n = int: .0')
        terminal.wait('Pattern not found')
        terminal.type('Enter')
        terminal.type('M-f')
        terminal.wait('FOLLOW')
        for count, newest in ((5, 10), (10, 20)):
            live.add(count)
            terminal.wait('a new row matches')
            check('FOLLOW' in terminal.wait('step(n = int: %d)' % newest), terminal.screen())
            terminal.type('-', 'd')
            terminal.wait('DURATION', gone=newest == 10)
        # ESC-F ends with the first one.
        terminal.type('M-F')
        live.add(15)
        terminal.wait('a new row matches')
        terminal.wait('LIVE')
        live.end()


def text_follows_a_growing_recording(case):
    path = case.path('live.sqlite')
    live = Live(path)
    live.add(2)
    command = [pytrace.BIN, '-F', '--format', 'jsonl', path]
    reader = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=recordings.environment())
    for _ in range(4):
        reader.stdout.readline()
    live.add(3)
    rest = [reader.stdout.readline() for _ in range(6)]
    check('"value": "5"' in rest[-1], rest)
    live.end()
    equal(reader.stdout.read(), '')
    equal(reader.wait(), 0)
    reader.stdout.close()


def add_tests():
    for body in (follows_a_growing_recording, the_end_of_what_is_followed_is_told, an_older_run_has_ended, unknown_names_may_be_kept, rings_at_each_new_match, text_follows_a_growing_recording):
        add(body.__name__, body)
