"""C code that calls back into Python."""
import re
import weakref


class Thing:
    pass


def key(item):
    return -item


def compare(a, b):
    return a - b


def upper(match):
    return match.group(0).upper()


def gone(reference):
    return 'gone'


def fails(item):
    raise KeyError(item)


sorted([3, 1, 2], key=key)
[5, 4].sort(key=key)
list(map(key, [1, 2]))
list(filter(lambda n: n > 1, [1, 2, 3]))
min([3, 1], key=key)
re.sub('[a-c]', upper, 'abcde')
list(iter(iter([1, 2, 0]).__next__, 0))
thing = Thing()
reference = weakref.ref(thing, gone)
del thing
thing = Thing()
weakref.finalize(thing, key, 5)
del thing
try:
    sorted([1, 2], key=fails)
except KeyError:
    pass
try:
    list(map(fails, 'ab'))
except KeyError:
    pass
import functools
sorted([2, 1], key=functools.cmp_to_key(compare))
