"""Random filters against a slow reference: the filter language once more, written down for clarity, over the events that
`--format jsonl` prints.

Usage: filter_differential_test.py PYTRACE MAKE_RECORDING [ROUNDS [SEED]]
"""
import decimal
import json
import os
import random
import re
import subprocess
import sys
import tempfile

UNITS = {'ns': 1, 'us': 10**3, 'ms': 10**6, 's': 10**9}
ORDER = {
    '==': lambda a, b: a == b,
    '!=': lambda a, b: a != b,
    '<': lambda a, b: a < b,
    '<=': lambda a, b: a <= b,
    '>': lambda a, b: a > b,
    '>=': lambda a, b: a >= b,
}


# Three values: True, False, None (unknown). Python's own `and`, `or` do not know the third.
def both(a, b):
    return False if a is False or b is False else None if a is None or b is None else True


def negate(a):
    return None if a is None else not a


def like(text, pattern):
    parts = {'%': '.*', '_': '.', '\\%': '%', '\\_': '_'}
    regex = ''.join(parts.get(piece) or re.escape(piece) for piece in re.findall(r'\\[%_]|.', pattern, re.DOTALL))
    return re.fullmatch(regex, text, re.IGNORECASE | re.ASCII | re.DOTALL) is not None


def text_test(op, texts, literal):
    """Whether one of the texts fits; negative operators: none does."""
    positive = {'!=': '==', '!~': '~', 'is not': 'is'}.get(op, op)
    if positive == '==':
        found = any(like(text, literal) for text in texts)
    elif positive == 'is':
        found = literal in texts
    else:
        flags = 0 if re.search('[A-Z]', literal) else re.IGNORECASE
        found = any(re.search(literal, text, flags) for text in texts)
    return found if positive == op else not found


def value_test(op, literal, argument):
    if isinstance(literal, (int, float)):
        text = argument['value']
        number = {'True': 1.0, 'False': 0.0}.get(text)
        if number is None and argument['type'] in ('int', 'float'):
            number = float(text)
        if number is None:
            return {'==': False, '!=': True}.get(op)
        return ORDER[op](number, float(literal))
    texts = [argument['value']]
    if texts[0][:1] in ('"', "'"):
        texts.append(texts[0][1:texts[0].rindex(texts[0][0])])
    return text_test(op, texts, literal)


def raw(name):
    """A name as it was recorded: printed are control characters as escapes."""
    return re.sub(r'\\x([0-9a-f]{2})', lambda found: chr(int(found[1], 16)), name)


class Event:
    def __init__(self, row):
        self.row = row
        self.call = row['kind'] not in ('log', 'lost')
        # The repr of an object has its type's name, which is printed with escapes; the repr of a string is its own.
        self.arguments = [dict(one, value=raw(one['value']) if one['value'][:1] == '<' else one['value'])
                          for one in row['arguments']]
        if row['kind'] == 'log':
            self.arguments = [{'name': 'log', 'type': 'str', 'value': row['text']}]

    def field(self, name):
        if name == 'time':
            return int(self.row['time'] * 10**9)
        if name in ('func', 'module', 'depth') and not self.call:
            return None
        if name == 'duration':
            return self.row.get('duration_ns')
        if name == 'id':
            return self.row['call_id'] or None
        return raw(self.row[name]) if name in ('func', 'module') else self.row[name]


class Call:
    """A call: its events, its caller, the calls that it made."""
    def __init__(self, caller):
        self.events, self.caller, self.callees = [], caller, []

    def callers(self):
        call = self.caller
        while call:
            yield call
            call = call.caller

    def inside(self):
        for call in self.callees:
            yield call
            yield from call.inside()


def find_calls(events):
    """Gives every event its call, by the order of the events of a thread."""
    open_calls, calls = {}, {}
    for event in events:
        stack = open_calls.setdefault(event.row['tid'], [])
        if event.row['kind'] in ('call', 'resume'):
            call = Call(stack[-1] if stack else None)
            if stack:
                stack[-1].callees.append(call)
            stack.append(call)
            calls[event.row['call_id']] = call
        elif event.call:
            while calls[event.row['call_id']] in stack:
                stack.pop()
        event.of = calls.get(event.row['call_id'])
        if event.call:
            event.of.events.append(event)


class Around:
    """within(), contains(), caller(). A call matches when one of its events does."""
    def __init__(self, word, inner):
        self.word, self.inner = word, inner
        self.text = '%s(%s)' % (word, inner.text)
        self.memo = {}

    def matches(self, call):
        if call not in self.memo:
            self.memo[call] = any(matches(self.inner, event) for event in call.events)
        return self.memo[call]

    def ask(self, event, _):
        if not event.of:
            return None
        calls = {'within': lambda: [event.of, *event.of.callers()], 'contains': event.of.inside,
                 'caller': lambda: [event.of.caller] if event.of.caller else []}[self.word]()
        return any(map(self.matches, calls))


