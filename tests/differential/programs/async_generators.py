# needs 3.8
"""Asynchronous generators and comprehensions driven by hand."""


class Awaitable:
    def __init__(self, value):
        self.value = value

    def __await__(self):
        yield self.value


async def count(n):
    for i in range(n):
        await Awaitable('wait')
        got = yield i
        if got:
            yield got


async def failing():
    yield 1
    raise KeyError('async generator')


async def collects(n):
    return [i async for i in count(n)]


async def sends():
    g = count(2)
    await g.asend(None)
    await g.asend('sent')
    try:
        await g.athrow(ValueError('thrown'))
    except ValueError:
        pass
    g = count(5)
    async for _ in g:
        break
    await g.aclose()
    return 'end'


async def catches():
    try:
        async for _ in failing():
            pass
    except KeyError:
        return 'caught'


async def yields_none():
    yield
    yield [1, 2]


async def drains(g):
    async for _ in g:
        pass


def drive(coroutine):
    try:
        while True:
            coroutine.send(None)
    except StopIteration as end:
        return end.value


drive(collects(3))
drive(sends())
drive(catches())
drive(drains(yields_none()))
