"""Every key of the help screen has screens: cases/keys.screen presses each action's first key on two sizes, and all its
other keys must show the same."""
import re

from support.suite import add, check

CASE = 'keys.screen'
TOKEN = re.compile(r'<[A-Za-z0-9-]+>|-[a-zA-Z]|ZZ|.')
# As help shows them -> as --keys wants them.
NAMES = {'Backspace': '<BS>', 'ESC-Backspace': '<A-BS>', '^Left': '<C-Left>', '^Right': '<C-Right>', '<': '<lt>', 'ZZ': 'ZZ'}
ELSEWHERE = {'^Z', 'v'}  # a terminal's: terminal.py has them


def spelled(shown):
    if shown in NAMES:
        return NAMES[shown]
    if shown.startswith('ESC-'):
        return '<A-%s>' % shown[4:]
    if shown.startswith('^') and len(shown) > 1:
        return '<C-%s>' % shown[1].lower()
    return '<%s>' % shown if len(shown) > 1 and not shown.startswith('-') else shown


def of_help(printed):
    """The keys of each action, from the help screen."""
    rows = printed("pytrace shop.sqlite --screen 130x170 --keys h").split('\n')
    keys = []
    for row in rows:
        found = re.match(r'   (\S+(?:  \S+)*) {2,}\S', row)
        if found:
            keys.append([key for key in found.group(1).split('  ') if key])
    check(len(keys) > 60, 'help has only %d rows of keys' % len(keys))
    return keys


def pressed(blocks, path):
    """(size, keys) of each block."""
    found = []
    for _, command, _ in blocks(path):
        size, keys = re.search(r"--screen (\S+).*--keys ['\"](.*)['\"]$", command).groups()
        found.append((size, TOKEN.findall(keys), command))
    return found


def add_tests(blocks, printed):
    import os
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'cases', CASE)

    def every_key_has_screens(_):
        cases = pressed(blocks, path)
        for names in of_help(printed):
            if names[0] in ELSEWHERE:
                continue
            first = spelled(names[0])
            sizes = {size for size, keys, _ in cases if first in keys}
            check(len(sizes) >= 2, '%s has screens of %s' % (names[0], sorted(sizes) or 'no size'))

    def all_keys_of_an_action_do_the_same(_):
        cases = pressed(blocks, path)
        for names in of_help(printed):
            first = spelled(names[0])
            command = next((command for _, keys, command in cases if keys and keys[-1] == first), None)
            for name in names[1:] if command else ():
                end = command.rindex(first)
                other = command[:end] + spelled(name) + command[end + len(first):]
                check(printed(other) == printed(command), '%s is not %s' % (name, names[0]))

    add('every key has screens', every_key_has_screens)
    add('all keys of an action do the same', all_keys_of_an_action_do_the_same)