class Stack:
    def __init__(self, op, literal):
        self.op, self.literal = op, literal
        self.text = 'stack %s %s' % (op, quoted(literal))

    def ask(self, event, _):
        if not event.of:
            return None
        calls = [event.of, *event.of.callers()]
        names = ' > '.join(raw(call.events[0].row['func']) for call in reversed(calls))
        return text_test(self.op, [names], self.literal)


class Leaf:
    def __init__(self, field, op, literal, text):
        self.field, self.op, self.literal, self.text = field, op, literal, text

    def ask(self, event, argument):
        if self.field.startswith('arg.'):
            named = [one for one in event.arguments if one['name'] == self.field[4:]]
            return value_test(self.op, self.literal, named[0]) if named else None
        if self.field in ('arg', 'value', 'type'):
            if argument is None:
                return None
            if self.field == 'value':
                return value_test(self.op, self.literal, argument)
            return text_test(self.op, [raw(argument['name' if self.field == 'arg' else 'type'])], self.literal)
        content = event.field(self.field)
        if content is None:
            return None
        if isinstance(self.literal, str):
            return text_test(self.op, [content], self.literal)
        return ORDER[self.op](content, self.literal)


class Flag:
    def __init__(self, name):
        self.text = name

    def ask(self, event, _):
        if self.text == 'leaf':
            if not event.call or 'duration_ns' not in event.row:
                return None
            return not any('duration_ns' in callee.events[0].row for callee in event.of.callees)
        if self.text == 'open':
            return 'duration_ns' not in event.row if event.call else None
        return event.row['kind'] == self.text


class Not:
    def __init__(self, inner):
        self.inner = inner
        self.text = ('not %s' if isinstance(inner, (Leaf, Flag)) else 'not (%s)') % inner.text

    def ask(self, event, argument):
        return negate(self.inner.ask(event, argument))


class Joined:
    def __init__(self, word, parts):
        self.word, self.parts = word, parts
        texts = ['(%s)' % part.text if isinstance(part, Joined) else part.text for part in parts]
        self.text = (' %s ' % word).join(texts)

    def ask(self, event, argument):
        result = self.word == 'and'
        for part in self.parts:
            answer = part.ask(event, argument)
            if self.word == 'and':
                result = both(result, answer)
            else:
                result = negate(both(negate(result), negate(answer)))
        return result


class Any:
    def __init__(self, inner, every):
        self.inner, self.every = inner, every
        self.text = '%s(%s)' % ('all' if every else 'any', inner.text)

    def ask(self, event, _):
        answers = [self.inner.ask(event, argument) for argument in event.arguments]
        # all(e) is: not any(not e), so what is unknown does not break it.
        return not any(a is False for a in answers) if self.every else any(a is True for a in answers)


def matches(node, event):
    return any(node.ask(event, argument) is True for argument in event.arguments or [None])


