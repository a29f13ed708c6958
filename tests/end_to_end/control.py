"""What a user can set: notrace, modules, values, limits, how much is kept, where it goes."""
import os

from support import interpreters, pytrace
from support.outcome import complete, count, same, shown_arguments
from support.suite import add, check, equal, test

NOTRACE = '''
from pytrace import notrace
def leaf(n): return n
@notrace
def hidden(n): return leaf(n) + leaf(n + 1)
@notrace
def gen(n):
    for i in range(n):
        leaf(i)
        yield i
@notrace
def fails(): leaf(0); raise KeyError('x')
class Thing:
    @notrace
    def method(self): return leaf(5)
    def seen(self): return leaf(6)
def main():
    hidden(1)
    for i in gen(3): leaf(10 + i)
    try: fails()
    except KeyError: pass
    Thing().method()
    Thing().seen()
    return leaf(7)
main()
print(hidden.__name__, hidden(1))
'''


def notrace(interpreter):
    def body(case):
        db = case.path('traces.sqlite')
        done = pytrace.record(db, [case.write('p.py', NOTRACE)], ['--python', interpreter.path], cwd=case.tmp)
        equal((done.stdout, done.stderr, done.returncode), (b'hidden 3\n', b'', 0), 'outcome')
        equal([arguments['n'] for arguments in shown_arguments(db, 'leaf')], ['10', '11', '12', '6', '7'],
              'calls of leaf')
        equal([count(db, func, "module = 'p.py'") for func in ('hidden', 'gen', 'fails', 'method', 'seen', 'main')],
              [0, 0, 0, 0, 1, 1], 'other calls')
        complete(db)

    return body


LOG = '''
import pytrace
def work(n):
    pytrace.log('working on %d' % n)
    pytrace.log('caf\u00e9 \\ud800', level=40)
    return n
pytrace.log('before')
work(1)
work(2)
'''


def log(interpreter):
    def body(case):
        db = case.path('traces.sqlite')
        done = pytrace.record(db, [case.write('p.py', LOG)], ['--python', interpreter.path], cwd=case.tmp)
        equal((done.stdout, done.stderr, done.returncode), (b'', b'', 0), 'outcome')
        rows = pytrace.rows(db, 'SELECT text, level, call_id FROM logs ORDER BY id')
        equal([row['text'] for row in rows][:2], ['before', 'working on 1'], 'texts')
        equal([row['level'] for row in rows], [20, 20, 40, 20, 40], 'levels')
        calls = [row['id'] for row in pytrace.rows(db, "SELECT id FROM calls WHERE func = 'work' ORDER BY id")]
        equal([row['call_id'] for row in rows][1:], [calls[0]] * 2 + [calls[1]] * 2, 'the calls they were made in')
        equal(pytrace.value(db, "SELECT count(*) FROM traces WHERE kind = 'log'"), 5, 'events')
        check('working on 2' in pytrace.run([pytrace.BIN, db]).stdout.decode(), 'the reader does not show a log record')
        equal(count(db, 'log'), 0, 'calls of log itself')

    return body


@test()
def module_for_untraced_programs(case):
    """The installable module of the same name does nothing, to the same programs."""
    module = os.path.join(pytrace.ROOT, 'pyshim/module')
    program = case.write('p.py', NOTRACE + LOG.replace('import pytrace', 'import pytrace; assert pytrace.__file__'))
    for interpreter in interpreters.chosen():
        done = pytrace.run([interpreter.path, program], env=pytrace.environment(PYTHONPATH=module))
        equal((done.stdout, done.stderr, done.returncode), (b'hidden 3\n', b'', 0), 'outcome')


MODULES = '''
import json, textwrap
import shop.cart, shop.stock.shelf, other
def here(): return 1
here()
shop.cart.add(1)
shop.stock.shelf.take(2)
other.f(json.dumps({'a': 1}, indent=1))
textwrap.wrap('some words', 5)
'''


