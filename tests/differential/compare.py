"""Brings what the oracle saw and what was recorded into one form and compares them call by call.

Both are lists of threads, each a list of calls in the oracle's form (oracle.py). All differences between sys.settrace
and the recorder that are known and right are taken out here, in normal():
  - Imports. The oracle has other modules loaded before the program begins, so the import machinery and what it runs of
    the standard library differ. They are left out; modules of the program's own folder are not. In 2.7, where the
    machinery is C, the bodies of the standard library's modules stand for it.
  - After the last line of __main__ the interpreter shuts down: on the main thread only the program's own functions
    count from there on.
  - Calls that are left out leave a gap: parents are the nearest call that counts, and the depth follows from them.
    (That the recorded depth fits the recorded parents is checked on the whole recording, by
    support.pytrace.INVARIANTS.)
  - Addresses differ from run to run. So may other values of code that is not the program's: see OWN_VALUES.
Differences of versions are none of these: a comprehension is a call up to 3.11 and none after, for both sides; so are
generators that are closed.
"""
import json
import os
import re

from support import pytrace

PROGRAMS = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'programs')

FUNC, QUALNAME, MODULE, FILE, LINE, PARENT, ARGUMENTS, OUTCOME, RESULT = range(9)
FIELDS = ('func', 'qualname', 'module', 'file', 'line', 'parent', 'arguments', 'outcome', 'result')

# What is compared when not all is: calls of the program's own files; all calls, but of others neither values nor their types.
OWN_FILES, OWN_VALUES = 'own files only', 'own values only'

_ADDRESS = re.compile('0x[0-9a-f]{6,16}\\b')


def _owns(calls):
    """For each call whether it is of the program's own files, or of code that such a call made up."""
    owns = []
    for call in calls:
        file, parent = call[FILE], call[PARENT]
        made_up = file.startswith('<') and not file.startswith('<frozen')
        owns.append(file.startswith(PROGRAMS) or (made_up and parent is not None and owns[parent]))
    return owns


def _import_machinery(call, own):
    return call[FILE].startswith(('<frozen importlib', '<frozen zipimport')) or (call[FUNC] == '<module>' and not own)


def normal(calls, is_main, scope):
    kept, importing = {}, set()  # index -> place among the kept; indexes of calls below an import
    result, owns = [], _owns(calls)
    main_is_over = False
    for index, call in enumerate(calls):
        parent = call[PARENT]
        main_is_over = main_is_over or (is_main and parent is None and index > 0)
        below_import = parent in importing
        machinery = _import_machinery(call, owns[index])
        if machinery or (below_import and not owns[index]):
            importing.add(index)
        if machinery or (not owns[index] and (below_import or scope == OWN_FILES or main_is_over)):
            if parent in kept:
                kept[index] = kept[parent]
            continue
        kept[index] = len(result)
        call = json.loads(_ADDRESS.sub('0x..', json.dumps(call)))
        call[PARENT] = kept.get(parent)
        if scope == OWN_VALUES and not owns[index]:
            call[ARGUMENTS] = [each[:1] for each in call[ARGUMENTS]]
            call[RESULT] = None
        result.append(call)
    return result


def _sorted(threads, scope):
    """The main thread first, the others (they start in any order) by what they did."""
    shown = [normal(calls, number == 0, scope) for number, calls in enumerate(threads)]
    return shown[:1] + sorted(filter(None, shown[1:]), key=json.dumps)


def recorded(db, program):
    """The threads of the newest run from the first line of the program on."""
    connection = pytrace.connect(db)
    connection.text_factory = lambda text: text.decode('utf-8', 'surrogatepass')
    begin, tid = connection.execute("SELECT id, tid FROM calls WHERE func = '<module>' AND file = ? AND depth = 0",
                                    (program,)).fetchone()
    arguments = {}
    for row in connection.execute(
            'SELECT call_id, name, type, value FROM arguments WHERE call_id >= ? ORDER BY call_id, position',
        (begin,)):
        arguments.setdefault(row['call_id'], []).append(list(row)[1:])
    threads, place = {tid: []}, {}
    for row in connection.execute('SELECT * FROM calls WHERE id >= ? ORDER BY id', (begin,)):
        calls = threads.setdefault(row['tid'], [])
        place[row['id']] = len(calls)
        shown = arguments.get(row['id'], [])
        result = shown.pop()[1:] if row['outcome'] else None
        if result != (None if row['outcome'] is None else [row['result_type'], row['result']]):
            raise AssertionError('call %d: `calls` and `arguments` differ in its result' % row['id'])
        calls.append([
            row['func'], row['qualname'], row['module'], row['file'], row['line'],
            place.get(row['parent_id']), shown, row['outcome'], result
        ])
    connection.close()
    return list(threads.values())


def _calls_differ(wanted, got):
    for name, want, have in zip(FIELDS, wanted, got):
        if want != have:
            return '%s is %s, must be %s' % (name, json.dumps(have), json.dumps(want))
    return None


def difference(expected, found, scope=None):
    """One line about the first difference, or None."""
    expected, found = _sorted(expected, scope), _sorted(found, scope)
    for thread, (wants, haves) in enumerate(zip(expected, found)):
        for index, (want, have) in enumerate(zip(wants, haves)):
            problem = _calls_differ(want, have)
            if problem:
                return 'thread %d, call %d of %d, %s (line %d): %s' % (thread, index, len(wants), want[QUALNAME],
                                                                       want[LINE], problem)
        if len(wants) != len(haves):
            extra = (wants if len(wants) > len(haves) else haves)[min(len(wants), len(haves))]
            return 'thread %d: %d calls, must be %d; the first that is %s: %s' % (
                thread, len(haves), len(wants), 'missing' if len(wants) > len(haves) else 'too much', json.dumps(extra))
    if len(expected) != len(found):
        return '%d threads, must be %d' % (len(found), len(expected))
    return None
