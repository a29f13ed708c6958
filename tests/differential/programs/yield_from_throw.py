"""Exceptions and closing through a chain of delegating generators."""


def leaf():
    try:
        got = yield 'leaf'
        yield got
    except ValueError as error:
        yield 'handled ' + str(error)
    return 'result'


def middle():
    result = yield from leaf()
    return [result]


def root():
    result = yield from middle()
    yield result


class Iterator:
    def __init__(self):
        self.left = 2

    def __iter__(self):
        return self

    def __next__(self):
        if not self.left:
            raise StopIteration('from class')
        self.left -= 1
        return self.left


def from_class():
    return (yield from Iterator())


g = root()
next(g)
g.send('sent')
list(g)
g = root()
next(g)
g.throw(ValueError('deep'))
list(g)
g = root()
next(g)
try:
    g.throw(KeyError('out'))
except KeyError:
    pass
g = root()
next(g)
g.close()
list(from_class())
for item in Iterator():
    pass
