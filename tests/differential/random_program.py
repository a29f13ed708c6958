"""Makes programs at random: functions, generators, coroutines and methods that call each other, raise, catch, close and
throw."""
import random

_PRELUDE = '''fuel = [0]
class Fail(Exception): pass
class Thing:
    def __init__(self, n): self.n = n
    def __enter__(self): return self.n
    def __exit__(self, *error): return self.n % 3 == 0
    def __lt__(self, other): return self.n < other.n
def spend():
    fuel[0] -= 1
    return fuel[0] < 0
def drive(coroutine):
    try:
        while True: coroutine.send(None)
    except StopIteration as end: return end.value
class Awaitable:
    def __await__(self):
        yield 'suspended'
        return 'awaited'
'''

_VALUES = ("None", "True", "7", "-1", "2**30", "2**64", "0.5", "1e300", "'text'", "'\\u00e9\\u4e2d'", "'x' * 200",
           "b'bytes'", "()", "(1, 'a')", "[1, [2, [3]]]", "{'k': (1,)}", "{1, 2}", "frozenset([3])", "list(range(20))",
           "Thing(4)", "Thing", "len", "Fail('in', 1)", "1j")
# No StopIteration: which one of several leaves a generator is more than the oracle can tell.
_ERRORS = ("Fail(%s)", "KeyError(%s)", "ValueError(%s, 1)")


class _Maker:
    def __init__(self, seed, functions):
        self.random = random.Random(seed)
        self.signatures = [self.signature() for _ in range(functions)]
        self.kinds = [
            self.random.choice(('plain', 'plain', 'plain', 'generator', 'coroutine')) for _ in range(functions)
        ]

    def value(self):
        return self.random.choice(_VALUES)

    def signature(self):
        """(positional, with default, has *args, keyword-only, has **kwargs)"""
        pick = self.random.randrange
        return pick(3), pick(3), pick(2), pick(2), pick(2)

    def parameters(self, number):
        positional, defaults, star, keyword, stars = self.signatures[number]
        words = ['p%d' % i for i in range(positional)] + ['d%d=%s' % (i, self.value()) for i in range(defaults)]
        words += ['*args'] if star else ['*'] if keyword else []
        words += ['k%d' % i for i in range(keyword)] + (['**more'] if stars else [])
        return ', '.join(words)

    def call(self, number):
        positional, defaults, star, keyword, stars = self.signatures[number]
        words = [self.value() for _ in range(positional + self.random.randint(0, defaults))]
        words += ['*%s' % self.random.choice(
            ('()', '(1, 2)', '[3]'))] if star and len(words) == positional + defaults else []
        words += ['k%d=%s' % (i, self.value()) for i in range(keyword)] + (['extra=%s' % self.value()] if stars else [])
        text = 'f%d(%s)' % (number, ', '.join(words))
        if self.kinds[number] == 'coroutine':
            return 'drive(%s)' % text
        if self.kinds[number] == 'generator':
            return self.random.choice(
                ('list(%s)', 'next(%s, None)', 'sorted(map(id, %s)) and None', 'tuple(x for x in %s)')) % text
        return text

    def any_call(self):
        return self.call(self.random.randrange(len(self.signatures)))

    def statements(self, kind, depth):
        return [line for _ in range(self.random.randint(1, 3)) for line in self.statement(kind, depth)]

    def block(self, kind, depth):
        return ['    ' + line for line in self.statements(kind, depth + 1)]

    def statement(self, kind, depth):
        choices = ['call', 'call', 'call', 'value', 'raise', 'return', 'listing', 'lambda']
        choices += ['try', 'finally', 'loop', 'closure'] if depth < 3 else []
        # A `with` may swallow GeneratorExit, see `finally`.
        choices += ['with'] if depth < 3 and kind != 'generator' else []
        choices += ['yield', 'yield', 'yield from'
                    ] if kind == 'generator' else ['await', 'await'] if kind == 'coroutine' else []
        choice = self.random.choice(choices)
        if choice == 'call':
            return ['x = ' + self.any_call()]
        if choice == 'value':
            return ['x = ' + self.value()]
        if choice == 'raise':
            return [
                'if fuel[0] %% %d == 0: raise %s' %
                (self.random.randint(2, 5), self.random.choice(_ERRORS) % self.value())
            ]
        if choice == 'return':
            return ['if fuel[0] %% %d == 0: return %s' % (self.random.randint(2, 5), self.value())]
        if choice == 'listing':
            return ['x = [%s for i in range(2)]' % self.any_call()]
        if choice == 'lambda':
            return ['x = sorted([3, 1], key=lambda n: (%s, -n)[1])' % self.any_call()]
        if choice == 'yield':
            return ['x = yield ' + self.value()]
        if choice == 'yield from':
            return ['x = yield from [%s, %s]' % (self.value(), self.any_call())]
        if choice == 'await':
            return ['x = await Awaitable()']
        if choice == 'try':
            error = self.random.choice(('Fail', 'KeyError', 'Exception'))
            again = ['    raise'] if self.random.random() < 0.2 else []
            return ['try:', *self.block(kind, depth), 'except %s as error:' % error, *self.block(kind, depth), *again]
        if choice == 'finally':
            # When a generator is closed and its cleaning up fails, too, the oracle cannot tell which exception left.
            last = self.block(kind, depth) if kind == 'plain' else ['    x = ' + self.value()]
            return ['try:', *self.block(kind, depth), 'finally:', *last]
        if choice == 'with':
            return ['with Thing(fuel[0]) as y:', *self.block(kind, depth)]
        if choice == 'loop':
            return ['for i in range(2):', *self.block(kind, depth)]
        return ['def inner(a=%s):' % self.value(), '    return x, a', 'x = inner()']

    def function(self, number):
        kind = self.kinds[number]
        lines = ['%sdef f%d(%s):' % ('async ' if kind == 'coroutine' else '', number, self.parameters(number))]
        lines += ['    if spend(): return %s' % self.value(), '    x = None']
        lines += ['    ' + line for line in self.statements(kind, 0)]
        lines += ['    yield x'] if kind == 'generator' else []
        return lines + ['    return x']


def make(seed, functions=12, rounds=6, fuel=80):
    """The text of a program that makes some thousands of calls, hardly deeper than `fuel`, and ends well."""
    maker = _Maker(seed, functions)
    lines = _PRELUDE.splitlines()
    for number in range(functions):
        lines += maker.function(number)
    lines += ['for round in range(%d):' % rounds, '    fuel[0] = %d' % fuel]
    for _ in range(8):
        lines += ['    try: ' + maker.any_call(), '    except Exception as error: pass']
    return '\n'.join(lines) + '\n'
