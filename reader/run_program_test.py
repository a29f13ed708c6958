"""The launcher and programs that are no Python: exit status, what they see, signals, job control."""
import os
import re
import select
import signal
import subprocess
import sys

import launcher_case
from launcher_case import PATIENCE, Case, TerminalCase


class Status(Case):
    def test_exit_status_is_the_programs(self):
        self.assertEqual(self.sh("exit 0")[0], 0)
        self.assertEqual(self.sh("exit 7")[0], 7)

    def test_signal_is_128_and_its_number(self):
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGSEGV):
            self.assertEqual(self.sh("kill -%d $$" % number)[0], 128 + number)

    def test_missing_and_not_executable(self):
        self.assertEqual(self.run_it("nosuch"), (127, "", "pytrace: no such program: nosuch\n"))
        open(self.path("plain"), "w").close()
        self.assertEqual(self.run_it("./plain")[0], 126)
        with open(self.path("broken"), "w") as file:
            file.write("#!/no/such/interpreter\n")
        os.chmod(file.name, 0o755)
        self.assertEqual(self.run_it("./broken")[0], 127)

    def test_script_without_shebang_is_for_sh(self):
        with open(self.path("script"), "w") as file:
            file.write("echo $0 $*\nexit 4")
        os.chmod(file.name, 0o755)
        self.assertEqual(self.run_it("./script", "a", "b")[:2], (4, "./script a b\n"))

    def test_nothing_recorded_is_said_once(self):
        status, out, err = self.sh("echo out; echo err >&2")
        self.assertEqual((status, out), (0, "out\n"))
        self.assertEqual(err.splitlines()[0], "err")
        self.assert_nothing_recorded(err[4:])

    def test_incomplete_installation(self):
        os.unlink(self.path("dist/lib/pytrace/libpytrace.so"))
        status, out, err = self.sh("echo started")
        self.assertEqual((status, out), (2, ""))
        self.assertRegex(err, r"\Apytrace: incomplete installation: .*/lib/pytrace must hold .*\n\Z")


class Transparent(Case):
    SHOW = r"""
import os, signal, sys
status = dict(line.split(":", 1) for line in open("/proc/self/status") if line.startswith("Sig"))
print(sorted(os.listdir("/proc/self/fd")), status["SigBlk"], status["SigIgn"], os.getpgrp(), os.getsid(0), os.getcwd(), os.getpriority(0, 0))
"""

    def untraced_and_traced(self, **options):
        program = [sys.executable, "-c", self.SHOW]
        options = dict(env=self.environment, cwd=self.folder, **options)
        plain = subprocess.run(program, stdout=subprocess.PIPE, **options).stdout
        traced = subprocess.run([self.pytrace, "--", *program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                **options).stdout
        return plain, traced

    def test_descriptors_signals_group_and_folder(self):
        plain, traced = self.untraced_and_traced()
        self.assertEqual(plain, traced)

    def test_ignored_and_blocked_signals_stay_so(self):
        def prepare():
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            signal.signal(signal.SIGUSR1, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2, signal.SIGTERM])

        plain, traced = self.untraced_and_traced(preexec_fn=prepare, restore_signals=False)
        self.assertEqual(plain, traced)

    def test_status_arrives_although_sigchld_is_ignored(self):
        status = self.sh("exit 5", preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))[0]
        self.assertEqual(status, 5)

    def test_stdin_goes_to_the_program(self):
        process = self.start("cat", stdin=subprocess.PIPE)
        out, _ = process.communicate("one\ntwo\n", timeout=PATIENCE)
        self.assertEqual(out, "one\ntwo\n")

    def test_closed_standard_descriptors_stay_closed(self):
        script = "exec 3>%s; %s -- sh -c 'ls /proc/self/fd >&3' <&- >&- 2>&-" % (self.path("fds"), self.pytrace)
        subprocess.run(["sh", "-c", script], env=self.environment, cwd=self.folder, timeout=PATIENCE)
        with open(self.path("fds")) as file:
            self.assertEqual(file.read().split(), ["0", "1", "3"])  # ls: the folder is 0; sh made 1 of 3


