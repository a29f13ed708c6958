# needs 3.9
import collections
import dataclasses
import enum
import typing


@dataclasses.dataclass(order=True)
class Point:
    x: int
    y: int = 0
    tags: list = dataclasses.field(default_factory=list)

    def __post_init__(self):
        self.total = self.x + self.y

    def moved(self, dx):
        return dataclasses.replace(self, x=self.x + dx)


@dataclasses.dataclass(frozen=True)
class Frozen:
    name: str


Pair = collections.namedtuple('Pair', 'left right')


class Triple(typing.NamedTuple):
    a: int
    b: str = 'b'

    def swap(self):
        return self.b, self.a


class Color(enum.Enum):
    RED = 1
    GREEN = 2

    def describe(self):
        return self.name


class Flags(enum.IntFlag):
    A = 1
    B = 2


def f(value):
    return value


p = Point(1, y=2)
f(p.moved(3))
f(Point(1) < Point(2))
f(Frozen('n'))
try:
    Frozen('n').name = 'x'
except dataclasses.FrozenInstanceError:
    pass
f(Pair(1, 2))
f(Pair(1, right=2)._replace(left=5))
f(Triple(1).swap())
f(Color.RED)
Color.GREEN.describe()
Color(1)
Color['GREEN']
f(Flags.A | Flags.B)
