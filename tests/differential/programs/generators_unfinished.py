# also 2.7
"""Never started, never finished, closed from inside, shared between callers."""


def endless(name):
    n = 0
    while True:
        yield name, n
        n += 1


def takes_three(source):
    return [next(source) for _ in range(3)]


def take_two(source):
    for number, item in enumerate(source):
        if number == 1:
            return item


def run():
    never_started = endless('never')
    started = endless('started')
    next(started)
    take_two(started)
    takes_three(started)
    return never_started is started


def thrown_before_start():
    g = endless('x')
    try:
        g.throw(ValueError('before the first line'))
    except ValueError:
        return 'refused'


def closed_before_start():
    g = endless('y')
    g.close()
    return list(g)


def stops_inside():
    yield 1
    raise StopIteration('inside')


run()
thrown_before_start()
closed_before_start()
try:
    list(stops_inside())
except RuntimeError as error:
    print(error)
