# ends with 3
import sys


def leave(status):
    try:
        sys.exit(status)
    finally:
        print('on the way out')


leave(3)
