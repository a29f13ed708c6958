"""The reader on a real terminal, by tmux: starts, is resized, suspended, pasted into, killed - and leaves the
terminal as it was."""
import json
import os
import re
import shlex
import signal
import subprocess

import recordings
from support import pytrace
from support.suite import add, check, equal, wait_until
from tmux import Terminal


def starts_and_quits(case):
    with Terminal(case) as terminal:
        terminal.start('shop.sqlite')
        screen = terminal.wait('h help')
        check('--> checkout(cart = ' in screen and 'DONE' in screen, screen)
        terminal.type('q')
        terminal.wait('h help', gone=True)
        terminal.is_restored()


def the_first_screen_fills_without_a_key(case):
    # Between its first two rows and the others the shop imports, which is hidden and takes more than a slice of work.
    path = case.path('shop.sqlite')
    pytrace.record(path, [os.path.join(pytrace.ROOT, 'tests/examples/shop.py')])
    with Terminal(case) as terminal:
        terminal.start(path)
        terminal.wait('--> Stock()')


def resizes(case):
    with Terminal(case) as terminal:
        terminal.start('shop.sqlite')
        terminal.wait('h help')
        terminal.type('/mail', 'Enter')
        terminal.wait('send(to')
        terminal.tmux('resize-window', '-x', '50', '-y', '8')
        terminal.wait('DURATION', gone=True)
        terminal.wait('send(to')
        terminal.tmux('resize-window', '-x', '120', '-y', '30')
        terminal.wait('DURATION')
        wait_until(lambda: len(terminal.screen().rstrip('\n').split('\n')) == 30, 60, '30 rows')
        terminal.tmux('resize-window', '-x', '15', '-y', '3')
        terminal.wait('enlarge')
        terminal.tmux('resize-window', '-x', '80', '-y', '12')
        terminal.wait('send(to')


def is_restored_when_killed(case):
    for name in ('TERM', 'HUP', 'SEGV', 'INT'):
        with Terminal(case) as terminal:
            terminal.start('shop.sqlite')
            terminal.wait('h help')
            os.kill(terminal.pid(), getattr(signal, 'SIG' + name))
            wait_until(lambda: terminal.pid() is None, 60, 'end by ' + name)
            terminal.is_restored()
            terminal.type('q', 'C-u')


def is_suspended_and_goes_on(case):
    with Terminal(case) as terminal:
        terminal.start('shop.sqlite')
        terminal.wait('h help')
        terminal.type('C-z')
        terminal.wait('Stopped')
        terminal.is_restored()
        terminal.type('fg', 'Enter')
        terminal.wait('h help')
        terminal.type('G')
        terminal.wait('100%')


def pasted_text_is_no_command(case):
    with Terminal(case) as terminal:
        terminal.start('shop.sqlite')
        terminal.wait('h help')
        terminal.tmux('set-buffer', 'qqq\n')
        terminal.tmux('paste-buffer', '-p')
        terminal.type('&')
        terminal.tmux('set-buffer', "func ==\n'fib'")
        terminal.tmux('paste-buffer', '-p')
        terminal.wait("& func == 'fib'")
        terminal.type('Enter')
        terminal.wait('30 matches')


def old_terminals(case):
    for term, shown in (('vt100', True), ('linux', True), ('screen', True), ('xterm-256color', True), ('dumb', False)):
        with Terminal(case) as terminal:
            terminal.type('TERM=%s %s shop.sqlite' % (term, pytrace.BIN), 'Enter')
            # Without a screen all is printed.
            terminal.wait('h help' if shown else '<-- <module>(')
            terminal.type('q')
            terminal.is_restored()


def colours_follow_the_terminal(case):
    """Escape sequences of a screen: 256 colours, their twins for a light background, what was chosen, or none."""
    config = case.path('config')
    with open(config, 'w', encoding='utf-8') as file:
        file.write('color function 33\n')
    for env, wanted, other in (({}, '38;5;117', '38;5;25m'), ({'COLORFGBG': '0;15'}, '38;5;25', '38;5;117'),
                               ({'PYTRACE_CONFIG': config}, '38;5;33', '38;5;25m'), ({'NO_COLOR': '1'}, '', '38;5')):
        with Terminal(case, **env) as terminal:
            terminal.start('shop.sqlite')
            terminal.wait('h help')
            screen = terminal.tmux('capture-pane', '-p', '-e')
            check(wanted in screen and other not in screen, '%s: %r' % (env, screen[:2000]))
            terminal.type('q')


