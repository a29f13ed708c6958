# also 2.7
"""Exceptions that C code raises: they may not be objects yet when a call ends with them."""
import json


def key():
    return {}['missing']


def tuple_key():
    return {}[1, 2]


def none_key():
    return {}[None]


def index():
    return [][5]


def zero():
    return 1 / 0


def attribute():
    return None.nothing


def name():
    return undefined_name


def unbound():
    if False:
        x = 1
    return x


def type_error():
    return 1 + 'x'


def call():
    return len(1, 2, 3)


def missing_argument():
    return key(1)


def unpack():
    a, b = 1, 2, 3
    return a


def value():
    return int('x' * 10)


def decode():
    return b'\xff'.decode('utf-8')


def encode():
    return '\ud800'.encode('utf-8')


def file():
    return open('/nonexistent/file')


def import_():
    import no_such_module_here


def import_from():
    from json import no_such_name


def stop():
    return next(iter([]))


def assertion():
    assert False, ('message', 1)


def overflow():
    return 2.0 ** 100000


def memory():
    return bytearray(-1)


def decoded_by_json():
    return json.loads('{')


def deep(n):
    return key() if n == 0 else deep(n - 1)


for function in (key, tuple_key, none_key, index, zero, attribute, name, unbound, type_error, call, missing_argument, unpack, value, decode, encode, file, import_from, stop,
                 assertion, overflow, memory, decoded_by_json):
    try:
        function()
    except Exception as error:
        print(type(error).__name__)
try:
    import_()
except ImportError:
    pass
try:
    deep(5)
except KeyError:
    pass
