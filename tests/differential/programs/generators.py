def count(n):
    for i in range(n):
        yield i
    return 'done'


def echo(first=None):
    got = yield first
    while got is not None:
        got = yield got * 2


def delegates(n):
    result = yield from count(n)
    yield result
    yield from [10, 20]


def catches():
    while True:
        try:
            yield None
        except ValueError as error:
            yield error.args


def cleans_up(log):
    try:
        yield 1
        yield 2
    finally:
        log.append('closed')


def refuses():
    try:
        yield 1
    except GeneratorExit:
        yield 'no'


def fails(n):
    yield n
    raise KeyError(n)


def nothing():
    return 'nothing'
    yield


def nested(depth):
    if depth:
        yield depth
        for item in nested(depth - 1):
            yield item


def changes(a, b=2):
    a = yield a
    del b
    a = yield a


list(count(3))
g = echo('start')
next(g)
g.send(5)
g.send('ab')
try:
    g.send(None)
except StopIteration:
    pass
list(delegates(2))
g = catches()
next(g)
g.throw(ValueError('thrown', 1))
next(g)
try:
    g.throw(KeyError('through'))
except KeyError:
    pass
log = []
g = cleans_up(log)
next(g)
g.close()
g = cleans_up(log)
next(g)
del g
g = refuses()
next(g)
try:
    g.close()
except RuntimeError as error:
    print(error)
del g
try:
    list(fails(5))
except KeyError:
    pass
list(nothing())
list(nested(4))
g = changes('x')
next(g)
g.send('y')
list(g)
sum(i * i for i in range(5))
print(log, max((n for n in count(3)), default=None))
