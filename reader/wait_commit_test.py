"""The launcher's wait for the dumper, with scripted dumpers."""
import os
import signal
import subprocess
import sys
import time

import launcher_case
from launcher_case import PATIENCE, TerminalCase


class Waiting(TerminalCase):
    def maker(self, used_units=16, alive=False):
        """A program that leaves a segment of its run: of a process that is dead, or of init."""
        with open("/proc/1/stat") as file:
            start = int(file.read().rsplit(")")[-1].split()[19])
        with open(self.path("make.py"), "w") as file:
            file.write("import os, sys\nsys.path.insert(0, %r)\nimport launcher_case\n" % launcher_case.HERE)
            file.write("launcher_case.make_rundir(%r)\n" % self.rundir)
            file.write("content = launcher_case.segment(1, %d, os.environ['PYTRACE_RUN'], %d)\n" %
                       (start if alive else start + 1, used_units))
            file.write("open(%r, 'wb').write(content)\n" % (self.rundir + "/1-1.seg"))
        return [sys.executable, file.name]

    def end_dumper(self):
        with open(self.path("pid")) as file:
            os.kill(int(file.read()), signal.SIGTERM)

    LOCK = "lock = take_lock(rundir)\nif lock is None: sys.exit(0)\nprint(os.getpid(), file=open(sys.argv[2][:-13] + 'pid', 'w'), flush=True)\n"
    FINISH = "for name in segments(): os.unlink(name)\n"

    def test_returns_when_the_dumper_has_unlinked_the_segment(self):
        self.install(self.LOCK + "time.sleep(0.3)\nprint(*sys.argv[1:], file=open(%r, 'w'), flush=True)\n" % self.path("called") +
                     self.FINISH + "time.sleep(60)\n")
        status, _, err = self.run_it("--max-traces=5", "--", *self.maker())
        self.assertEqual(status, 0)
        self.assert_nothing_recorded(err)  # this dumper makes no database
        with open(self.path("called")) as file:
            words = file.read().split()
        self.assertEqual(words, ["--db", self.db, "--rundir", self.rundir, "--max-traces", "5"])
        self.end_dumper()

    def test_segments_of_the_living_are_not_waited_for(self):
        status, _, err = self.run_it("--", *self.maker(alive=True))
        self.assertEqual((status, err), (0, ""))

    def test_gives_up_after_three_dumpers(self):
        self.install("print('x', file=open(%r, 'a'))\nsys.exit(3)\n" % self.path("called"))
        status, _, err = self.run_it("--", *self.maker())
        self.assertEqual(status, 0)
        self.assertEqual(err, "pytrace: the dumper ended with status 3; the records stay in %s\n" % self.rundir)
        with open(self.path("called")) as file:
            self.assertEqual(len(file.readlines()), 3)

    def test_says_what_the_dumper_says(self):
        self.install("print('pytrace: disk full', file=open(rundir + '/error', 'w'))\nsys.exit(1)\n")
        err = self.run_it("--", *self.maker())[2]
        self.assertEqual(err, "pytrace: disk full; the records stay in %s\n" % self.rundir)

    def test_dumper_that_dies_is_followed_by_another(self):
        first = self.path("first")
        self.install(self.LOCK + "if not os.path.exists(%r):\n  open(%r, 'w')\n  os.kill(os.getpid(), signal.SIGKILL)\n" %
                     (first, first) + self.FINISH)
        status, _, err = self.run_it("--", *self.maker())
        self.assertEqual(status, 0)
        self.assert_nothing_recorded(err)

    def test_dumper_of_somebody_else_that_dies_is_noticed(self):
        # When the next dumper was started, of which the kernel keeps a note; Python itself may take long to begin.
        started = self.path("started")
        self.install(self.LOCK + "print(open('/proc/self/stat').read().rsplit(')')[-1].split()[19], file=open(%r, 'w'))\n" %
                     started + self.FINISH)
        quickest = 9
        for _ in range(10):  # the machine may be busy, but not each time
            launcher_case.make_rundir(self.rundir)
            lock = launcher_case.take_lock(self.rundir)
            process = self.start("--", *self.maker())
            with self.assertRaises(subprocess.TimeoutExpired):
                process.wait(1.2)  # not close to a look that comes anyway, once a second
            died = time.clock_gettime(time.CLOCK_BOOTTIME)
            os.close(lock)
            _, err = process.communicate(timeout=PATIENCE)
            self.assert_nothing_recorded(err)
            with open(started) as file:
                quickest = min(quickest, int(file.read()) / os.sysconf("SC_CLK_TCK") - died)
            if quickest < 0.5:
                return
        self.fail("the next dumper came %.1f s later" % quickest)

    def test_waiting_costs_nothing(self):
        launcher_case.make_rundir(self.rundir)
        lock = launcher_case.take_lock(self.rundir)
        self.install(self.LOCK + self.FINISH)
        process = self.start("--", *self.maker())
        with self.assertRaises(subprocess.TimeoutExpired):
            process.wait(1)
        with open("/proc/%d/stat" % process.pid) as file:
            ticks = sum(map(int, file.read().rsplit(")")[-1].split()[11:13]))
        self.assertLess(ticks / os.sysconf("SC_CLK_TCK"), 0.1)
        os.close(lock)
        process.communicate(timeout=PATIENCE)

    def test_progress_line_and_no_more_waiting(self):
        self.install(self.LOCK + "time.sleep(60)\n")
        self.open_terminal("--", *self.maker(used_units=32))
        self.expect(b"pytrace: writing traces.sqlite, 0.1 MB left")
        self.press(b"\x03")
        seen = self.expect(b"<status 0>")
        self.assertIn(b"\r\x1b[K", seen)
        self.assertIn(b"pytrace: did not wait: the dumper goes on writing " + os.fsencode(self.db), seen)
        self.end_dumper()


if __name__ == "__main__":
    launcher_case.main()
