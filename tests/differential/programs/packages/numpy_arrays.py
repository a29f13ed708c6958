# own values only
"""Arrays as arguments and results, and functions that numpy's C code calls."""
import numpy


class Metres(numpy.ndarray):
    def __array_finalize__(self, source):
        self.unit = getattr(source, 'unit', 'm')


class Money:
    def __init__(self, amount):
        self.amount = amount

    def __array__(self, dtype=None, copy=None):
        return numpy.array([self.amount], dtype)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return Money(getattr(ufunc, method)(*[getattr(each, 'amount', each) for each in inputs], **kwargs))


def average(a, axis=None):
    return a.mean(axis)


def larger(a, b):
    return max(a, b)


def at(i, j):
    return i * 10 + j


a = numpy.arange(12.0).reshape(3, 4)
average(a), average(a, 0), average(numpy.float32(3)), average(a.astype(complex)), average(numpy.array([], dtype='i4').reshape(0, 2).sum(0))
numpy.frompyfunc(larger, 2, 1)(a, 5)
numpy.apply_along_axis(average, 1, a)
numpy.frompyfunc(larger, 2, 1).reduce(numpy.arange(4))
numpy.fromfunction(at, (2, 3), dtype=int)
numpy.fromiter((at(n, n) for n in range(3)), dtype=int)
lengths = a.view(Metres)
average(lengths[1:], 1)
numpy.add(Money(3), 4)
numpy.asarray(Money(5))
try:
    average(numpy.linalg.inv(numpy.zeros((2, 2))))
except numpy.linalg.LinAlgError:
    pass
for scalar in numpy.int8(-3), numpy.uint64(2**63), numpy.float16(0.1), numpy.bool_(True), numpy.str_('text'), numpy.bytes_(b'bytes'), numpy.datetime64('2024-01-01'):
    larger(scalar, scalar)
print(a.sum(), lengths.unit)
