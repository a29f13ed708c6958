"""Threads that call without pause, all at once: threads1.py, threads2.py, threads8.py."""
import threading

from fib import fib


def work(count):
    results = []
    # None ends before the last has begun: each has a ring of its own, and the bytes of all can be read in the end.
    all_there = threading.Barrier(count)

    def call():
        all_there.wait()
        for _ in range(8):
            results.append(fib(22))

    threads = [threading.Thread(target=call) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(results)
