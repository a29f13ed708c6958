"""Two threads that call without pause; threads8.py: eight."""
import threading

from fib import fib

COUNT = 2


def work(count=COUNT):
    results = []
    threads = [threading.Thread(target=lambda: results.append(fib(22))) for _ in range(count * 4)]
    for first in range(0, len(threads), count):
        for thread in threads[first:first + count]:
            thread.start()
        for thread in threads[first:first + count]:
            thread.join()
    return sum(results)
