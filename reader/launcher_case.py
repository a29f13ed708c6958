"""What the tests of the launcher share: an installation of the real command with a harmless library to preload and a scripted dumper, so that nothing
in these tests depends on recording. Usage of each: NAME_test.py [path of the command].
"""
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest

COMMAND = "reader/pytrace"
HERE = os.path.dirname(os.path.abspath(__file__))
PATIENCE = 120  # seconds for anything that must happen

# What a script starts in the background has it ignored, and its children would, too: no ^C would reach a program.
signal.signal(signal.SIGINT, signal.default_int_handler)


def harmless_library():
    with open("/proc/self/maps") as maps:
        libc = next(line.split()[-1] for line in maps if "libc.so.6" in line or "libc-2" in line)
    return os.path.join(os.path.dirname(libc), "libdl.so.2")


def take_lock(rundir):
    """As a dumper does (ringbuf/rundir.h). The descriptor, or None when another holds it."""
    fd = os.open(rundir + "/lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.fcntl(fd, 37, struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))  # F_OFD_SETLK
        return fd
    except BlockingIOError:
        os.close(fd)
        return None


def rundir_of(db):
    value = 14695981039346656037
    for byte in os.fsencode(db):
        value = ((value ^ byte) * 1099511628211) & (2**64 - 1)
    shm = os.statvfs("/dev/shm") if os.path.isdir("/dev/shm") else None
    if shm and shm.f_blocks * shm.f_frsize >= 128 << 20 and os.access("/dev/shm", os.W_OK):
        return "/dev/shm/pytrace-%d/%016x" % (os.geteuid(), value)
    return db + ".run"


def segment(pid, start, run, used_units=16):
    """The bytes of a segment (ringbuf/layout.h) with units in use and nothing else."""
    info = b"\x0a" + bytes([len(run)]) + run.encode()
    header = struct.pack("<QIIQQIIQQQIIII", 0x3167657372747970, 1, pid, 4096, start, 256, len(info), 512, 1024, 4096, 64,
                         64, 0, 0)
    header = header.ljust(64 * 2, b"\0") + struct.pack("<IIII", 0, 1, 0, 64)
    bitmap = struct.pack("<Q", (2**64 - 1) >> used_units)
    return (header.ljust(256, b"\0") + info).ljust(512, b"\0") + bitmap.ljust(3584, b"\0")


def make_rundir(rundir):
    """As pytrace makes it: the user's folder above it is as private (os.makedirs would give the mode to the last one only)."""
    for folder in (os.path.dirname(rundir), rundir):
        try:
            os.mkdir(folder, 0o700)
        except FileExistsError:
            pass


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = os.path.realpath(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.install("sys.exit(1)")
        self.pytrace = self.path("dist/bin/pytrace")
        self.db = self.path("traces.sqlite")
        self.rundir = rundir_of(self.db)
        self.addCleanup(shutil.rmtree, self.rundir, True)
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTRACE") and k != "LD_PRELOAD"}
        self.environment["ASAN_OPTIONS"] = "verify_asan_link_order=0"  # with the sanitizers, the command may run under its own preload, too

    def path(self, name):
        return os.path.join(self.folder, name)

    def install(self, dumper):
        """`dumper`: Python lines, with `rundir`; `take_lock(rundir)` and `segments()` are there."""
        for folder in ("dist/bin", "dist/lib/pytrace"):
            os.makedirs(self.path(folder), exist_ok=True)
        shutil.copy(COMMAND, self.path("dist/bin/pytrace"))
        shutil.copy(harmless_library(), self.path("dist/lib/pytrace/libpytrace.so"))
        with open(self.path("dist/lib/pytrace/pytrace-dumper"), "w") as file:
            file.write("#!%s\nimport glob, os, signal, sys, time\nsys.path.insert(0, %r)\n" % (sys.executable, HERE))
            file.write("from launcher_case import take_lock\nrundir = sys.argv[4]\n")
            file.write("def segments(): return glob.glob(rundir + '/*.seg')\n" + dumper)
        os.chmod(file.name, 0o755)

    def start(self, *words, **options):
        options.setdefault("env", self.environment)
        options.setdefault("cwd", self.folder)
        return subprocess.Popen([self.pytrace, *words], stdin=options.pop("stdin", subprocess.DEVNULL),
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)

    def run_it(self, *words, **options):
        process = self.start(*words, **options)
        out, err = process.communicate(timeout=PATIENCE)
        return process.returncode, out, err

    def sh(self, script, **options):
        return self.run_it("--", "sh", "-c", script, **options)

    def assert_nothing_recorded(self, err):
        self.assertRegex(err, r"\Apytrace: nothing was recorded: \S+ started no Python that could be traced\n\Z")


class TerminalCase(Case):
    """The command in the foreground of a terminal of its own, as a shell starts it."""

    def open_terminal(self, *words):
        pid, self.terminal = pty.fork()
        if pid == 0:
            self.be_a_shell(words)
        self.addCleanup(os.close, self.terminal)
        self.addCleanup(os.waitpid, pid, 0)
        self.seen = b""

    def be_a_shell(self, words):
        """A session leader that runs the command in a foreground group of its own, tells how it goes, and continues it at a line of input."""
        try:
            os.chdir(self.folder)
            signal.signal(signal.SIGTTOU, signal.SIG_IGN)
            child = os.fork()
            if child == 0:
                os.setpgid(0, 0)
                os.tcsetpgrp(0, os.getpid())
                signal.signal(signal.SIGTTOU, signal.SIG_DFL)
                os.execve(self.pytrace, [self.pytrace, *words], self.environment)
            while True:
                _, status = os.waitpid(child, os.WUNTRACED)
                if not os.WIFSTOPPED(status):
                    os.write(1, b"<status %d>" % os.waitstatus_to_exitcode(status))
                    break
                os.tcsetpgrp(0, os.getpid())
                os.write(1, b"<stopped %d>" % os.WSTOPSIG(status))
                os.read(0, 100)
                os.tcsetpgrp(0, child)
                os.kill(-child, signal.SIGCONT)
        finally:
            os._exit(0)

    def expect(self, pattern):
        deadline = time.monotonic() + PATIENCE
        while not re.search(pattern, self.seen, re.DOTALL):
            left = deadline - time.monotonic()
            if left < 0 or not select.select([self.terminal], [], [], left)[0]:
                self.fail("no %r in %r" % (pattern, self.seen))
            try:
                self.seen += os.read(self.terminal, 4096)
            except OSError:
                self.fail("no %r in %r" % (pattern, self.seen))
        return self.seen

    def press(self, key):
        os.write(self.terminal, key)


def main():
    global COMMAND
    if len(sys.argv) > 1 and os.path.isfile(sys.argv[1]):
        COMMAND = sys.argv.pop(1)
    COMMAND = os.path.abspath(COMMAND)
    unittest.main()
