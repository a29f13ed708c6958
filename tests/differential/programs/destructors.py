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
    # What dies with the locals dies inside the call for one hook and after it for the other (tests/end_to_end/guest.py): not here.
    del thing
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