class Maker:
    """Makes filters whose literals are mostly found in the events."""
    def __init__(self, dice, events):
        self.dice, self.events = dice, events

    def text_leaf(self, field, contents):
        dice = self.dice
        content = dice.choice(contents)
        op = dice.choice(['==', '==', '!=', 'is', 'is not', '~', '!~'])
        if '~' in op:
            literal = dice.choice(['fib', '^l', 'o.*p$', 'C', r'\d', '[a-f]t', 'x|e', re.escape(content[:4]), ''])
        else:
            patterns = [content.upper(), content[:3] + '%', '%' + content[-2:], content[:1] + '_' + content[2:]]
            literal = dice.choice([content, content, 'nothing'] + patterns)
        return Leaf(field, op, literal, '%s %s %s' % (field, op, quoted(literal)))

    def number_leaf(self, field, number, text=None):
        op = self.dice.choice(list(ORDER))
        text = str(number) if text is None else text
        if self.dice.random() < 0.2:
            mirrored = {'<': '>', '>': '<', '<=': '>=', '>=': '<='}.get(op, op)
            return Leaf(field, op, number, '%s %s %s' % (text, mirrored, field))
        return Leaf(field, op, number, '%s %s %s' % (field, op, text))

    def argument(self):
        event = self.dice.choice([event for event in self.events if event.arguments])
        return self.dice.choice(event.arguments)

    def value_leaf(self, field, content):
        try:
            if self.dice.random() < 0.6:
                number = float(content) + self.dice.choice([0, 0, 0.5, -1])
                return self.number_leaf(field, number)
        except ValueError:
            pass
        other = self.dice.choice(['True', 'False', 'None', '0', '-1', '1.0'])
        return self.text_leaf(field, [content, content.strip('\'"') or 'x', other])

    def leaf(self):
        dice = self.dice
        event = dice.choice(self.events)
        field = dice.choice(('func module kind thread tid pid depth id duration time arg value value type named flag in '
                             'chain stack').split())
        if field in ('func', 'module', 'kind', 'thread'):
            return self.text_leaf(field, [str(event.field(field) or 'x')])
        if field in ('tid', 'pid', 'depth', 'id'):
            return self.number_leaf(field, (event.field(field) or 0) + dice.choice([0, 0, 1, -1]))
        if field == 'time':
            ns = event.field('time') + dice.choice([0, 1, -1])
            return self.number_leaf('time', ns, '%d.%09d' % divmod(ns, 10**9))
        if field == 'duration':
            unit = dice.choice(list(UNITS))
            number = max(0, round((event.field('duration') or 0) / UNITS[unit]))
            return self.number_leaf('duration', number * UNITS[unit], '%d%s' % (number, unit))
        if field == 'chain':
            low, high = sorted([dice.randrange(5), dice.randrange(8)])
            parts = [Leaf('depth', '>=', low, ''), Leaf('depth', '<', high, '')]
            chain = Joined('and', parts)
            chain.text = '%d <= depth < %d' % (low, high)
            return chain
        if field == 'in':
            names = [dice.choice(self.events).field('func') or 'x' for _ in range(dice.randrange(1, 4))]
            chosen = Joined('or', [Leaf('func', '==', name, '') for name in names])
            chosen.text = 'func in (%s)' % ', '.join(map(quoted, names))
            return chosen
        if field == 'stack':
            names = [event.field('func') or 'x', dice.choice(self.events).field('func') or 'y']
            op, literal = dice.choice([('~', '.*'.join(map(re.escape, names))), ('==', '%%%s%%%s' % tuple(names)),
                                       ('!~', '> %s$' % re.escape(names[0])), ('==', '%' + names[0])])
            return Stack(op, literal)
        if field == 'flag':
            return Flag(dice.choice(['exception', 'open', 'lost', 'log', 'leaf']))
        argument = self.argument()
        if field == 'named':
            name = argument['name']
            if not name.isidentifier():
                name = 'n'
            return self.value_leaf('arg.' + name, argument['value'])
        if field == 'value':
            return self.value_leaf('value', argument['value'])
        return self.text_leaf(field, [raw(argument['name' if field == 'arg' else 'type'])])

    def tree(self, depth):
        roll = self.dice.random()
        if depth == 0 or roll < 0.25:
            return self.leaf()
        if roll < 0.4:
            return Not(self.tree(depth - 1))
        if roll < 0.58:
            return Around(self.dice.choice(['within', 'contains', 'caller']), self.tree(depth - 1))
        if roll < 0.66:
            return Any(self.tree(depth - 1), self.dice.random() < 0.5)
        return Joined(self.dice.choice(['and', 'or']), [self.tree(depth - 1) for _ in range(self.dice.randrange(2, 4))])


def quoted(text):
    return "'" + text.replace('\\', '\\\\').replace("'", "\\'") + "'"


def read(pytrace, database, *options):
    command = [pytrace, '--format', 'jsonl', '--startup', '-f', database, *options]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
    if done.returncode not in (0, 1):
        raise AssertionError('%s: %s' % (options, done.stderr))
    return [json.loads(line, parse_float=decimal.Decimal) for line in done.stdout.splitlines()]


def compare(pytrace, database, rounds, seed):
    events = [Event(row) for row in read(pytrace, database)]
    find_calls(events)
    maker = Maker(random.Random(seed), events)
    wrong = some = 0
    for _ in range(rounds):
        node = maker.tree(maker.dice.randrange(4))
        wanted = [event.row for event in events if matches(node, event)]
        got = read(pytrace, database, '-e', node.text)
        some += 0 < len(wanted) < len(events)
        if got == wanted:
            continue
        wrong += 1
        missing = [row for row in wanted if row not in got][:1]
        extra = [row for row in got if row not in wanted][:1]
        print('%s\n  wanted %d, got %d; missing %s; extra %s' % (node.text, len(wanted), len(got), missing, extra))
    if some < rounds / 4:
        print('too few filters told events apart: %d of %d' % (some, rounds))
        wrong += 1
    return wrong


def main():
    pytrace, make_recording = map(os.path.abspath, sys.argv[1:3])
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 2000
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        shapes = [('shop', 0), ('wide', 42)] + [('random', number) for number in range(1, 9)]
        for shape, number in shapes:
            database = os.path.join(folder, '%s%d.sqlite' % (shape, number))
            subprocess.run([make_recording, shape, database, '60', str(number)], check=True)
            wrong += compare(pytrace, database, rounds // len(shapes), seed + number)
    print('%d filters, %d wrong' % (rounds, wrong))
    sys.exit(wrong != 0)


main()
