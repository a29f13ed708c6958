# also 2.7
"""Arguments are what they were when the call began, whatever becomes of the variables."""


def rebinds(a, b):
    a = 'new'
    del b
    return a


def grows(items, table):
    items.append(99)
    table['new'] = 1
    return items


def empties(items):
    del items[:]
    return items


def rebinds_a_cell(a):
    def inner():
        return a
    a = a + 1
    return inner()


rebinds(1, 2)
grows([1], {})
empties([1, 2, 3])
rebinds_a_cell(5)
