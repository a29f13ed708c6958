# also 2.7
"""Classes that die and leave their address and their name to classes of another kind."""


def f(value):
    return value


def made(bases, body):
    cls = type('Same', bases, body)
    f(cls)
    return cls


for round in range(40):
    meta = made((type, ), {})
    f(meta('Made', (), {}))
    del meta
    f(made((object, ), {'value': round})())
    f(made((Exception, ), {})('text', round))
    f(made((object, ), {})())
    f(made((int, ), {})(7))
    f(made((type, ), {})('Made', (), {}))
    f(made((BaseException, ), {})())
