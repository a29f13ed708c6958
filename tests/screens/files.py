"""What the reader reads and writes beside recordings: its configuration, recorded screens, statistics; and the rows around
a match, which are compared with those of a search through all rows."""
import json
import os
import re

import recordings
from support import pytrace
from support.suite import add, check, equal

SCREEN = ('--screen', '80x10', '--dump', '-')


def run(*words, **env):
    """(exit status, stdout, stderr)."""
    done = pytrace.run([pytrace.BIN, *words], cwd=recordings.folder(), env=recordings.environment(**env))
    return done.returncode, done.stdout.decode(errors='surrogateescape'), done.stderr.decode()


def write(path, text):
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
    return path


def switches_are_configured(case):
    """Each switch in a configuration shows what its key, or :set, shows."""
    keys = {'numbers': '-N', 'wrap on': '-S', 'timeline 1': '-z', 'columns off': '-c', 'durations off': '-d',
            'returns brief': '-r', 'time-format rel': '-t', 'ascii': '-a', 'startup': 'S', 'context 3': '-f-f'}
    for name, pressed in keys.items():
        config = write(case.path('config'), 'set %s\n' % name)
        words = ('shop.sqlite', '-e', 'depth < 3', *SCREEN)
        equal(run(*words, '--keys', 'g', PYTRACE_CONFIG=config)[1], run(*words, '--keys', pressed + 'g')[1])
    for wrong, said in (('numbers 5', 'expected off or on'), ('returns', 'expected classic or brief'), ('case odd', 'smart'),
                        ('numbered', 'unknown option')):
        status, _, stderr = run('shop.sqlite', *SCREEN, PYTRACE_CONFIG=write(case.path('config'), 'set %s\n' % wrong))
        check(status == 2 and said in stderr and stderr.count('\n') == 1, (wrong, status, stderr))


def the_configuration_is_chosen(case):
    usual, named = write(case.path('usual'), 'set count\n'), write(case.path('named'), 'set limit 1\nset format csv\n')
    all_events = '64\n'
    equal(run('shop.sqlite', PYTRACE_CONFIG=usual)[1], all_events)
    equal(len(run('shop.sqlite', '--config', named, PYTRACE_CONFIG=usual)[1].splitlines()), 2)
    equal(len(run('shop.sqlite', '--config=' + named, '--no-config', PYTRACE_CONFIG=usual)[1].splitlines()), 64)
    equal(len(run('shop.sqlite', PYTRACE_READER='--no-config', PYTRACE_CONFIG=usual)[1].splitlines()), 64)
    equal(run('shop.sqlite', '--config', case.path('none'))[0], 2)
    # Those of a program are its own.
    equal(run('--', 'echo', '--config', case.path('none'))[1], '--config %s\n' % case.path('none'))


def recorded_screens_are_replayed(case):
    path = case.path('screens')
    keys = "jj/fib<Enter>n-z&func ~ 'x'<Enter><BS>o<Enter><Up><C-d><A-u><PgDn>:set wrap<Enter>é<Click-4-30>"
    equal(run('shop.sqlite', '--screen', '70x12', '--dump', '/dev/null', '--record', path, '--keys', keys)[0], 0)
    status, stdout, stderr = run('shop.sqlite', '--replay', path)
    check((status, stderr) == (0, '') and stdout.endswith('as recorded\n'), (status, stdout, stderr))
    with open(path, encoding='utf-8') as file:
        text = file.read()
    changed = text.replace('key n\n', 'key N\n')
    status, stdout, _ = run('shop.sqlite', '--replay', write(path, changed))
    check(status == 1 and '(N): another screen: row ' in stdout and 'recorded |' in stdout, stdout)
    for wrong in ('', 'nonsense\n', text + 'noise\n', text.replace('70x12', '0x12'), text + 'key <Nope>\n', text + 'key ab\n'):
        status, stdout, stderr = run('shop.sqlite', '--replay', write(path, wrong))
        check(status == 2 and stdout == '' and stderr.count('\n') == 1, (wrong[-30:], status, stdout, stderr))
    equal(run('shop.sqlite', '--dump', '-', '--record', '/nowhere/x')[0], 2)


def what_it_took_is_written(case):
    path = case.path('stats')
    equal(run('wide.sqlite', *SCREEN, '--keys', 'jfG/step_18<Enter>', PYTRACE_READER_STATS=path)[0], 0)
    with open(path, encoding='utf-8') as file:
        stats = {name: float(value) for name, value in (line.split() for line in file)}
    equal(stats['keys'], 12)
    equal(stats['frames'], 13)
    check(0 < stats['first_frame_ms'] and stats['key_to_frame_ms_p50'] <= stats['key_to_frame_ms_p99'], stats)
    check(stats['jobs'] > 12 and stats['longest_job_calls_per_s'] > 1000 and stats['resident_kb'] > 1000, stats)
    equal(run('wide.sqlite', *SCREEN, PYTRACE_READER_STATS='/nowhere/x')[0], 2)


