"""Raised, passed through, caught, replaced, chained, raised again."""


def raises(error):
    raise error


def passes(error):
    return raises(error)


def catches(error):
    try:
        passes(error)
    except Exception:
        return 'caught'


def raises_again():
    try:
        passes(KeyError('k'))
    except KeyError:
        raise


def chains():
    try:
        passes(KeyError('first'))
    except KeyError as error:
        raise ValueError('second') from error


def context():
    try:
        passes(KeyError('first'))
    except KeyError:
        raise ValueError('during')


def cleans_up():
    try:
        passes(KeyError('kept'))
    finally:
        catches(ValueError('another'))


def finally_replaces():
    try:
        passes(KeyError('lost'))
    finally:
        raise TypeError('instead')


def with_else(fail):
    try:
        if fail:
            passes(OSError(2, 'No such file', 'f.txt'))
    except OSError as error:
        return error.errno
    else:
        return 'else'


def changes_args():
    try:
        passes(KeyError('old'))
    except KeyError as error:
        error.args = ('new', 1)
        raise


def attempt(function, *args):
    try:
        return function(*args)
    except BaseException as error:
        return type(error)


for error in (ValueError(), ValueError('text'), ValueError(1, 'two', [3]), KeyError(('a', 'b')), ValueError(None), ValueError(()), OSError(13, 'denied'),
              StopIteration('value'), SystemExit(3), KeyboardInterrupt(), AssertionError, UnicodeDecodeError('utf-8', b'\xff', 0, 1, 'bad'), ValueError('x' * 500), ValueError(*range(30))):
    attempt(passes, error)
catches(ValueError('v'))
for function in (raises_again, chains, context, cleans_up, finally_replaces, changes_args):
    attempt(function)
with_else(True)
with_else(False)
