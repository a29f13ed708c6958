# own files only
"""A program with profile functions of its own: it must see what it sees untraced, and nothing is lost."""
import cProfile
import sys
import threading

log = []


def leaf(n):
    return len([n])


def branch(n):
    if n == 0:
        raise KeyError(n)
    return leaf(n) + leaf(n)


def works():
    branch(1)
    try:
        branch(0)
    except KeyError:
        pass
    return sorted([3, 1, 2], key=lambda n: -n)


def shown(event, frame, arg):
    name = getattr(arg, '__name__', None) if event.startswith('c_') else repr(arg) if event == 'return' else None
    log.append((event, frame.f_code.co_name, name))


def profile(frame, event, arg):
    shown(event, frame, arg)


print sys.getprofile()
sys.setprofile(profile)
print sys.getprofile() is profile
works()
sys.setprofile(None)
print sys.getprofile()
works()


def sets(_):
    sys.setprofile(profile)
    leaf(1)


def unsets(_):
    leaf(2)
    sys.setprofile(None)
    leaf(3)


def toggles(_):
    sys.setprofile(None)
    leaf(4)
    sys.setprofile(profile)
    leaf(5)


map(sets, [1])
leaf(0)
map(toggles, [1, 2])
map(unsets, [1])
apply(sys.setprofile, (profile, ))
leaf(6)
apply(sys.setprofile, (None, ))


def refuses(frame, event, arg):
    raise ValueError('refused ' + event)


sys.setprofile(refuses)
try:
    len([])
except ValueError, error:
    print error, sys.getprofile()
leaf(7)


profiler = cProfile.Profile()
profiler.runcall(works)
profiler.enable(builtins=False)
works()
profiler.disable()
entries = [entry for entry in profiler.getstats() if not isinstance(entry.code, str) and entry.code.co_filename == __file__]
print sorted([(entry.code.co_name, entry.callcount, entry.reccallcount) for entry in entries])
profiler = cProfile.Profile()
profiler.enable()
del profiler
works()
threading.setprofile(profile)
one = threading.Thread(target=works)
one.start()
one.join()
threading.setprofile(None)
for line in log:
    if line[1] in ('leaf', 'branch', 'works', '<lambda>', '<module>', 'sets', 'unsets', 'toggles'):
        print line