def modules(interpreter):
    def body(case):
        case.write('shop/__init__.py', '')
        case.write('shop/cart.py', 'import other\ndef add(n): return other.f(n)\n')
        case.write('shop/stock/__init__.py', '')
        case.write('shop/stock/shelf.py', 'def take(n): return n\n')
        case.write('other.py', 'def f(n): return n\n')
        case.write('shopping.py', '')
        program = case.write('p.py', MODULES)
        for number, (value, wanted) in enumerate(
            (('shop', {'shop', 'shop.cart', 'shop.stock',
                       'shop.stock.shelf'}), ('shop.stock:other', {'shop.stock', 'shop.stock.shelf', 'other'}),
             (case.tmp, {'p.py', 'shop', 'shop.cart', 'shop.stock', 'shop.stock.shelf',
                         'other'}), ('json:' + case.path('shop/stock'), None))):
            for how in 'option', 'variable':
                db = case.path('%d%s.sqlite' % (number, how))
                done = pytrace.record(db, [program], ['--python', interpreter.path] +
                                      (['--modules', value] if how == 'option' else []), cwd=case.tmp,
                                      env=pytrace.environment(TRACE_MODULES=value if how == 'variable' else None))
                equal((done.stderr, done.returncode), (b'', 0), 'outcome')
                seen = {row['module'] for row in pytrace.rows(db, 'SELECT DISTINCT module FROM calls')}
                if wanted is None:
                    check({'json', 'shop.stock.shelf'} <= seen and 'other' not in seen and 'p.py' not in seen,
                          'modules with %s: %s' % (value, seen))
                else:
                    equal(seen, wanted, 'modules with ' + value)
                broken = pytrace.broken_invariants(db)
                check(not broken, '; '.join(broken))

    return body


for each in interpreters.chosen_of_2():
    add('modules@' + interpreters.name(each), modules(each))
for each in interpreters.chosen():
    add('notrace@' + interpreters.name(each), notrace(each))
    add('log@' + interpreters.name(each), log(each))
    add('modules@' + interpreters.name(each), modules(each))

VALUES = '''
def f(items, text): return items
f([[1, [2, [3, [4]]]], list(range(100))], 'x' * 1000)
try: f()
except TypeError: pass
'''


@test()
def values(case):
    program = case.write('p.py', VALUES)
    seen = {}
    for level in 'none', 'shallow', 'deep':
        db = case.path(level + '.sqlite')
        done = pytrace.record(db, [program], ['--values', level], cwd=case.tmp)
        equal((done.stderr, done.returncode), (b'', 0), 'outcome')
        complete(db)
        equal(count(db, 'f', "outcome = 'return'"), 1, 'calls with ' + level)
        seen[level] = (shown_arguments(db, 'f') or [{}])[0]
    equal([text for text in seen['none'].values() if text], [], 'arguments with none')
    equal(seen['shallow'],
          {'items': '[[1, [...]], [0, 1, 2, 3, 4, 5, 6, 7, ...]]', 'text': repr('x' * 120)[:-1] + "...'"},
          'arguments with shallow')
    check('[3, [' in seen['deep']['items'] and len(seen['deep']['text']) > 200,
          'arguments with deep: %s' % seen['deep'])


@test()
def limits(case):
    program = case.write('p.py', VALUES)
    db = case.path('traces.sqlite')
    done = pytrace.run([pytrace.PYTHON, program], cwd=case.tmp,
                       env=pytrace.preload_environment(db, PYTRACE_LIMITS='string=5,items=2,depth=3'))
    equal((done.stderr, done.returncode), (b'', 0), 'outcome')
    done = pytrace.record(db, ['-c', 'pass'], cwd=case.tmp)  # waits for the commit
    equal(shown_arguments(db, 'f')[0], {'items': '[[1, [2, [...]]], [0, 1, ...]]', 'text': "'xxxxx...'"}, 'arguments')


MANY = '''
def leaf(n): return n
def middle(count):
    for n in range(count): leaf(n)
    return count
def outer(count): return middle(count)
outer(%d)
'''