MONO = r'\033\[(3[0-8]|9[0-7])'  # 39 is the terminal's own colour


def few_colours_and_none(case):
    """8 colours, or bold, underline and reverse only: by the terminal, the variable or the option, which wins."""
    for env, words, wanted, others in (({'TERM': 'xterm'}, [], '\033[34', '38;5'),
                                       ({'TERM': 'xterm', 'COLORFGBG': '0;15'}, [], '\033[34', '38;5'),
                                       ({'TERM': 'vt220'}, [], '\033[1m', MONO),
                                       ({'NO_COLOR': '1'}, [], '\033[7m', MONO),
                                       ({'NO_COLOR': ''}, [], '38;5;117', '38;5;25m'),
                                       ({'NO_COLOR': '1', 'COLORFGBG': '0;15'}, [], '\033[1m', MONO),
                                       ({'NO_COLOR': '1'}, ['--color', 'always'], '38;5;117', '38;5;25m'),
                                       ({'COLORFGBG': '15;0'}, [], '38;5;117', '38;5;25m'),
                                       ({'COLORFGBG': '0;7'}, ['--color', 'never'], '\033[1m', MONO)):
        with Terminal(case, **env) as terminal:
            term = ['TERM=' + env['TERM']] if 'TERM' in env else []
            terminal.type(shlex.join(['env', *term, pytrace.BIN, 'shop.sqlite', *words]), 'Enter')
            terminal.wait('h help')
            screen = terminal.tmux('capture-pane', '-p', '-e')
            check(wanted in screen and not re.search(others, screen), '%s %s: %r' % (env, words, screen[:1500]))
            terminal.type('q')


def the_background_is_asked_for(case):
    """The answer is no key, and a light background has darker colours; a dark one, or nonsense, changes nothing."""
    answers = (('\033]11;rgb:ffff/ffff/f0f0\033\\', '38;5;25m'), ('\033]11;rgb:ff/ff/ff\a', '38;5;25m'),
               ('\033]11;rgb:1010/1010/1010\033\\', '38;5;117'), ('\033]11;qqq:qqqq\a', '38;5;117'))
    for answer, wanted in answers:
        with Terminal(case) as terminal:
            terminal.start('shop.sqlite')
            terminal.wait('h help')
            terminal.type('-l', answer)
            terminal.type('j')
            terminal.wait('› checkout')
            wait_until(lambda: wanted in terminal.tmux('capture-pane', '-p', '-e'), 60, wanted)
            terminal.type('q')
            terminal.is_restored()


def the_mouse_is_used_when_wanted(case):
    with Terminal(case, width=100) as terminal:
        terminal.start('shop.sqlite', '--mouse')
        terminal.wait('h help')
        wait_until(lambda: terminal.tmux('display-message', '-p', '#{mouse_any_flag}').strip() == '1', 60, 'mouse mode')
        terminal.type('-l', '\033[<0;60;5M\033[<0;60;5m')
        terminal.wait('› lines')
        terminal.type('-l', '\033[<65;60;5M')
        terminal.wait('› lookup')
        terminal.type('-l', '\033[<0;3;2M\033[<0;3;2m')
        terminal.wait('C copies: time >=')
        terminal.type('-l', '\033[<0;3;2M\033[<0;3;2m')
        terminal.wait('SINCE START')
        terminal.type('-', 'm')
        wait_until(lambda: terminal.tmux('display-message', '-p', '#{mouse_any_flag}').strip() == '0', 60, 'no mouse')
        terminal.type('q')
        terminal.is_restored()


