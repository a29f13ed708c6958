import functools


def plain(function):
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper


def wraps(times=1):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            return [function(*args, **kwargs) for _ in range(times)]
        return wrapper
    return decorate


class Decorator:
    def __init__(self, function):
        self.function = function

    def __call__(self, *args):
        return self.function(*args)

    def __get__(self, instance, owner):
        return functools.partial(self, instance)


@plain
def one(a, b=2):
    return a + b


@wraps(times=2)
@plain
def two(a):
    return a


class Thing:
    @Decorator
    def method(self, n):
        return n

    @functools.lru_cache(maxsize=None)
    def cached(self, n):
        return n * 2

    def __hash__(self):
        return 1


@functools.lru_cache(maxsize=4)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


@functools.singledispatch
def show(value):
    return 'object'


@show.register(int)
def show_int(value):
    return 'int'


one(1)
two('x')
thing = Thing()
thing.method(3)
thing.cached(4)
thing.cached(4)
fib(15)
show(1)
show('s')
functools.partial(one, b=5)(1)
functools.reduce(lambda a, b: a + b, [1, 2, 3])
