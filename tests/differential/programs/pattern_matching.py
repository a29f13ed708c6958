# needs 3.10
class Point:
    __match_args__ = ('x', 'y')

    def __init__(self, x, y):
        self.x, self.y = x, y


def describe(value):
    match value:
        case 0:
            return 'zero'
        case [first, *rest]:
            return describe(first), len(rest)
        case {'key': inner, **others}:
            return describe(inner), others
        case Point(x=0, y=y):
            return 'on the axis', y
        case Point(x, y) if x == y:
            return 'diagonal'
        case str() | bytes():
            return 'text'
        case _:
            return None


for value in (0, [0, 1, 2], {'key': 's', 'more': 1}, Point(0, 5), Point(2, 2), Point(1, 2), b'b', 3.5):
    describe(value)