class Signals(Case):
    def ready(self, script, *words):
        """Starts a shell script that says `ready`, and waits for that."""
        process = self.start(*words, "--", "sh", "-c", script)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.assertEqual(process.stdout.readline(), "ready\n")
        return process

    def test_signals_to_the_launcher_reach_the_program(self):
        for name in ("TERM", "HUP", "USR1", "USR2", "INT", "QUIT", "ALRM", "WINCH"):
            process = self.ready("trap 'echo got %s; exit 9' %s; echo ready; while :; do sleep 0.05; done" % (name, name))
            process.send_signal(getattr(signal, "SIG" + name))
            self.assertEqual(process.stdout.readline(), "got %s\n" % name)
            self.assertEqual(process.wait(PATIENCE), 9)

    def test_program_that_dies_of_a_forwarded_signal(self):
        process = self.ready("echo ready; exec sleep 60")
        process.terminate()
        self.assertEqual(process.wait(PATIENCE), 128 + signal.SIGTERM)

    def test_killing_the_launcher_kills_the_program(self):
        process = self.ready("echo ready; exec sleep 1000")
        process.kill()
        process.wait(PATIENCE)
        closed, _, _ = select.select([process.stdout], [], [], PATIENCE)  # when the program's copy of the pipe goes
        self.assertTrue(closed)

    def test_stop_and_continue(self):
        process = self.ready("echo ready; kill -STOP $$; echo on; exit 3")
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        self.assertTrue(os.WIFSTOPPED(status))
        process.send_signal(signal.SIGCONT)
        self.assertEqual(process.stdout.readline(), "on\n")
        self.assertEqual(process.wait(PATIENCE), 3)

    def test_group_signal_of_the_program_does_not_come_back(self):
        script = "trap 'echo got' TERM; echo ready; kill -TERM 0; sleep 0.3; exit 6"
        process = self.start("--", "sh", "-c", script, start_new_session=True)
        out, _ = process.communicate(timeout=PATIENCE)
        self.assertEqual(out, "ready\ngot\n")
        self.assertEqual(process.returncode, 6)


class Terminal(TerminalCase):
    def test_interrupt_is_answered_by_the_program(self):
        self.open_terminal("--", "sh", "-c", "trap 'echo got; exit 3' INT; echo ready; while :; do sleep 0.05; done")
        self.expect(b"ready")
        self.press(b"\x03")
        self.expect(b"got.*<status 3>")

    def test_interrupt_of_the_terminal_is_not_sent_a_second_time(self):
        # In a group of its own the program gets nothing from the terminal, so whatever comes was sent by the launcher. SIGUSR1 is sent on, behind it.
        program = ("import os, signal, time; os.setpgid(0, 0); signal.signal(signal.SIGINT, lambda *_: print('got'));"
                   "signal.signal(signal.SIGUSR1, lambda *_: exit(3)); print('ready', os.getppid(), flush=True); time.sleep(60)")
        self.open_terminal("--", sys.executable, "-c", program)
        launcher = int(re.search(rb"ready (\d+)\r", self.expect(rb"ready \d+\r")).group(1))
        self.press(b"\x03")
        os.kill(launcher, signal.SIGUSR1)
        seen = self.expect(b"<status 3>")
        self.assertNotIn(b"got", seen)

    def test_suspend_and_go_on(self):
        self.open_terminal("--", "sh", "-c", "echo ready; read x; echo read $x; exit 4")
        self.expect(b"ready")
        self.press(b"\x1a")
        self.expect(b"<stopped %d>" % signal.SIGTSTP)
        self.press(b"\n")  # for the shell: fg
        self.press(b"hello\n")
        self.expect(b"read hello")
        self.expect(b"<status 4>")


if __name__ == "__main__":
    launcher_case.main()
