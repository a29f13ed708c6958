# also 2.7
def nothing():
    pass


def explicit():
    return None


def early(n):
    for i in range(10):
        if i == n:
            return i
    return 'end'


def through_finally():
    try:
        return 'body'
    finally:
        early(1)


def finally_wins():
    try:
        return 'body'
    finally:
        return 'finally'


def several():
    return 1, 'two', [3]


nothing()
explicit()
early(3)
early(30)
through_finally()
finally_wins()
several()
