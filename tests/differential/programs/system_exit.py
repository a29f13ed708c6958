# ends with 3, also 2.7
import sys


def leave(status):
    try:
        sys.exit(status)
    finally:
        print('on the way out')


leave(3)
