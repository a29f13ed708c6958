"""The standard library's own tests, which try the interpreter's darkest corners, end traced as they end untraced."""
from support import interpreters, pytrace
from support.suite import Skip, add, equal

MODULES = """test_asyncgen test_atexit test_call test_code test_contextlib test_coroutines test_cprofile test_descr
test_exceptions test_fork1 test_frame test_functools test_gc test_generators test_posix test_raise test_scope
test_signal test_sys_setprofile test_sys_settrace test_thread test_threading test_traceback test_weakref test_with""".split()
# Files that end otherwise from a version on, test by test in tests/regression, with the reasons in docs/regression.md.
DIFFER = {'test_code': (3, 14), 'test_exceptions': (3, 15)}
QUICK = ('test_code',)  # also without --all; tests/regression runs them all


def summary(done):
    """Exit status and the last line: OK, or how many failed and were skipped."""
    return done.returncode, done.stderr.strip().split(b'\n')[-1]


def test_module(interpreter, module):
    def body(case):
        words = ['-m', 'unittest', '-q', 'test.' + module]
        if pytrace.run([interpreter.path, '-c', 'import test.' + module]).returncode:
            raise Skip('no test.' + module)
        plain = pytrace.run([interpreter.path, *words], cwd=case.tmp, timeout=300)
        options = ['--python', interpreter.path, '--max-traces', '1000000']
        traced = pytrace.record(case.path('traces.sqlite'), words, options, cwd=case.tmp, timeout=600)
        equal(summary(traced), summary(plain), 'end of the tests')
        equal(pytrace.integrity(case.path('traces.sqlite')), 'ok', 'integrity')

    return body


for interpreter in interpreters.chosen():
    for module in MODULES:
        if interpreter.version < DIFFER.get(module, (4,)):
            add('stdlib_%s@%s' % (module, interpreters.name(interpreter)), test_module(interpreter, module),
                only_all=module not in QUICK)
