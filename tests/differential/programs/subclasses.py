# needs 3.7
"""Subclasses of builtin types are objects: what they would print is theirs to say."""
import collections


class Int(int):
    pass


class Str(str):
    def __repr__(self):
        raise RuntimeError


class List(list):
    def __len__(self):
        raise RuntimeError


class Dict(dict):
    def items(self):
        raise RuntimeError


class Tuple(tuple):
    pass


class Float(float):
    pass


class Bytes(bytes):
    pass


class Set(set):
    pass


def f(value):
    return value


f(Int(5))
f(Str('s'))
f(List([1]))
f(Dict(a=1))
f(Tuple((1, 2)))
f(Float(1.5))
f(Bytes(b'b'))
f(Set([1]))
f([Int(5), Str('s')])
f(collections.OrderedDict(a=1))
f(collections.defaultdict(list))
f(collections.Counter('aab'))
f(collections.deque([1]))
