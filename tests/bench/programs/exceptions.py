"""Exceptions that pass through several calls."""


def fails(n):
    raise ValueError('bad number', n)


def passes_on(n):
    return fails(n)


def work():
    caught = 0
    for n in range(150_000):
        try:
            passes_on(n)
        except ValueError as error:
            caught += len(error.args)
    return caught
