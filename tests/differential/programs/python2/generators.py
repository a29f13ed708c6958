"""Generators: send, throw, close, and what they do about it."""


def count(n):
    for i in range(n):
        yield i


def echo(value):
    while True:
        value = yield value
        if value == 'stop':
            return


def careful(name):
    try:
        yield name
        yield name + '!'
    except ValueError, error:
        yield error
    finally:
        done(name)


def done(name):
    return name


def stubborn():
    while True:
        try:
            yield 'again'
        except ValueError:
            pass


def raises(n):
    yield n
    raise KeyError, n


def refuses():
    try:
        yield 1
    except GeneratorExit:
        yield 2


list(count(3))
sum(count(4))
e = echo('first')
next(e), e.send('a'), e.send(u'b'), e.next()
try:
    e.send('stop')
except StopIteration:
    pass
c = careful('one')
c.next(), c.throw(ValueError, 'thrown'), list(c)
c = careful('two')
next(c), c.close(), c.close()
c = careful('three')
next(c)
try:
    c.throw(KeyError('k'))
except KeyError:
    pass
s = stubborn()
next(s), s.throw(ValueError), s.throw(ValueError('x')), s.throw(ValueError, 'y'), s.close()
for error in (ValueError, TypeError('t')):
    try:
        count(3).throw(error)
    except (ValueError, TypeError):
        pass
try:
    list(raises(1))
except KeyError:
    pass
r = refuses()
next(r)
try:
    r.close()
except RuntimeError, error:
    print error
del r
never = count(5)
del never
half = count(5)
next(half)
del half
unfinished = careful('unfinished')
next(unfinished)
del unfinished


def chain(n):
    if n:
        for value in chain(n - 1):
            yield value + 1
    yield n


list(chain(4))


def inner_caller():
    g = count(2)

    def pull():
        return next(g)

    return pull(), pull(), next(g, 'default')


inner_caller()


class Iterates(object):
    def __iter__(self):
        yield 'a'
        yield self.value()

    def value(self):
        return 'b'


list(Iterates()), 'b' in Iterates()
