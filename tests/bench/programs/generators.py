"""A chain of generators."""


def numbers(n):
    yield from range(n)


def odd(source):
    for number in source:
        if number & 1:
            yield number


def square(source):
    for number in source:
        yield number * number


def work():
    return sum(square(odd(numbers(400_000))))
