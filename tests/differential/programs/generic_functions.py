# needs 3.12
"""Type parameters make hidden functions."""


def first[T](items: list[T]) -> T:
    return items[0]


class Box[T]:
    def __init__(self, item: T):
        self.item = item

    def map[U](self, function) -> 'Box[U]':
        return Box(function(self.item))


type Alias[K] = dict[K, int]

first([1, 2])
Box(1).map(str)
Alias.__value__
