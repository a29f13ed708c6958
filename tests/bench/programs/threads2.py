"""Two threads that call without pause."""
import threads


def work():
    return threads.work(2)
