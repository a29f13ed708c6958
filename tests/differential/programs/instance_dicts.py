# also 2.7
"""Dicts in unusual states: of instances (keys shared by the class), of modules and classes, after deletions, keyword arguments."""


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y


def f(table):
    return table


first, second = Point(1, 2), Point(3, 4)
f(first.__dict__)
f(vars(second))
del first.x
f(first.__dict__)
first.x = 5
f(first.__dict__)
second.z = 'more'
f(second.__dict__)
f(dict(first.__dict__))
f(dict(a=1, **{'b': 2}))
f(dict.fromkeys('abc'))
empty = Point(0, 0)
empty.__dict__.clear()
f(empty.__dict__)
popped = {1: 1, 2: 2, 3: 3}
popped.pop(1)
popped.popitem()
f(popped)
