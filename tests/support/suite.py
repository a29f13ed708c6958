"""A suite of tests: functions that take a Case and raise on failure.

    from support.suite import suite, test

    @test(alone=True)
    def kills_lose_nothing(case): ...

    suite()  # in run.py, last

Usage of a run.py: run.py [--all] [--matrix] [--jobs N] [--keep] [FILTER ...]
(a test runs when a FILTER is part of its name)
Prints a line for each failure and for each test that cannot run here, and, last, `N passed, N failed, N skipped`; exits 1 on a failure.
"""
import argparse
import concurrent.futures
import glob
import itertools
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback

from support import pytrace


class Skip(Exception):
    """Raised by a test that cannot run here."""


class Case:
    """What a test gets: `tmp`, a folder of its own; `all`: whether more rounds were asked for."""
    def __init__(self, name, tmp, all_rounds):
        self.name, self.tmp, self.all = name, tmp, all_rounds

    def path(self, name):
        return os.path.join(self.tmp, name)

    def write(self, name, text):
        """Puts a file (a program, mostly) into the folder and returns its path."""
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        return path


_tests = []


def add(name, body, alone=False, only_all=False):
    """`alone`: not beside other tests (it measures time, or needs the machine). `only_all`: only with --all, or when
    it is named."""
    _tests.append((name, body, alone, only_all))


def test(alone=False, only_all=False):
    def register(body):
        add(body.__name__, body, alone, only_all)
        return body

    return register


def equal(got, wanted, what=''):
    if got == wanted:
        return
    if isinstance(got, (str, bytes)) and isinstance(wanted, type(got)) and len(got) + len(wanted) > 400:
        pairs = list(itertools.zip_longest(got.splitlines(), wanted.splitlines()))
        line = next((i for i, (a, b) in enumerate(pairs) if a != b), 0)
        got, wanted = pairs[line] if pairs else (got, wanted)
        what = '%s, line %d' % (what or 'values differ', line + 1)
    raise AssertionError('%s: got %r, wanted %r' % (what or 'values differ', got, wanted))


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def wait_until(condition, seconds=120, what='condition'):
    """Polls for what no event tells; returns the condition's value once it is true."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError('%s: not within %d seconds' % (what, seconds))
        time.sleep(0.005)


class _Results:
    def __init__(self, verbose, file):
        self.passed, self.failed, self.skipped, self.verbose, self.file = 0, 0, 0, verbose, file
        self.lock = threading.Lock()

    def run(self, options, name, body):
        tmp = tempfile.mkdtemp(prefix='pytrace-test-')
        begin = time.monotonic()
        failure = skip = None
        try:
            body(Case(name, tmp, options.all))
        except Skip as reason:
            skip = str(reason)
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            failure = str(error) if isinstance(
                error, AssertionError) else '%s: %s (%s:%d)' % (type(error).__name__, error,
                                                                os.path.basename(where.filename), where.lineno)
        with self.lock:
            self.passed += failure is None and skip is None
            self.failed += failure is not None
            self.skipped += skip is not None
            if failure:
                print('FAIL %s: %s%s' % (name, failure, '  [%s]' % tmp if options.keep else ''))
            elif skip:
                print('skip %s: %s' % (name, skip))
            elif self.verbose:
                print('ok   %s (%.1f s)' % (name, time.monotonic() - begin))
            sys.stdout.flush()
            if self.file:
                with open(self.file, 'a', encoding='utf-8') as file:
                    file.write('%s\t%s\n' % ('failed' if failure else 'skipped' if skip else 'passed', name))
        if not (options.keep and failure):
            # Records for a database that cannot be written stay for whoever mends that.
            for db in [*glob.glob(tmp + '/**/*.sqlite', recursive=True), tmp + '/traces.sqlite', tmp + '/small/traces.sqlite']:
                shutil.rmtree(pytrace.rundir_of(db), ignore_errors=True)
            shutil.rmtree(tmp, ignore_errors=True)


def suite():
    parser = argparse.ArgumentParser()
    parser.add_argument('--all', action='store_true', help='more rounds')
    parser.add_argument('--matrix', action='store_true', help='every interpreter that is here')
    parser.add_argument('--results', metavar='FILE', help='add a line for every test: outcome, tab, name')
    parser.add_argument('--jobs', type=int, default=2)
    parser.add_argument('--keep', action='store_true', help='keep the folders of tests that fail')
    parser.add_argument('-v', '--verbose', action='store_true', help='a line for every test')
    parser.add_argument('filters', nargs='*', metavar='FILTER')
    options = parser.parse_args()
    if pytrace.missing():
        sys.exit('%s is missing: run ./pytrace --version once, or set PYTRACE_BIN' % pytrace.missing())
    chosen = [
        test for test in _tests
        if (options.all or options.filters or not test[3]) and
        (not options.filters or any(part in test[0] for part in options.filters))
    ]
    # What a script starts in the background has these ignored, and its children would, too: no ^C would reach a program.
    for number in signal.SIGINT, signal.SIGQUIT:
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    results = _Results(options.verbose, options.results)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for name, body, alone, _ in chosen:
            if not alone:
                pool.submit(results.run, options, name, body)
    for name, body, alone, _ in chosen:
        if alone:
            results.run(options, name, body)
    print('%d passed, %d failed, %d skipped' % (results.passed, results.failed, results.skipped))
    sys.exit(1 if results.failed else 0)
