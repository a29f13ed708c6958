"""Real programs: their output and exit status stay, and the expected calls are in the database."""
import os
import re

from support import interpreters, pytrace
from support.outcome import complete, count, same
from support.suite import Skip, add, check, equal, test, wait_until

SHOP = os.path.join(pytrace.ROOT, 'tests/examples/shop.py')

FLASK = '''
import http.client, threading
from flask import Flask, request
from werkzeug.serving import make_server, WSGIRequestHandler

app = Flask(__name__)

class Quiet(WSGIRequestHandler):
    def log(self, *args):
        pass

@app.route('/hello/<name>')
def hello(name):
    return 'hello ' + name + ' ' + request.args['n']

@app.route('/broken')
def broken():
    raise KeyError('broken')

app.config['PROPAGATE_EXCEPTIONS'] = False
app.logger.disabled = True
server = make_server('127.0.0.1', 0, app, threaded=True, request_handler=Quiet)
thread = threading.Thread(target=server.serve_forever, name='server')
thread.start()
seen = []
for n in range(100):
    connection = http.client.HTTPConnection('127.0.0.1', server.port)
    connection.request('GET', '/broken' if n % 10 == 9 else '/hello/you?n=%d' % n)
    response = connection.getresponse()
    seen.append((response.status, response.read()[:14]))
    connection.close()
server.shutdown()
thread.join()
server.server_close()
print(seen)
'''


def with_module(module):
    """An interpreter of ours that has `module`."""
    for interpreter in interpreters.chosen():
        if pytrace.run([interpreter.path, '-c', 'import ' + module]).returncode == 0:
            return interpreter
    raise Skip('no interpreter has ' + module)


def shop(interpreter):
    def body(case):
        db = same(case, [SHOP], ['--python', interpreter.path])
        complete(db)
        equal(count(db, 'checkout', "module = 'shop.py'"), 3, 'calls of checkout')
        equal(pytrace.value(db, "SELECT result FROM calls WHERE func = 'checkout' AND outcome = 'exception'"),
              "SoldOut('B-01', 2, 1)", 'exception')
        equal([
            row['thread']
            for row in pytrace.rows(db, "SELECT DISTINCT thread FROM calls WHERE func = 'serve' ORDER BY thread")
        ], ['ada', 'bob', 'cyd'], 'threads')
        process = pytrace.rows(db, 'SELECT * FROM processes')
        equal(len(process), 1, 'processes')
        begin = pytrace.value(db, "SELECT start_ns FROM calls WHERE func = '<module>' AND module = 'shop.py'")
        equal(process[0]['main_ns'], begin, 'main_ns is when the first line of __main__ ran')
        check(process[0]['started_ns'] <= begin < process[0]['ended_ns'], 'times of the process')
        equal(process[0]['mode'], 'eval_frame' if interpreter.version < (3, 12) else 'monitoring', 'mode')
        equal(process[0]['python'], '%d.%d.%d' % interpreter.version, 'python')

    return body


for each in interpreters.chosen():

    add('shop@' + interpreters.name(each), shop(each))


@test()
def pip_list(case):
    db = same(case, ['-m', 'pip', 'list', '--disable-pip-version-check'], ['--python', with_module('pip').path])
    complete(db)
    check(count(db, 'main', "module LIKE 'pip.%' AND outcome = 'return'") >= 1, "pip's main is missing")


@test()
def json_tool(case):
    db = same(case, ['-m', 'json.tool', '--sort-keys'], input=b'{"b": [1, 2.5, null], "a": "\\u00e9"}')
    complete(db)
    equal(count(db, 'main', "module = 'tool.py'"), 1, "json.tool's main")
    check(count(db, 'load', "module = 'json'") == 1, 'json.load is missing')


@test()
def json_tool_fails(case):
    db = same(case, ['-m', 'json.tool'], input=b'{"b": ')
    complete(db)
    check(
        count(db, 'raw_decode', "outcome = 'exception' AND result_type = 'StopIteration'") +
        count(db, 'decode', "outcome = 'exception'") >= 1, 'the exception is missing')


@test()
def unittest_of_the_standard_library(case):
    python = with_module('test.test_textwrap')
    db = same(case, ['-m', 'unittest', 'test.test_textwrap'], ['--python', python.path])
    complete(db)
    tests = int(
        re.search(rb'Ran (\d+) tests',
                  pytrace.run([python.path, '-m', 'unittest', 'test.test_textwrap']).stderr).group(1))
    equal(
        pytrace.value(
            db, "SELECT count(*) FROM calls WHERE module = 'test.test_textwrap' AND func LIKE 'test\\_%' ESCAPE '\\'"),
        tests, 'test functions')


@test()
def flask_answers_100_requests(case):
    if pytrace.run([pytrace.PYTHON, '-c', 'import flask']).returncode:
        raise Skip('no flask')
    db = same(case, [case.write('app.py', FLASK)])
    complete(db)
    equal(count(db, 'hello', "module = 'app.py' AND outcome = 'return'"), 90, 'calls of the view')
    equal(count(db, 'broken', "outcome = 'exception' AND result = 'KeyError(''broken'')'"), 10,
          'calls of the broken view')
    equal(pytrace.value(db, "SELECT count(DISTINCT c.tid) FROM calls c WHERE c.func = 'serve_forever'"), 1,
          'the server has a thread')


