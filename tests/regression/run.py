"""CPython's own regression tests end traced as they end untraced, file by file. Takes hours: only with --all, or for
the files that are named (`run.py test_sys test_gc@3.12`).

With PYTRACE_REGRESSION_KEEP=FOLDER untraced outcomes are kept there and used again, and the output of each file that differs.
A line for each file that differs: which tests failed only traced (+) or only untraced (-), or how it ended otherwise;
`known` where accepted.txt has the reason."""
import collections
import os
import signal
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import accepted
import comparison
import files
from support import interpreters, pytrace
from support.suite import add, check, suite, test


@test()
def reasons_are_documented(case):
    with open(os.path.join(pytrace.ROOT, 'docs', 'regression.md'), encoding='utf-8') as file:
        text = ' '.join(file.read().split())
    for entry in accepted.entries():
        check(entry.reason in text, 'docs/regression.md does not say: ' + entry.reason)


def same_result(interpreter, name):
    def body(case):
        found, problems = comparison.compare(interpreter, name, case.tmp)
        reasons = [(each, accepted.reason(interpreter.version, name, each)) for each in found]
        for reason, count in collections.Counter(reason for _, reason in reasons if reason).items():
            print('known %s: %d differ: %s' % (case.name, count, reason))
        unexplained = [each for each, reason in reasons if not reason]
        check(not unexplained and not problems, '; '.join(unexplained + problems))

    return body


chosen = [each for each in interpreters.chosen() if each.version >= (3, 11)]
for rank in range(3):
    for each in chosen:
        for name in files.of(each):
            if files.rank(name) == rank:
                add('%s@%s' % (name, interpreters.name(each)), same_result(each, name), only_all=True)

# A shell's background job ignores ^C, and so would the tests that send it to themselves.
signal.signal(signal.SIGINT, signal.default_int_handler)
suite()
