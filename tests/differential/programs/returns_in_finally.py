# also 2.7
"""None that is returned through `finally` and `with`, and exceptions that end there: up to 3.7 both leave a frame at the same place."""
class Swallow(object):
    def __init__(self, swallow): self.swallow = swallow
    def __enter__(self): return self
    def __exit__(self, *error): return self.swallow
    def __len__(self): return self.swallow

def plain(n):
    try:
        return None
    finally:
        n = 1

def in_a_loop():
    for i in range(2):
        try:
            return None
        finally:
            i = 1

def in_with():
    for i in range(2):
        with Swallow(True):
            return None

def replaced():
    for i in range(2):
        try:
            return 5
        finally:
            return None

def swallowed():
    with Swallow(True):
        raise KeyError(1)

def overtaken():
    with Swallow(False):
        try:
            raise KeyError(1)
        finally:
            return None

def raises(n):
    try:
        raise KeyError(n)
    finally:
        n = 1

def raises_in_with(n):
    with Swallow(False):
        raises(n)

def caught_before(n):
    try:
        try:
            raise ValueError(n)
        except ValueError:
            pass
        return None
    finally:
        n = 1

def caught_after(n):
    try:
        return None
    finally:
        try:
            raise ValueError(n)
        except ValueError:
            pass

def refused(n):
    """The exception is the caller's: what it called had returned."""
    try:
        return caught_before(n) + 1
    finally:
        n = 1

def ends(function, *arguments):
    try:
        return function(*arguments)
    except Exception as error:
        return type(error)

for function in plain, raises, raises_in_with, caught_before, caught_after, refused:
    print(ends(function, 3))
for function in in_a_loop, in_with, replaced, swallowed, overtaken:
    print(ends(function))
print(list(map(caught_before, range(2))), sorted([2, 1], key=lambda n: (n, plain(n), caught_after(n))))
try:
    list(map(raises_in_with, range(2)))
except KeyError as error:
    print(error)
