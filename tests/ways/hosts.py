"""Real programs that have Python in them, and real servers with workers. Those that are not installed come, with --all, from Debian or PyPI into
the test's own folder; where that cannot be, the test says so."""
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys

from common import MARK, python_with
from support import pytrace
from support.outcome import complete, count, marked, same_command
from support.suite import Skip, add, check, equal, test, wait_until

HOSTED = MARK + '''
for n in range(5):
    mark(n)
print('ran')
'''


def tool(*names):
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    raise Skip('no ' + ' or '.join(names))


@test()
def gdb(case):
    """Python in a debugger."""
    case.write('p.py', HOSTED)
    words = [tool('gdb'), '-nx', '-batch', '-ex', 'source p.py']
    if b'ran' not in pytrace.run(words, cwd=case.tmp).stdout:
        raise Skip('this gdb has no Python')
    db = same_command(case, words)
    equal([n for _, n in marked(db)], [str(n) for n in range(5)], 'calls')


@test()
def gdb_of_a_python(case):
    """A debugger that starts a Python: both are recorded."""
    case.write('p.py', HOSTED)
    case.write('child.py', MARK + 'mark(77)\nprint("child ran")\n')
    words = [tool('gdb'), '-nx', '-batch', '-ex', 'source p.py', '-ex', 'run child.py', pytrace.PYTHON]
    plain = pytrace.run(words, cwd=case.tmp)
    if b'child ran' not in plain.stdout or b'\nran' not in b'\n' + plain.stdout:
        raise Skip('gdb cannot start a process here, or has no Python')
    db = case.path('traces.sqlite')
    traced = pytrace.record(db, ['--', *words], cwd=case.tmp)
    equal(re.sub(rb'process \d+', b'', traced.stdout), re.sub(rb'process \d+', b'', plain.stdout), 'output')
    equal(sorted(int(n) for _, n in marked(db)), [0, 1, 2, 3, 4, 77], 'calls')


@test()
def vim(case):
    vim = tool('vim.nox', 'vim.gtk3', 'vim')
    if b'+python3' not in pytrace.run([vim, '--version']).stdout:
        raise Skip('this vim has no Python')
    case.write('p.py', HOSTED + 'import vim\nvim.command("let g:there = %d" % mark(9))\n')
    db = same_command(case, [vim, '-es', '-u', 'NONE', '-c', 'py3file p.py', '-c', 'py3 mark(int(vim.eval("g:there")) + 1)', '-c', 'qa!'],
                      env=pytrace.environment(TERM='dumb'))
    equal([n for _, n in marked(db)], ['0', '1', '2', '3', '4', '9', '10'], 'calls')


APPLICATION = MARK + '''
import threading
mark('module')
def application(environ, start_response):
    body = handle(environ['PATH_INFO'])
    start_response('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', str(len(body)))])
    return [body]
def handle(path):
    return ('%s %d' % (mark(path), os.getpid())).encode()
'''

ASYNC_APPLICATION = MARK + '''
mark('module')
async def application(scope, receive, send):
    if scope['type'] != 'http':
        return
    body = await handle(scope['path'])
    await send({'type': 'http.response.start', 'status': 200, 'headers': [(b'content-length', str(len(body)).encode())]})
    await send({'type': 'http.response.body', 'body': body})
async def handle(path):
    return ('%s %d' % (mark(path), os.getpid())).encode()
'''

REQUESTS = 30


def free_port():
    with socket.socket() as any_port:
        any_port.bind(('127.0.0.1', 0))
        return any_port.getsockname()[1]


def answers(port, path):
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=10)
    try:
        connection.request('GET', path)
        return connection.getresponse().read().decode().split()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def serve(case, words, port, env, log, stop, ready):
    """Starts a server, asks it until it has answered all, stops it. Returns exit status and the processes that answered, with their paths.
    `ready`: what the log has once from each of the two workers when it is up."""
    def workers_are_up():
        with open(log, errors='replace') as file:
            return file.read().count(ready) >= 2

    with open(log, 'wb') as output:
        server = subprocess.Popen(words, cwd=case.tmp, env=env, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                  start_new_session=True)
        try:
            wait_until(lambda: answers(port, '/up') or server.poll() is not None, 60, 'first answer')
            equal(server.poll(), None, 'it ended: %s' % open(log, errors='replace').read()[-500:])
            wait_until(workers_are_up, 30, 'both workers')
            seen = [tuple(answers(port, '/%d' % n)) for n in range(REQUESTS)]
            server.send_signal(stop)
            return server.wait(timeout=60), seen
        finally:
            if server.poll() is None:
                os.killpg(server.pid, signal.SIGKILL)  # and its workers
                server.wait()


