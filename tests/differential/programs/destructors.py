# also 2.7
import gc

gc.disable()


class Dies:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        note(self.name)


class DiesBadly:
    def __del__(self):
        try:
            raise KeyError('inside')
        except KeyError:
            pass


def note(name):
    return name


def scope():
    thing = Dies('in scope')
    other = Dies('other')
    return other


thing = Dies('global')
del thing
scope()
kept = scope()
kept = None
DiesBadly()
a, b = Dies('cycle a'), Dies('cycle b')
a.other, b.other = b, a
del a, b
gc.collect()