def commands_get_the_events(case):
    with Terminal(case) as terminal:
        terminal.start('shop.sqlite', '-e', 'exception')
        terminal.wait('h help')
        terminal.type('|', 'wc -l; echo th""rough', 'Enter')
        check('\n3\n' in terminal.wait('through'), terminal.screen())
        terminal.type('Enter')
        terminal.wait('h help')
        terminal.type(':', 'sql SELECT count(*) + 1000 FROM calls', 'Enter')
        terminal.wait('1033')
        terminal.type('Enter')
        terminal.wait('h help')
        terminal.type('|', 'no-such-command', 'Enter')
        terminal.wait('there is no command no-such-command')
        terminal.type('q')
        terminal.is_restored()


def events_are_saved(case):
    for name in ('x.txt', 'x.csv', 'x.tsv', 'x.jsonl', 'x.json', 'x.html'):
        path = case.path(name)
        command = [pytrace.BIN, 'shop.sqlite', '--screen', '80x8', '--dump', '-', '--keys']
        run = lambda keys: pytrace.run([*command, keys], cwd=recordings.folder(), env=recordings.environment()).stdout.decode()
        check('64 events in' in run('s%s<Enter>' % path), name)
        check('exists' in run('s%s<Enter>' % path), name)
        check('3 events in' in run('&exception<Enter>s!%s<Enter>' % path), name)
        equal(os.stat(path).st_mode & 0o777, 0o600)
        with open(path, encoding='utf-8') as file:
            text = file.read()
        check(text.count('B-02') >= 3 and '\033' not in text, text)
        if name.endswith('json'):
            equal([event['ph'] for event in json.loads(text)['traceEvents']], ['E'] * 3)


def the_editor_gets_the_terminal(case):
    source = case.path('where.py')
    with open(source, 'w', encoding='utf-8') as file:
        file.write('def fails(n):\n    return [][n]\n\n\ntry:\n    fails(3)\nexcept IndexError:\n    pass\n')
    database = case.path('where.sqlite')
    pytrace.record(database, [pytrace.PYTHON, source])
    with Terminal(case, height=24, EDITOR='echo edits >/dev/tty; read line </dev/tty; #') as terminal:
        terminal.start(database)
        terminal.wait('h help')
        terminal.type('E')
        terminal.wait('fails')
        terminal.type('v')
        terminal.wait('edits')
        terminal.type('Enter')
        terminal.wait('RAISED IN')
        terminal.type('Enter')
        terminal.wait('<-- fails')
        terminal.type('i')
        screen = terminal.wait('IndexError(')
        check('n           int  3' in screen, screen)


def history_is_kept(case):
    with Terminal(case, XDG_STATE_HOME=case.path('state')) as terminal:
        terminal.start('shop.sqlite')
        terminal.wait('h help')
        terminal.type('&', 'depth == 1', 'Enter')
        terminal.wait('filter: depth == 1')
        terminal.type('q')
        terminal.wait('h help', gone=True)
        terminal.start('shop.sqlite')
        terminal.wait('h help')
        terminal.type('&', 'Up', 'Enter')
        terminal.wait('filter: depth == 1')


def configuration(case):
    config = case.path('config')

    def run(text, *words):
        with open(config, 'w', encoding='utf-8') as file:
            file.write(text)
        done = pytrace.run([pytrace.BIN, 'shop.sqlite', *words], cwd=recordings.folder(),
                           env=recordings.environment(PYTRACE_CONFIG=config))
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    screen = ('--screen', '80x10', '--dump', '-')
    equal(run('alias slow = duration > 10ms\n', '--count', '-e', 'slow and func == "lookup"'), (0, '6\n', ''))
    equal(run('alias a = b\nalias b = a\n', '--count', '-e', 'a')[0], 2)
    equal(run('alias func = depth == 1\n', '--count')[0], 2)
    check('+ <module>' in run('set ascii\n# comment\nbind <C-t> tree\n', *screen, '--keys', '<C-t>')[1], 'tree')
    check('has no meaning' in run('bind t none\n', *screen, '--keys', 't')[1], 'none')
    for wrong, said in (('bogus', ':1: expected set'), ('bind t fly', 'no such key or action'), ('set fly', 'fly'),
                        ('color value pink', 'colour'), ('set new', 'new'), ('\nalias x', ':2: expected: alias')):
        status, _, stderr = run(wrong + '\n', *screen)
        check(status == 2 and said in stderr and stderr.count('\n') == 1, (wrong, status, stderr))
    done = pytrace.run([pytrace.BIN, '--help'], env=recordings.environment(PYTRACE_CONFIG=case.path('missing')))
    equal(done.returncode, 0)