def without_numbers(log):
    """The lines that a server wrote, sorted: processes write in any order."""
    with open(log, errors='replace') as file:
        return sorted(re.sub(r'\d+', '_', line) for line in file if 'GET /up' not in line and ' /up ' not in line)


def server(case, words, source, ready, stop=signal.SIGTERM, modules=2, compare_log=True, around=()):
    """`words` has PORT where the number goes. Traced and untraced: same answers, same log, same exit status; all requests recorded, with the
    process that answered. `modules`: how often the application is loaded; `around`: words in front of it all."""
    case.write('app.py', source)
    outcomes = []
    for prefix in ([], [pytrace.BIN, '-o', case.path('traces.sqlite'), '--']):
        port = free_port()
        log = case.path('log%d' % len(outcomes))
        status, seen = serve(case, [*around, *prefix] + [word.replace('PORT', str(port)) for word in words], port, pytrace.environment(), log, stop, ready)
        outcomes.append((status, [path for path, _ in seen], without_numbers(log) if compare_log else None))
    equal(outcomes[1], outcomes[0], 'outcome')
    db = case.path('traces.sqlite')
    wait_until(lambda: pytrace.value(db, 'SELECT count(*) FROM processes WHERE ended_ns IS NULL') == 0, what='all processes committed')
    calls = marked(db)
    equal([call for call in calls if call[1] not in ('module', '/up')], [(int(pid), path) for path, pid in seen], 'requests by process')
    equal(sum(n == 'module' for _, n in calls), modules, 'how often the application was loaded')
    equal(pytrace.integrity(db), 'ok', 'integrity')


def plugin():
    uwsgi = tool('uwsgi')
    done = pytrace.run([uwsgi, '--plugin', 'python3', '--version'])
    if done.returncode:
        raise Skip('uwsgi has no plugin python3')
    return uwsgi


# A worker that is idle may miss the signal of its master's end, traced or not, and is killed after the mercy: 60 seconds by default.
UWSGI_OPTIONS = ['--die-on-term', '--disable-logging', '--need-app', '--worker-reload-mercy', '2']


@test()
def uwsgi(case):
    """A C program that opens a plugin that needs libpython; two workers that the master forks."""
    words = [plugin(), '--plugin', 'http,python3', '--http', '127.0.0.1:PORT', '--master', '--processes', '2', '--wsgi-file', 'app.py',
             *UWSGI_OPTIONS]
    server(case, words, APPLICATION, 'spawned uWSGI worker', modules=1, compare_log=False)


@test(only_all=True)
def uwsgi_lazy(case):
    """Each worker loads the application, in several threads."""
    words = [plugin(), '--plugin', 'http,python3', '--http', '127.0.0.1:PORT', '--master', '--processes', '2', '--threads', '2', '--lazy-apps',
             '--wsgi-file', 'app.py', *UWSGI_OPTIONS]
    server(case, words, APPLICATION, 'WSGI app 0 (mountpoint', compare_log=False)


def apache_modules(*names):
    folder = next((path for path in ('/usr/lib/apache2/modules', '/usr/lib64/httpd/modules') if os.path.isdir(path)), '')
    paths = [os.path.join(folder, 'mod_%s.so' % name) for name in names]
    # What is compiled in has no file; mod_wsgi and the process model are always files in Debian.
    if not os.path.exists(paths[0]):
        raise Skip('no mod_wsgi of Apache')
    return ''.join('LoadModule %s_module %s\n' % (name, path) for name, path in zip(names, paths) if os.path.exists(path))


APACHE = '''ServerName localhost
ServerRoot %(tmp)s
PidFile %(tmp)s/pid
Listen 127.0.0.1:PORT
ErrorLog /dev/stderr
LogLevel wsgi:info
WSGISocketPrefix %(tmp)s/socket
WSGIScriptAlias / %(tmp)s/app.py
<Directory %(tmp)s>
  Require all granted
</Directory>
'''


