"""Coroutines driven by hand: nothing but the language."""
import types


class Awaitable:
    def __init__(self, value):
        self.value = value

    def __await__(self):
        got = yield self.value
        return got


@types.coroutine
def old_style(value):
    return (yield value)


async def add(a, b):
    return await Awaitable(a) + await old_style(b)


async def outer(n):
    total = 0
    for i in range(n):
        total += await add(i, 10)
    return total


async def fails():
    await Awaitable('before')
    raise KeyError('async')


async def cleans_up():
    try:
        await fails()
    finally:
        await Awaitable('finally')


class Manager:
    async def __aenter__(self):
        return await Awaitable('enter')

    async def __aexit__(self, *error):
        await Awaitable('exit')
        return True


async def managed():
    async with Manager() as value:
        raise ValueError(value)
    return 'swallowed'


def drive(coroutine):
    sent = None
    try:
        while True:
            sent = coroutine.send(sent)
    except StopIteration as end:
        return end.value
    except Exception as error:
        return error


drive(outer(2))
drive(cleans_up())
drive(managed())
c = outer(1)
c.send(None)
try:
    c.throw(ValueError('thrown'))
except ValueError:
    pass
c = outer(1)
c.send(None)
c.close()
