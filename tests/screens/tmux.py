"""A terminal that a test types into and reads from, by tmux."""
import shlex
import subprocess

import recordings
from support import pytrace
from support.suite import check, equal, wait_until


class Terminal:
    """A tmux server of its own, with a shell in the recordings' folder. Leaves nothing behind."""
    count = 0

    def __init__(self, case, width=80, height=12, **env):
        Terminal.count += 1
        self.socket = case.path('tmux%d' % Terminal.count)
        shell = 'exec bash --norc --noprofile'
        size = ('-x', str(width), '-y', str(height))
        self.tmux('-f', '/dev/null', 'new-session', '-d', *size, shell, env=recordings.environment(**env))
        self.wait('bash-')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.tmux('kill-server')

    def tmux(self, *words, env=None):
        command = ['tmux', '-S', self.socket, *words]
        done = subprocess.run(command, cwd=recordings.folder(), env=env or recordings.environment(),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=pytrace.TIMEOUT)
        return done.stdout.decode()

    def type(self, *keys):
        self.tmux('send-keys', *keys)

    def screen(self):
        return self.tmux('capture-pane', '-p')

    def wait(self, text, gone=False):
        def seen():
            screen = self.screen()
            return screen if (text in screen) != gone else None

        try:
            return wait_until(seen, 60, text)
        except AssertionError as error:
            raise AssertionError('%s\n%s' % (error, self.screen()))

    def start(self, *words):
        self.type(shlex.join([pytrace.BIN, *words]), 'Enter')

    def pid(self):
        """Of the reader."""
        shell = self.tmux('display-message', '-p', '#{pane_pid}').strip()
        found = subprocess.run(['pgrep', '-P', shell, 'pytrace'], stdout=subprocess.PIPE).stdout.split()
        return int(found[0]) if found else None

    def is_restored(self):
        """Echo and lines are back, the alternate screen and the paste mode are gone."""
        self.type('clear; stty -a; echo re""stored $?', 'Enter')
        screen = self.wait('restored 0')
        check(' echo ' in screen and ' icanon ' in screen, screen)
        equal(self.tmux('display-message', '-p', '#{alternate_on}').strip(), '0')
