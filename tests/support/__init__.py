"""What the test suites share. Each suite's run.py puts the folder `tests` on sys.path and imports from here."""
