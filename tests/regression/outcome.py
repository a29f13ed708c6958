"""How a file of CPython's regression tests ended, and what two ends differ in."""
import collections
import re

# `end`: how the runner ended; `failed`: names of the tests that failed or had an error, sorted; `counts`: its sums.
Outcome = collections.namedtuple('Outcome', 'end failed counts')

_FAILED = re.compile(r'^(?:FAIL|ERROR): (\S+) \((\S+?)\)', re.MULTILINE)
_SUMS = re.compile(r'^Total tests: (.*)$', re.MULTILINE)
_RESULT = re.compile(r'^Result: (.*)$', re.MULTILINE)
_FILES = re.compile(r'^Total test files: (.*)$', re.MULTILINE)


def _last(pattern, text):
    found = pattern.findall(text)
    return found[-1] if found else ''


def _name(method, where):
    """`test.test_x.Class.test_method`; up to 3.10 the parentheses have the class alone."""
    return where if where.endswith('.' + method) else '%s.%s' % (where, method)


def parse(status, output):
    """`status`: the exit status, or 'hangs'; `output`: what the runner printed, as text."""
    failed = sorted({_name(*found) for found in _FAILED.findall(output)})
    words = [str(status), _last(_RESULT, output), _last(_FILES, output)]
    return Outcome(', '.join(word for word in words if word), failed, _last(_SUMS, output))


def _died(end):
    """By a signal, or had to be ended."""
    return end == 'hangs' or end.split(',')[0].isdigit() and int(end.split(',')[0]) >= 128


def differences(plain, traced):
    """A word or two for each; empty: the same result. What follows from another is not repeated."""
    found = ['+' + name for name in traced.failed if name not in plain.failed]
    found += ['-' + name for name in plain.failed if name not in traced.failed]
    if traced.end != plain.end and (not found or _died(traced.end) or _died(plain.end)):
        found.append('%s -> %s' % (plain.end, traced.end))
    if not found and traced.counts != plain.counts:
        found.append('%s -> %s' % (plain.counts, traced.counts))
    return found
