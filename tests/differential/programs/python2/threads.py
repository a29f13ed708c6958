# own files only
"""Threads of both modules; each is its own stack, the profile function of 2.7 is one thread's."""
import thread
import threading


def leaf(n):
    return n


def work(n, name):
    for i in range(n):
        leaf(i)
    return name


def quick():
    return leaf(1)


for i in range(4):
    one = threading.Thread(target=work, args=(i, 'thread %d' % i), name='worker %d' % i)
    one.start()
    one.join()

together = [threading.Thread(target=work, args=(20 + i, i)) for i in range(6)]
for one in together:
    one.start()
for one in together:
    one.join()

finished = threading.Event()
lock = thread.allocate_lock()
left = [12]


def raw(n, keyword=None):
    work(n, keyword)
    with lock:
        left[0] -= 1
        if not left[0]:
            finished.set()


for i in range(12):
    thread.start_new_thread(raw, (i, ), {'keyword': u'k'})
finished.wait(30)


class Own(threading.Thread):
    def run(self):
        starts_another(leaf(0))


def starts_another(n):
    inner = threading.Thread(target=quick)
    inner.start()
    inner.join()
    return n


own = Own()
own.start()
own.join()
local = threading.local()


def fails():
    local.value = leaf(1)
    raise SystemExit


failing = threading.Thread(target=fails)
failing.start()
failing.join()
