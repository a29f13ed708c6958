# own files only, needs 3.7
import asyncio


async def step(name, n):
    for i in range(n):
        await asyncio.sleep(0)
    return name, n


async def fails(name):
    await asyncio.sleep(0)
    raise ValueError(name)


async def waits():
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        return 'cancelled'


async def is_cancelled():
    await asyncio.Event().wait()


async def numbers(n):
    for i in range(n):
        await asyncio.sleep(0)
        yield i


def callback(task):
    return task.done()


async def main():
    results = await asyncio.gather(step('a', 1), step('b', 3), fails('c'), return_exceptions=True)
    task = asyncio.ensure_future(waits())
    task.add_done_callback(callback)
    await asyncio.sleep(0)
    task.cancel()
    await task
    task = asyncio.ensure_future(is_cancelled())
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        pass
    async for i in numbers(2):
        pass
    queue = asyncio.Queue()

    async def producer():
        for i in range(3):
            await queue.put(i)

    async def consumer():
        return [await queue.get() for _ in range(3)]
    await asyncio.gather(consumer(), producer())
    try:
        await asyncio.wait_for(is_cancelled(), 0.01)
    except asyncio.TimeoutError:
        pass
    return len(results)


loop = asyncio.new_event_loop()
print(loop.run_until_complete(main()))
loop.close()
