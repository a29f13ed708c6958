# own files only
import os
import signal


def handler(number, frame):
    return inner(number)


def inner(number):
    return number


def interrupts():
    os.kill(os.getpid(), signal.SIGUSR1)
    return 'after'


def raises(number, frame):
    raise InterruptedError('from a handler')


signal.signal(signal.SIGUSR1, handler)
interrupts()
signal.signal(signal.SIGUSR1, raises)
try:
    interrupts()
except InterruptedError:
    pass
try:
    os.kill(os.getpid(), signal.SIGINT)
except KeyboardInterrupt:
    print('interrupted')
