"""One thread that calls without pause."""
import threads


def work():
    return threads.work(1)