@test()
def max_traces_keeps_the_newest(case):
    db = case.path('traces.sqlite')
    done = pytrace.record(db, [case.write('p.py', MANY % 300000)], ['--max-traces', '100000'], cwd=case.tmp)
    equal((done.stderr, done.returncode), (b'', 0), 'outcome')
    kept = pytrace.value(db, 'SELECT count(*) FROM calls')
    check(75000 <= kept <= 100000, 'calls kept: %d' % kept)
    newest = [int(arguments['n']) for arguments in shown_arguments(db, 'leaf')]
    equal((newest[0] + len(newest), newest[-1]), (300000, 299999), 'the newest calls, without a gap')
    equal(pytrace.plain(db, "SELECT calls FROM functions WHERE func = 'leaf'"), [(300000,)], 'exact counter')
    let_go = int(pytrace.plain(db, "SELECT value FROM meta WHERE key = 'let_go_calls'")[0][0])
    equal(let_go + kept, pytrace.plain(db, 'SELECT sum(calls) FROM functions')[0][0], 'let go and kept')
    # The oldest call that is kept still knows its callers.
    oldest = pytrace.rows(db, "SELECT * FROM calls WHERE func = 'leaf' ORDER BY id LIMIT 1")[0]
    equal(oldest['depth'], 3, 'depth of the oldest')
    check(oldest['parent_id'], 'the oldest call has no parent')
    equal(pytrace.value(db, 'SELECT count(*) FROM calls WHERE id = :id', id=oldest['parent_id']), 0,
          'the parent itself was let go')
    text = pytrace.run([pytrace.BIN, db], cwd=case.tmp)
    equal(text.returncode, 0, 'status of the reader')
    check(b'let go' in text.stdout + text.stderr, 'the reader does not say that calls were let go')
    equal(pytrace.integrity(db), 'ok', 'integrity')


@test()
def max_traces_small_and_zero(case):
    for limit, least in (('100', 1), ('0', 30000)):
        db = case.path(limit + '.sqlite')
        done = pytrace.record(db, [case.write('p.py', MANY % 30000)], ['--max-traces', limit], cwd=case.tmp)
        equal(done.returncode, 0, 'status')
        kept = pytrace.value(db, 'SELECT count(*) FROM calls')
        check(kept >= least and (limit == '0' or kept <= 100), 'calls kept with --max-traces %s: %d' % (limit, kept))


@test()
def max_size_keeps_the_file_small(case):
    db = case.path('traces.sqlite')
    program = case.write(
        'p.py', "def leaf(text): return text\nimport random\nfor i in range(400000): leaf(str(random.random()) * 6)\n")
    done = pytrace.record(db, [program], ['--max-size', '4M'], cwd=case.tmp)
    equal((done.stderr, done.returncode), (b'', 0), 'outcome')
    # What one commit adds before it lets go of others comes on top.
    check(pytrace.size(db) < 7 << 20, 'size of the database: %d' % pytrace.size(db))
    check(0 < pytrace.value(db, "SELECT count(*) FROM calls WHERE func = 'leaf'") < 400000, 'calls kept')


@test()
def startup_only_when_asked(case):
    db = same(case, [case.write('p.py', 'import json\ndef f(n): return n\nf(1)\n')])
    lines = pytrace.run([pytrace.BIN, db], cwd=case.tmp).stdout.decode().splitlines()
    everything = pytrace.run([pytrace.BIN, '--startup', db], cwd=case.tmp).stdout.decode().splitlines()
    check(lines and '<module>' in lines[0] and 'p.py' in lines[0], 'first line: %r' % lines[:1])
    check(len(everything) > len(lines), 'no more lines with --startup')
    check(any('f(' in line and '1' in line for line in lines), 'the call is not in the text')
    check(not any('site.py' in line or ' site ' in line for line in lines), 'start-up in the text')


@test()
def switched_off(case):
    db = case.path('traces.sqlite')
    done = pytrace.run([pytrace.PYTHON, '-c', 'print(1)'], env=pytrace.preload_environment(db, PYTRACE='0'),
                       cwd=case.tmp)
    equal((done.stdout, done.stderr, os.path.exists(db)), (b'1\n', b'', False), 'outcome')


@test()
def wrong_options_are_one_line(case):
    for words in (['--no-such-option', 'p.py'], ['--values', 'everything', 'p.py'], ['--max-traces', 'many', 'p.py'],
                  ['--buffer', '12Q', 'p.py'], ['--on-full', 'x', 'p.py'], ['-o'], ['-m'], ['-c']):
        done = pytrace.run([pytrace.BIN, *words], cwd=case.tmp)
        equal((done.returncode, done.stdout, done.stderr.count(b'\n')), (2, b'', 1), 'outcome of ' + ' '.join(words))
    for word in '--help', '--version':
        done = pytrace.run([pytrace.BIN, word], cwd=case.tmp)
        check(done.returncode == 0 and done.stdout and not done.stderr, 'outcome of ' + word)
