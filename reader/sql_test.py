"""`pytrace sql` and `pytrace export` as a person meets them."""

import csv
import io
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import unittest

PYTRACE, MAKE_RECORDING = map(os.path.abspath, sys.argv[1:3])


def run(*words, stdin="", env=None):
    return subprocess.run([PYTRACE, *words], input=stdin, capture_output=True, text=True, cwd=FOLDER.name,
                          env={**os.environ, **(env or {})})


def setUpModule():
    global FOLDER, CALLS
    FOLDER = tempfile.TemporaryDirectory()
    made = subprocess.run([MAKE_RECORDING, path("traces.sqlite"), "2000"], capture_output=True, text=True, check=True)
    CALLS = int(made.stdout)


def tearDownModule():
    FOLDER.cleanup()


def path(name):
    return os.path.join(FOLDER.name, name)


class Sql(unittest.TestCase):
    def test_the_default_recording_is_in_the_working_directory(self):
        self.assertEqual(json.loads(run("sql", "--format", "json", "SELECT count(*) AS n FROM calls").stdout), [{"n": CALLS}])

    def test_the_environment_names_the_recording(self):
        result = run("sql", "SELECT 1", env={"PYTRACE_DB": "/no/such/file"})
        self.assertEqual(result.returncode, 2)
        self.assertIn("/no/such/file does not exist", result.stderr)

    def test_formats_agree(self):
        sql = "SELECT id, parent_id, func, result, duration_ns / 7.0 AS x FROM calls WHERE id < 300"
        as_json = json.loads(run("sql", "--format=json", sql).stdout)
        self.assertEqual(len(as_json), 299)
        self.assertEqual([json.loads(line) for line in run("sql", "--format=jsonl", sql).stdout.splitlines()], as_json)
        rows = list(csv.DictReader(io.StringIO(run("sql", "--format=csv", sql).stdout)))
        self.assertEqual([row["result"] for row in rows], [row["result"] for row in as_json])
        self.assertEqual([row["parent_id"] or None for row in rows],
                         [row["parent_id"] and str(row["parent_id"]) for row in as_json])

    def test_a_table_is_aligned(self):
        lines = run("sql", "SELECT 1 AS n, 'ä' AS c, 'x' AS d UNION ALL SELECT 100, '漢字', 'y'").stdout.splitlines()
        self.assertEqual(lines, ["  n  c     d", "---  ----  -", "  1  ä     x", "100  漢字  y"])

    def test_control_characters_do_not_reach_the_terminal(self):
        self.assertIn(r"\x1b[2J", run("sql", "SELECT char(27) || '[2J' AS x").stdout)

    def test_statements_come_from_the_standard_input(self):
        result = run("sql", "--format=csv", stdin="SELECT 1 AS a;\n-- a comment\nSELECT 2 AS b;\n")
        self.assertEqual(result.stdout.split(), ["a", "1", "b", "2"])

    def test_errors_are_one_line_and_exit_2(self):
        for words in (["SELEC"], ["SELECT * FROM nothing"], ["DELETE FROM functions"], ["--format=xml", "SELECT 1"],
                      ["-x", "SELECT 1"], ["SELECT", "1"], ["-f"]):
            result = run("sql", *words)
            self.assertEqual(result.returncode, 2, words)
            self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
            self.assertTrue(result.stderr.startswith("pytrace: "), result.stderr)

    def test_a_closed_pipe_is_no_error(self):
        command = f"{PYTRACE} sql --format=csv 'SELECT * FROM traces, calls' | head -n 1"
        result = subprocess.run(["sh", "-c", command], capture_output=True, text=True, cwd=FOLDER.name, timeout=60)
        self.assertEqual(result.stderr, "")

    def test_the_readme_examples_work(self):
        readme = json.loads(run("sql", "--format=json", "SELECT text FROM readme").stdout)
        examples = [row["text"].strip() for row in readme if row["text"].startswith("  SELECT")]
        self.assertGreater(len(examples), 5)
        for example in examples:
            result = run("sql", example)
            self.assertEqual((result.returncode, result.stderr), (0, ""), example)


class Export(unittest.TestCase):
    def export(self, name, *words):
        result = run("export", "--format", "sqlite", name, *words)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return sqlite3.connect(path(name))

    def test_an_export_has_the_same_rows(self):
        out = self.export("all.sqlite")
        self.assertEqual(os.stat(path("all.sqlite")).st_mode & 0o777, 0o600)
        self.assertEqual(out.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        for table, order in [("calls", "id"), ("arguments", "call_id, position"), ("traces", "time, rowid"),
                             ("functions", "id"), ("processes", "id"), ("threads", "id"), ("runs", "id")]:
            sql = f"SELECT * FROM {table} ORDER BY {order}"
            ours = [list(row.values()) for row in json.loads(run("sql", "--format=json", sql).stdout)]
            self.assertGreater(len(ours), 0)
            self.assertTrue([list(row) for row in out.execute(sql)] == ours, table)

    def test_a_filter_keeps_whole_calls(self):
        out = self.export("some.sqlite", "-e", "func == 'f' and arg == 'n' and value == '3'")
        wanted = json.loads(run("sql", "--format=json", "SELECT c.id FROM calls c JOIN arguments a ON a.call_id = c.id"
                                " WHERE c.func = 'f' AND a.name = 'n' AND a.value = '3' ORDER BY 1").stdout)
        ids = [row["id"] for row in wanted]
        self.assertGreater(len(ids), 0)
        self.assertEqual([id for id, in out.execute("SELECT id FROM calls ORDER BY id")], ids)
        self.assertEqual([id for id, in out.execute("SELECT DISTINCT call_id FROM arguments ORDER BY 1")], ids)
        self.assertEqual(out.execute("SELECT count(*) FROM traces").fetchone(), (2 * len(ids),))

    def test_an_existing_file_is_replaced_only_by_force(self):
        with open(path("mine"), "w") as file:
            file.write("mine")
        result = run("export", "--format=sqlite", "mine")
        self.assertEqual(result.returncode, 2)
        self.assertIn("--force", result.stderr)
        with open(path("mine")) as file:
            self.assertEqual(file.read(), "mine")
        self.export("mine", "--force")
        self.assertFalse([name for name in os.listdir(FOLDER.name) if "partial" in name])

    def test_errors_leave_nothing(self):
        for words in (["--format=sqlite"], ["--format=xml", "x"], ["x"], ["--format=sqlite", "x", "-e", "func =="],
                      ["--format=sqlite", "no/folder/x"], ["--format=sqlite", "x", "-f", "none"]):
            result = run("export", *words)
            self.assertEqual(result.returncode, 2, words)
            self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
            self.assertFalse(os.path.exists(path("x")))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
