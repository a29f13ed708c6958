import contextlib


class Manager:
    def __init__(self, name, swallow=False):
        self.name, self.swallow = name, swallow

    def __enter__(self):
        return self.name

    def __exit__(self, kind, error, trace):
        return self.swallow


@contextlib.contextmanager
def generated(value):
    try:
        yield value
    except KeyError:
        pass
    finally:
        note('end')


def note(text):
    return text


def both():
    with Manager('outer') as a, Manager('inner', True) as b:
        raise ValueError(a + b)
    return 'after'


def passes():
    with Manager('one'):
        with Manager('two'):
            raise TypeError('through')


with Manager('plain') as name:
    note(name)
both()
try:
    passes()
except TypeError:
    pass
with generated(1) as value:
    note(value)
with generated(2):
    raise KeyError('swallowed')
try:
    with generated(3):
        raise ValueError('not swallowed')
except ValueError:
    pass
with contextlib.suppress(IndexError):
    raise IndexError
with contextlib.ExitStack() as stack:
    stack.enter_context(Manager('stacked'))
    stack.callback(note, 'callback')