def text_is_raw_when_wanted(_):
    for form in ('text', 'classic', 'tree', 'hot', 'jsonl', 'csv', 'html'):
        words = ('shop.sqlite', '--format', form)
        check('\033' not in run(*words)[1], form)
        equal('\033' in run(*words, '--raw')[1], form in ('text', 'classic', 'tree', 'hot'))
    check('\033' not in run('shop.sqlite', '--raw', *SCREEN)[1], 'the screen')


def text_has_colours_when_wanted(_):
    plain = run('shop.sqlite')[1]
    for words, env, coloured in (((), {}, False), (('--color', 'always'), {}, True), ((), {'CLICOLOR_FORCE': '1'}, True),
                                 ((), {'CLICOLOR_FORCE': '0'}, False), ((), {'CLICOLOR_FORCE': '1', 'NO_COLOR': '1'}, False),
                                 (('--color', 'never'), {'CLICOLOR_FORCE': '1'}, False),
                                 (('--color', 'always'), {'NO_COLOR': '1'}, True)):
        text = run('shop.sqlite', *words, **env)[1]
        equal(re.sub('\033\\[[0-9;]*m', '', text), plain)
        equal('\033[1;34mfib\033[0m' in text, coloured)
    check('\033' not in run('shop.sqlite', '--format', 'classic', '--color', 'always')[1], 'classic is what it was')


def the_newest_recording_is_named(case):
    folder = case.path('folder')
    os.mkdir(folder)
    missing = os.path.join(folder, 'traces.sqlite')
    check('newest' not in run(missing)[2], 'an empty folder')
    for number, name in enumerate(('a.sqlite', 'c.sqlite', 'b.sqlite', 'd.txt')):
        os.utime(write(os.path.join(folder, name), ''), (number, number))
    status, _, stderr = run(missing)
    check(status == 2 and stderr.endswith('the newest recording there is %s/b.sqlite\n' % folder), stderr)
    check(stderr.count('\n') == 1, stderr)


def processes_have_their_numbers(case):
    program = write(case.path('forks.py'), 'import os\ndef f(n): return n\nf(1)\nif os.fork():\n    os.wait()\nf(2)\n')
    database = case.path('forks.sqlite')
    pytrace.record(database, [pytrace.PYTHON, program])
    for size, shown in (('100x20', True), ('89x20', False), ('200x12', True)):
        screen = run(database, '--screen', size, '--dump', '-')[1]
        equal(bool(re.search(r'^\S+( +\S+s)? \d+:\d+ +forks.py ', screen, re.M)), shown)
        equal('PID:TID' in screen, shown)
    check('PID:TID' not in run('wide.sqlite', '--screen', '100x20', '--dump', '-')[1], 'several threads')


def rows_around_matches_are_those_of_a_search(_):
    def events(*words):
        return [json.loads(line) for line in run('--format', 'jsonl', *words)[1].splitlines()]

    for database, filters in (('shop', ('exception', "func == 'fib'", 'id == 17', 'id == 16', 'lost', 'depth == 0', 'id == 99')),
                              ('crashed', ('depth == 1',)), ('deep', ('id == 1500', 'id == 1', "value == '2999'"))):
        file = database + '.sqlite'
        everything = events(file)
        for text in filters:
            matches, at = [], 0
            for event in events(file, '-e', text):
                at = everything.index(event, at)
                matches.append(at)
                at += 1
            for context in (0, 1, 2, 7, 40, 1000):
                near = [event for i, event in enumerate(everything) if any(abs(i - match) <= context for match in matches)]
                equal(events(file, '-e', text, '-C', str(context)), near)
            equal(events(file, '-e', text, '--filter-mode', 'dim'), everything)
            equal(events(file, '-e', text, '--filter-mode', 'hide'), [everything[match] for match in matches])


def add_tests():
    for body in (switches_are_configured, the_configuration_is_chosen, recorded_screens_are_replayed, what_it_took_is_written,
                 text_is_raw_when_wanted, text_has_colours_when_wanted, the_newest_recording_is_named, processes_have_their_numbers,
                 rows_around_matches_are_those_of_a_search):
        add(body.__name__.replace('_', ' '), body)
