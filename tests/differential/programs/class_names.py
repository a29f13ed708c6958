"""Classes that are values before they have their names."""
def take(value):
    return value


class Plain:
    pass


take(Plain)
Plain.__module__ = 'elsewhere'
Plain.__qualname__ = 'Outer.Renamed'
take(Plain())


class Broken(Exception):
    pass


def fails():
    raise Broken(1)


take(Broken)
Broken.__module__ = 'elsewhere'
try:
    fails()
except Broken as error:
    take(error)