def mod_wsgi(case, how, **more):
    """A server in C whose module brings Python along; requests are answered in subinterpreters of its children."""
    apache = tool('apache2', 'httpd')
    modules = apache_modules('wsgi', 'mpm_event', 'authz_core', 'authz_host')
    os.chmod(case.tmp, 0o755)
    case.write('apache.conf', APACHE % {'tmp': case.tmp} + modules + how)
    # The number of the port is in the file, and `server` knows only words.
    # Apache's workers do not run as root; in a namespace we have another number, and the rights that we have.
    another = ['unshare', '--user', '--map-user=61234', '--map-group=61234'] if os.getuid() == 0 else []
    if another and pytrace.run(another + ['true']).returncode:
        raise Skip('root, and no user namespaces')
    words = ['sh', '-c', 'sed -i "s/^Listen .*/Listen 127.0.0.1:PORT/" apache.conf; '
             'exec %s -f %s/apache.conf -DFOREGROUND' % (apache, case.tmp)]
    server(case, words, APPLICATION, "mod_wsgi (pid=", compare_log=False, around=another, **more)
    shutil.rmtree('/dev/shm/pytrace-61234', ignore_errors=True)  # the namespace's own


add('mod_wsgi_daemon', lambda case: mod_wsgi(case, 'WSGIDaemonProcess app processes=2 threads=2 home=%s\nWSGIProcessGroup app\n' % case.tmp))
add('mod_wsgi_embedded', lambda case: mod_wsgi(case, 'StartServers 2\nServerLimit 2\nMinSpareThreads 2\nThreadsPerChild 2\nMaxRequestWorkers 4\n'),
    only_all=True)  # stops after 10 seconds


def gunicorn(case, *options, **how):
    python = python_with(case, 'gunicorn', 'gunicorn')
    server(case, [python, '-m', 'gunicorn', '-w', '2', '-b', '127.0.0.1:PORT', *options, 'app:application'], APPLICATION, 'Booting worker',
           **how)


add('gunicorn', lambda case: gunicorn(case))
add('gunicorn_preload', lambda case: gunicorn(case, '--preload', modules=1))
add('gunicorn_threads', lambda case: gunicorn(case, '--threads', '4'), only_all=True)


@test()
def uvicorn(case):
    python = python_with(case, 'uvicorn', 'uvicorn')
    server(case, [python, '-m', 'uvicorn', '--workers', '2', '--no-access-log', '--port', 'PORT', 'app:application'], ASYNC_APPLICATION,
           'startup complete')


CELERY = MARK + '''
import celery
app = celery.Celery('tasks', broker='filesystem://', backend='file://results')
for name in ('queue', 'results'): os.makedirs(name, exist_ok=True)
app.conf.broker_transport_options = {'data_folder_in': 'queue', 'data_folder_out': 'queue'}
app.conf.broker_connection_retry_on_startup = True
@app.task
def work(n):
    return mark(n)
if __name__ == '__main__':
    print(sorted(result.get(timeout=60) for result in [work.delay(n) for n in range(10)]))
    app.control.shutdown()
'''


@test(only_all=True)
def celery(case):
    """Two forked workers, tasks through a queue of files."""
    python = python_with(case, 'celery', 'celery')
    case.write('tasks.py', CELERY)
    db = case.path('traces.sqlite')
    with open(case.path('log'), 'wb') as log:
        worker = subprocess.Popen([pytrace.BIN, '-o', db, '--', python, '-m', 'celery', '-A', 'tasks', 'worker', '-c', '2'], cwd=case.tmp,
                                  env=pytrace.environment(C_FORCE_ROOT='1'), stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            # The caller is not recorded, so that the calls are the workers'.
            caller = subprocess.run([python, 'tasks.py'], cwd=case.tmp, env=pytrace.environment(), stdout=subprocess.PIPE, timeout=90)
            equal(caller.stdout, b'[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n', 'results')
            worker.send_signal(signal.SIGTERM)
            equal(worker.wait(timeout=60), 0, 'exit status')
        finally:
            if worker.poll() is None:
                worker.kill()
    calls = marked(db)
    equal(sorted(int(n) for _, n in calls), list(range(10)), 'calls')
    main = pytrace.value(db, 'SELECT pid FROM processes ORDER BY started_ns LIMIT 1')
    check(main not in [pid for pid, _ in calls], 'a worker made the calls')
    equal(pytrace.integrity(db), 'ok', 'integrity')
