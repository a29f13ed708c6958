"""Python 2.7: behaves as untraced, is recorded, and says how."""
from support import interpreters, pytrace
from support.outcome import complete, count, same, shown_arguments
from support.suite import Skip, add, check, equal

PROGRAM = '''
import gc, os, subprocess, sys, threading, time
class Old:
    def __init__(self, n): self.n = n
class New(object): pass
def f(value, *rest): return value
def refcounts(a): return sys.getrefcount(a)
def deep(n):
    deep.reached = n
    return deep(n + 1)
def fails(n): raise KeyError, n
print f('text'), f(u'text'), f(5L), f(Old(1)).n
old, new = Old(2), New()
print refcounts(old), refcounts(new), refcounts(Old), sys.getrefcount(f.func_code)
def count(): return len(gc.get_objects())
print [count() for i in range(3)][1:] == [count() for i in range(2)]
try: deep(1)
except RuntimeError, error: print error, deep.reached
try: fails(1)
except KeyError: print sys.exc_info()[:2]
sys.exc_clear()
threads = [threading.Thread(target=f, args=(i,), name='named %d' % i) for i in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
child = os.fork()
if not child:
    f('in the child')
    os._exit(3)
print os.WEXITSTATUS(os.waitpid(child, 0)[1])
print subprocess.check_output([sys.executable, '-c', 'def g(n): return n\\nprint g(7)']),
def refuses(frame, event, arg): raise ValueError(event)
sys.setprofile(refuses)
try: f(1)
except ValueError, error: print error, sys.getprofile()
print sys.getprofile(), sys.gettrace(), sys.setprofile, f('end')
sys.stderr.write('on stderr\\n')
os.execv(sys.executable, [sys.executable, '-c', 'import sys\\ndef last(n): return n\\nsys.exit(last(4))'])
'''


def program(interpreter):
    def body(case):
        db = same(case, [case.write('p.py', PROGRAM)], ['--python', interpreter.path])
        broken = pytrace.broken_invariants(db)
        check(not broken, '; '.join(broken))
        equal(pytrace.rows(db, 'SELECT DISTINCT python, mode, mode_reason FROM processes'),
              [{'python': '%d.%d.%d' % interpreter.version, 'mode': 'profile', 'mode_reason': ''}], 'modes')
        shown = shown_arguments(db, 'f')
        equal([call['value'] for call in shown[:3]], ["'text'", "u'text'", '5L'], 'values')
        check({'value': "'in the child'", 'rest': '()'} in shown and {'value': "'end'", 'rest': '()'} in shown, 'calls of f')
        equal(count(db, 'fails', "outcome = 'exception' AND result = 'KeyError(1)'"), 1, 'calls of fails')
        equal((count(db, 'g'), count(db, 'last')), (1, 1), 'calls in other programs')
        names = {row['name'] for row in pytrace.rows(db, 'SELECT name FROM threads')}
        check({'MainThread', 'named 0', 'named 1', 'named 2'} <= names, 'names of threads: %s' % names)

    return body


MODULE = '''
import pytrace
def seen(n): return hidden(n)
@pytrace.notrace
def hidden(n): return inner(n)
def inner(n): return n
class C(object):
    @pytrace.notrace
    @staticmethod
    def static(n): return inner(n)
seen(1)
C.static(2)
pytrace.log('text', 30)
pytrace.log(u'caf\\xe9')
pytrace.log('\\xff')
pytrace.log(text=7, level='wrong')
'''


def module(interpreter):
    def body(case):
        db = case.path('traces.sqlite')
        done = pytrace.record(db, [case.write('p.py', MODULE)], ['--python', interpreter.path], cwd=case.tmp)
        equal((done.returncode, done.stderr), (0, b''), 'outcome')
        equal((count(db, 'seen'), count(db, 'hidden'), count(db, 'inner'), count(db, 'static')), (1, 0, 0, 0), 'calls')
        found = pytrace.rows(db, 'SELECT text, level FROM logs ORDER BY id')
        equal([row['text'] for row in found], ['text', 'caf\xe9', '?', '?'], 'texts')
        equal([row['level'] for row in found], [30, 20, 20, 0], 'levels')
        complete(db)

    return body


def none(_):
    raise Skip('no Python 2.7 here')


for each in interpreters.chosen_of_2():
    add('python2@' + interpreters.name(each), program(each))
    add('python2_module@' + interpreters.name(each), module(each))
if not interpreters.chosen_of_2():
    add('python2', none)