def a_failing_request_is_three_keys_away(case):
    database = case.path('orders.sqlite')
    done = pytrace.record(database, [pytrace.PYTHON, os.path.join(pytrace.ROOT, 'tests/examples/orders.py')])
    if b'No module named' in done.stderr:
        raise AssertionError('needs Flask: %s' % done.stderr.decode())
    command = [pytrace.BIN, database, '--screen', '100x24', '--keys', 'E<Enter>i', '--dump', '-']
    screen = pytrace.run(command, env=recordings.environment()).stdout.decode()
    for wanted in ('--> price(sku', "sku         str  'B-02'", 'quantity    int  3', "KeyError('B-02')"):
        check(wanted in screen, wanted + '\n' + screen)


def a_pattern_is_searched_for_while_it_is_typed(case):
    with Terminal(case) as terminal:
        terminal.start('shop.sqlite')
        terminal.wait('h help')
        terminal.type('/', 'fib')
        terminal.wait('fib(n = int: 5)')
        terminal.type('Escape')
        terminal.wait('h help')
        terminal.wait('--> checkout(cart = ')
        terminal.type('Z', 'Z')
        terminal.wait('h help', gone=True)
        terminal.is_restored()


def rows_are_printed_whole(case):
    with Terminal(case, width=80, height=30) as terminal:
        terminal.start('shop.sqlite')
        terminal.wait('h help')
        terminal.type(':print', 'Enter')
        screen = terminal.wait('Enter goes back').replace('\n', '')
        check("<-- total(exception = KeyError: KeyError('B-02'))" in screen, screen)
        terminal.type('Enter')
        terminal.wait('h help')
        terminal.type('q')
        terminal.is_restored()


def a_session_is_recorded(case):
    path = case.path('screens')
    with Terminal(case) as terminal:
        terminal.start('shop.sqlite', '--record', path)
        terminal.wait('h help')
        for keys, shown in ((('j',), '› checkout'), (('/', 'fib'), 'fib(n = int: 5)'), (('Enter',), 'hit 1 of 30'), (('-', 'S'), 'hit 1'),
                            (('o',), 'CALLS')):
            terminal.type(*keys)
            terminal.wait(shown)
        terminal.tmux('resize-window', '-x', '60', '-y', '14')
        terminal.wait('callers of lookup             called by lookup')
        terminal.type('Q')
        terminal.is_restored()
    done = pytrace.run([pytrace.BIN, 'shop.sqlite', '--replay', path], cwd=recordings.folder(), env=recordings.environment())
    check(done.returncode == 0 and b'as recorded' in done.stdout, done.stdout.decode())


def a_closed_pipe_is_quiet(_):
    command = '%s wide.sqlite | head -n 3' % shlex.quote(pytrace.BIN)
    done = subprocess.run(['bash', '-c', 'set -o pipefail; ' + command], cwd=recordings.folder(),
                          env=recordings.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=pytrace.TIMEOUT)
    equal((done.stderr, done.stdout.count(b'\n'), done.returncode), (b'', 3, 0))


def add_tests():
    for body in (starts_and_quits, the_first_screen_fills_without_a_key, resizes, is_restored_when_killed, is_suspended_and_goes_on, pasted_text_is_no_command,
                 old_terminals, colours_follow_the_terminal, few_colours_and_none, the_background_is_asked_for,
                 the_mouse_is_used_when_wanted, commands_get_the_events, events_are_saved, the_editor_gets_the_terminal,
                 history_is_kept, configuration, a_failing_request_is_three_keys_away,
                 a_pattern_is_searched_for_while_it_is_typed, rows_are_printed_whole, a_session_is_recorded,
                 a_closed_pipe_is_quiet):
        add(body.__name__, body)
