"""Screens: what the reader shows and prints, as text that can be read, and a few looks at a real terminal.

run.py [--bless] [options of support/suite.py]
--bless writes what is shown into the case files; read the difference before you commit it.

A file cases/NAME.screen has blocks of a command and what it must print; `[exit N]` follows where N is not 0, lines of
stderr begin with `! `.

    $ pytrace shop.sqlite --screen 80x24 --keys 'G'
     shop.sqlite  DONE ...
"""
import glob
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import files
import following
import hostile
import keys
import recordings
import terminal
from support import pytrace
from support.suite import add, check as check_that, suite

BLESS = '--bless' in sys.argv
if BLESS:
    sys.argv.remove('--bless')


def blocks(path):
    """(line of the command, command, expected text) of each block."""
    found = []
    with open(path, encoding='utf-8') as file:
        for number, line in enumerate(file, 1):
            if line.startswith('$ '):
                found.append([number, line[2:].rstrip('\n'), ''])
            elif found:
                found[-1][2] += line
    return found


def printed(command):
    words = recordings.words(command)
    done = pytrace.run([pytrace.BIN, *words[1:]], cwd=recordings.folder(), env=recordings.environment())
    text = done.stdout.decode()
    if '--dump' in words:
        text = text.rstrip('\n') + '\n'
    text += ''.join('! %s\n' % line for line in done.stderr.decode().splitlines())
    return text + ('[exit %d]\n' % done.returncode if done.returncode else '')


def difference(wanted, got):
    wanted, got = wanted.splitlines(), got.splitlines()
    for row in range(max(len(wanted), len(got))):
        a, b = (lines[row] if row < len(lines) else None for lines in (wanted, got))
        if a != b:
            return 'row %d\n    wanted |%s\n    got    |%s' % (row + 1, a, b)


def check(path):
    def body(_):
        for number, command, wanted in blocks(path):
            wrong = difference(wanted.rstrip('\n'), printed(command).rstrip('\n'))
            if wrong:
                raise AssertionError('%s:%d: %s: %s' % (os.path.basename(path), number, command, wrong))

    return body


def bless(path):
    new = '\n'.join('$ %s\n%s' % (command, printed(command)) for _, command, _ in blocks(path))
    with open(path, encoding='utf-8') as file:
        old = file.read()
    if new != old:
        print('blessed', os.path.basename(path))
        with open(path, 'w', encoding='utf-8') as file:
            file.write(new)


def man_pages_know_all(_):
    """Options and actions are written in tables of the program: the manual must have all of them."""
    help_text = pytrace.run([pytrace.BIN, '--help']).stdout.decode()
    with open(os.path.join(pytrace.ROOT, 'reader/tui/bindings.cc'), encoding='utf-8') as file:
        actions = re.findall(r'\{Action::k\w+,\s*"([a-z-]+)"', file.read())
    wanted = {1: re.findall(r'(--[a-z-]+)', help_text), 5: actions}
    for section, words in wanted.items():
        with open(os.path.join(pytrace.ROOT, 'docs/man/pytrace.%d' % section), encoding='utf-8') as file:
            page = file.read().replace('\\-', '-')
        missing = [word for word in words if not re.search(r'(?<![a-z-])%s(?![a-z-])' % re.escape(word), page)]
        check_that(len(words) > 20 and not missing, 'pytrace(%d) lacks %s' % (section, missing))


add('man pages know all', man_pages_know_all)
for case in sorted(glob.glob(os.path.join(HERE, 'cases', '*.screen'))):
    if BLESS:
        bless(case)
    add(os.path.basename(case)[:-len('.screen')], check(case))
keys.add_tests(blocks, printed)
hostile.add_tests()
files.add_tests()
terminal.add_tests()
following.add_tests()
suite()
