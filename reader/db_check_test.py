"""What the launcher checks and settles before the program starts: the environment of the run and the database."""
import json
import os
import sqlite3
import threading
import unittest

import launcher_case
from launcher_case import Case, segment


class Environment(Case):
    def variables(self, *options, **more):
        out = self.run_it(*options, "--", "env", **more)[1]
        return dict(line.split("=", 1) for line in out.splitlines() if "=" in line)

    def test_what_the_run_needs_is_there(self):
        os.symlink(".", self.path("link"))
        v = self.variables("--db", "link/a.sqlite")
        self.assertEqual(v["PYTRACE_DB"], self.path("a.sqlite"))
        self.assertRegex(v["PYTRACE_RUN"], r"\A[0-9a-f]{16}\Z")
        self.assertEqual(json.loads(v["PYTRACE_PROGRAM"]), ["env"])
        self.assertEqual(v["LD_PRELOAD"], self.path("dist/lib/pytrace/libpytrace.so"))
        self.assertNotEqual(v["PYTRACE_RUN"], self.variables()["PYTRACE_RUN"])

    def test_only_settings_that_differ_are_there(self):
        v = self.variables("--values=shallow", "--buffer=1M", "--new",
                           env={**self.environment, "PYTRACE_VALUES": "deep", "PYTRACE_SHOW": "0"})
        self.assertEqual(v["PYTRACE_BUFFER"], "1048576")
        for absent in ("PYTRACE_VALUES", "PYTRACE_NEW", "PYTRACE_SHOW", "PYTRACE_MAX_SIZE"):
            self.assertNotIn(absent, v)

    def test_run_inside_a_run_keeps_the_database_and_gets_its_own_token(self):
        out = self.sh("cd /; echo $PYTRACE_RUN $PYTRACE_DB; %s -- sh -c 'echo $PYTRACE_RUN $PYTRACE_DB $LD_PRELOAD'" %
                      self.pytrace)[1].splitlines()
        outer, inner = out[0].split(), out[1].split()
        self.assertEqual(outer[1], inner[1])
        self.assertNotEqual(outer[0], inner[0])
        self.assertEqual(inner[2].count("libpytrace.so"), 1)


class DatabaseFile(Case):
    def make_database(self, application_id=0x70797472, user_version=1):
        connection = sqlite3.connect(self.db)
        connection.execute("PRAGMA application_id = %d" % application_id)
        connection.execute("PRAGMA user_version = %d" % user_version)
        connection.execute("CREATE TABLE runs(id INTEGER PRIMARY KEY, token TEXT)")
        connection.close()

    def refused(self, *options):
        status, out, err = self.run_it(*options, "--", "echo", "started")
        self.assertEqual((status, out), (2, ""))
        self.assertRegex(err, r"\Apytrace: [^\n]*\n\Z")
        return err

    def test_foreign_files_are_left_alone(self):
        with open(self.db, "w") as file:
            file.write("my only copy")
        self.assertIn("not a recording", self.refused())
        self.assertIn("not a recording", self.refused("--new"))
        with open(self.db) as file:
            self.assertEqual(file.read(), "my only copy")
        os.unlink(self.db)
        self.make_database(application_id=0)
        self.assertIn("not a recording", self.refused())

    def test_newer_database(self):
        self.make_database(user_version=99)
        self.assertIn("newer pytrace", self.refused())

    def test_links_and_folders(self):
        os.symlink("elsewhere.sqlite", self.db)
        self.assertIn("symbolic link", self.refused())
        os.unlink(self.db)
        os.mkdir(self.db)
        self.assertIn("not a file", self.refused())
        self.assertIn("no folder", self.refused("--db", "nosuch/a.sqlite"))

    @unittest.skipIf(os.geteuid() == 0, "root may write anywhere")
    def test_folder_without_the_right_to_write(self):
        os.chmod(self.folder, 0o500)
        self.addCleanup(os.chmod, self.folder, 0o700)
        self.assertIn("cannot make a database", self.refused())

    def test_own_database_is_added_to(self):
        self.make_database()
        self.assertEqual(self.sh("exit 0")[0], 0)
        self.assertTrue(os.path.exists(self.db))

    def test_new_removes_database_journal_and_leftovers(self):
        self.make_database()
        open(self.db + "-wal", "w").close()
        launcher_case.make_rundir(self.rundir)
        with open(self.rundir + "/1-1.seg", "wb") as file:
            file.write(segment(1, 2**60, "old"))
        self.sh("exit 0")
        self.assertTrue(os.path.exists(self.db))
        self.run_it("--new", "--", "true")
        self.assertEqual(sorted(os.listdir(self.folder)), ["dist"])
        self.assertFalse(os.path.exists(self.rundir))

    def test_new_is_refused_while_somebody_records(self):
        self.make_database()
        launcher_case.make_rundir(self.rundir)
        with open("/proc/self/stat") as file:
            start = int(file.read().rsplit(")")[-1].split()[19])
        with open(self.rundir + "/a.seg", "wb") as file:
            file.write(segment(os.getpid(), start, "other"))
        self.assertIn("process %d is being recorded" % os.getpid(), self.refused("--new"))
        self.assertTrue(os.path.exists(self.db))

    def test_new_waits_for_a_dumper_that_is_leaving(self):
        self.make_database()
        launcher_case.make_rundir(self.rundir)
        lock = launcher_case.take_lock(self.rundir)
        leaving = threading.Timer(0.3, os.close, [lock])
        leaving.start()
        self.assertEqual(self.run_it("--new", "--", "true")[0], 0)
        self.assertFalse(os.path.exists(self.db))
        leaving.join()



if __name__ == "__main__":
    launcher_case.main()