@test()
def shell_pipe(case):
    case.write('a.py', 'def produce(n):\n    print(n)\nfor n in range(5): produce(n)\n')
    case.write(
        'b.py', 'import sys\ndef consume(line):\n    return int(line)\n'
        'print(sum(consume(line) for line in sys.stdin))\nsys.exit(3)\n')
    db = case.path('traces.sqlite')
    done = pytrace.record(db, ['--', 'sh', '-c', '%s a.py | %s b.py' % (pytrace.PYTHON, pytrace.PYTHON)], cwd=case.tmp)
    equal((done.stdout, done.stderr, done.returncode), (b'10\n', b'', 3), 'outcome')
    complete(db)
    equal((count(db, 'produce', "module = 'a.py'"), count(db, 'consume', "module = 'b.py'")), (5, 5), 'calls')
    equal(pytrace.value(db, 'SELECT count(*) FROM processes'), 2, 'processes')
    equal(pytrace.value(db, 'SELECT count(*) FROM runs'), 1, 'runs')


@test()
def preload_alone(case):
    program = case.write('app.py', 'import sys\ndef twice(n):\n    return 2 * n\nprint(twice(21))\nsys.exit(4)\n')
    db = case.path('alone.sqlite')
    done = pytrace.run([pytrace.PYTHON, program], env=pytrace.preload_environment(db), cwd=case.tmp)
    equal((done.stdout, done.stderr, done.returncode), (b'42\n', b'', 4), 'outcome')

    wait_until(lambda: pytrace.ended(db), what='commit')
    complete(db)
    equal(pytrace.value(db, "SELECT result FROM calls WHERE func = 'twice'"), '42', 'result')


@test()
def forms_of_the_command_line(case):
    case.write('pkg/__init__.py', '')
    case.write('pkg/__main__.py', 'import sys\ndef f(x): return x\nf(1)\nprint(sys.argv[1:], __name__, __file__)\n')
    case.write('script.py', 'import sys\ndef f(x): return x\nf(1)\nprint(sys.argv, sys.path[0], __file__)\n')
    for command in (['script.py', '--bar', '-o', 'x'], ['./script.py'], [case.path('script.py'),
                                                                         '--help'], ['-m', 'pkg', '--new', '-m'],
                    ['-c', 'import sys\ndef f(x): return x\nf(1); print(sys.argv)', 'a b',
                     '-c'], ['pkg', 'arg'], ['script.py', '']):
        db = same(case, command, ['--new'])
        equal(count(db, 'f'), 1, 'calls with ' + ' '.join(command))
    case.write('tool', '#!%s\nimport sys\ndef f(x): return x\nf(2)\nprint(sys.argv)\n' % pytrace.PYTHON)
    os.chmod(case.path('tool'), 0o755)
    for command in (['./tool', '--new'], ['--', './tool'], ['--', pytrace.PYTHON, 'script.py',
                                                            '--'], [pytrace.PYTHON, '-c', 'def f(): pass\nf()']):
        plain = pytrace.run([word for word in command
                             if word != '--' or command[0] != '--'] if command[0] != '--' else command[1:],
                            cwd=case.tmp)
        done = pytrace.record(case.path('traces.sqlite'), command, ['--new'], cwd=case.tmp)
        equal((done.stdout, done.stderr, done.returncode), (plain.stdout, plain.stderr, 0),
              'outcome of ' + ' '.join(command))
        equal(count(case.path('traces.sqlite'), 'f'), 1, 'calls with ' + ' '.join(command))


@test()
def stdin_and_terminal_size_output_pass_through(case):
    data = os.urandom(1 << 20)
    program = [
        '-c', 'import sys, shutil; shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer); sys.stderr.write("e")'
    ]
    done = pytrace.record(case.path('traces.sqlite'), program, cwd=case.tmp, input=data)
    check(done.stdout == data and done.stderr == b'e' and done.returncode == 0, 'a megabyte through stdin and stdout')


@test()
def programs_that_are_no_python(case):
    db = case.path('traces.sqlite')
    for command in (['true'], ['false'], ['sh', '-c', 'exit 9'], ['/bin/echo', 'hi']):
        plain, done = pytrace.run(command), pytrace.record(db, command, cwd=case.tmp)
        equal((done.stdout, done.returncode), (plain.stdout, plain.returncode), 'outcome of ' + command[0])
        # The one thing to say: that there was nothing to record.
        check(re.fullmatch(b'pytrace: nothing was recorded: [^\n]*\n', done.stderr), 'stderr: %r' % done.stderr)
    done = pytrace.record(db, ['no-such-program'], cwd=case.tmp)
    equal((done.returncode, done.stderr.count(b'\n')), (127, 1), 'status and lines for a program that does not exist')
    path = case.write('not_executable', 'x')
    done = pytrace.record(db, ['--', path], cwd=case.tmp)
    equal((done.returncode, done.stderr.count(b'\n')), (126, 1),
          'status and lines for a program that cannot be executed')


@test()
def the_environment_is_the_only_difference(case):
    """What a program could find out about its surroundings, less what pytrace documents that it sets."""
    program = case.write(
        'env.py', "import os, sys\n"
        "print(sorted(k for k in os.environ if not k.startswith('PYTRACE') and k != 'LD_PRELOAD'), os.getcwd())\n"
        "print(sorted(sys.modules), sys.path, sys.flags, sys.gettrace(), sys.getprofile(), os.getsid(0))\n")
    same(case, [program])
