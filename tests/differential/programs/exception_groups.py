# needs 3.11
def work(n):
    raise ExceptionGroup('group %d' % n, [ValueError(n), ExceptionGroup('inner', [KeyError('k')])])


def handles(n):
    seen = []
    try:
        work(n)
    except* ValueError as group:
        seen.append(len(group.exceptions))
    except* KeyError as group:
        seen.append(len(group.exceptions))
    return seen


def leaves(n):
    try:
        work(n)
    except* ValueError:
        pass


handles(1)
try:
    leaves(2)
except ExceptionGroup:
    pass
