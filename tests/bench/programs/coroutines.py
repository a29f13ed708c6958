"""Tasks of asyncio that wait for each other."""
import asyncio


async def part(n):
    await asyncio.sleep(0)
    return n


async def task(n):
    return sum([await part(n + i) for i in range(5)])


async def main():
    total = 0
    for _ in range(100):
        total += sum(await asyncio.gather(*(task(n) for n in range(40))))
    return total


def work():
    return asyncio.run(main())
