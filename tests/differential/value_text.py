"""What the text and the type of a value must be, worked out without running any code of the program.

An independent second opinion on the recorder's values: docs/values.md in Python. Everything here goes by exact types
and reads through the descriptors of `object`, `type` and `BaseException`, so no __repr__, __eq__, __getattr__ or
metaclass of the program is ever called.
"""
STRING_LIMIT = 120  # characters of a str, bytes of a bytes
ITEM_LIMIT = 8
DEPTH_LIMIT = 2
DIGIT_LIMIT = 40  # of an int, in base 2**30

_module = type.__dict__['__module__'].__get__
_qualname = type.__dict__['__qualname__'].__get__
_name = type.__dict__['__name__'].__get__
_flags = type.__dict__['__flags__'].__get__
_args = BaseException.__dict__['args'].__get__

_IS_EXCEPTION = 1 << 30  # Py_TPFLAGS_BASE_EXC_SUBCLASS
_IS_CLASS = 1 << 31  # Py_TPFLAGS_TYPE_SUBCLASS


def type_name(cls):
    module = _module(cls)
    qualname = _qualname(cls)
    return qualname if type(module) is not str or module == 'builtins' else module + '.' + qualname


def type_text(value):
    cls = type(value)
    return 'type' if _flags(cls) & _IS_CLASS else type_name(cls)  # of any class, whatever its metaclass


def _string(value):
    shown = repr(value[:STRING_LIMIT])
    # The mark of a cut stands inside the quotes, which are chosen for what is shown.
    return shown if len(value) <= STRING_LIMIT else shown[:-1] + '...' + shown[-1]


def _int(value):
    cut = max(0, -(-abs(value).bit_length() // 30) - DIGIT_LIMIT)
    if not cut:
        return repr(value)
    # What is left of a cut number are its leading hexadecimal digits, those of which all four bits are known.
    leading = abs(value) >> 30 * cut
    return '%s%#x...' % ('-' if value < 0 else '', leading >> 2 if cut % 2 else leading)


def _items(items, depth):
    """The texts of the items; those of a dict are pairs. An iterator of the exact type walks the table as the recorder
    does."""
    shown = []
    for item in items:
        if len(shown) == (ITEM_LIMIT if depth < DEPTH_LIMIT else 0):
            return shown + ['...']
        shown.append(text(item, depth + 1))
    return shown


def _pairs(value, depth):
    shown = []
    for key, item in dict.items(value):
        if len(shown) == (ITEM_LIMIT if depth < DEPTH_LIMIT else 0):
            return shown + ['...']
        shown.append('%s: %s' % (text(key, depth + 1), text(item, depth + 1)))
    return shown


def _container(cls, value, depth):
    items = _pairs(value, depth) if cls is dict else _items(value, depth)
    body = ', '.join(items)
    if cls is tuple:
        return '(%s,)' % body if len(value) == 1 and body != '...' else '(%s)' % body
    if cls is list:
        return '[%s]' % body
    if cls is dict:
        return '{%s}' % body
    if cls is set:
        return '{%s}' % body if value else 'set()'
    return 'frozenset({%s})' % body if value else 'frozenset()'


def text(value, depth=0):
    cls = type(value)
    if value is None or cls is bool:
        return repr(value)
    if cls is int:
        return _int(value)
    if cls is float or cls is complex:
        return repr(value)
    if cls is str or cls is bytes:
        return _string(value)
    if cls in (tuple, list, dict, set, frozenset):
        return _container(cls, value, depth)
    if _flags(cls) & _IS_EXCEPTION:
        return exception(value, depth)
    if _flags(cls) & _IS_CLASS:
        return "<class '%s'>" % type_name(value)
    return '<%s object at %#x>' % (type_name(cls), id(value))


def exception(value, depth):
    """As BaseException.__repr__ from 3.7 on, whatever the class's own __repr__."""
    return '%s(%s)' % (_name(type(value)), ', '.join(_items(_args(value), depth)))
