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
_qualname = type.__dict__.get('__qualname__', type.__dict__['__name__']).__get__
_name = type.__dict__['__name__'].__get__
_flags = type.__dict__['__flags__'].__get__
_args = BaseException.__dict__['args'].__get__

_IS_EXCEPTION = 1 << 30  # Py_TPFLAGS_BASE_EXC_SUBCLASS
_IS_CLASS = 1 << 31  # Py_TPFLAGS_TYPE_SUBCLASS

# Python 2: its own kinds of text and of whole numbers, classes that are no types, and their instances.
_PYTHON2 = str is bytes
_TEXTS = (str, type(u''), bytes)
_INTS = (int, type(1 << 100))
if _PYTHON2:
    from types import ClassType as _OldClass, InstanceType as _Instance
else:
    _OldClass = _Instance = object()
_BUILTINS = 'builtins', '__builtin__', 'exceptions'


def _utf8(name, otherwise):
    try:
        return name.decode('utf-8') if type(name) is str else otherwise
    except UnicodeDecodeError:
        return otherwise


def class_of(value):
    return value.__class__ if _PYTHON2 and type(value) is _Instance else type(value)


def type_name(cls):
    if type(cls) is _OldClass:
        module, qualname = cls.__dict__.get('__module__'), cls.__name__
    else:
        module, qualname = _module(cls), _qualname(cls)
    if _PYTHON2:  # names may be any bytes there
        module, qualname = _utf8(module, None), _utf8(qualname, u'?')
    elif type(module) is not str:
        module = None
    return qualname if module is None or module in _BUILTINS else module + '.' + qualname


def type_text(value):
    cls = class_of(value)
    if type(cls) is _OldClass:
        return type_name(cls)
    if cls is _OldClass:
        return 'type'
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
    cls = class_of(value)
    if type(cls) is _OldClass:
        return '<%s object at %#x>' % (type_name(cls), id(value))
    if value is None or cls is bool:
        return repr(value)
    if cls in _INTS:
        return _int(value)
    if cls is float or cls is complex:
        return repr(value)
    if cls in _TEXTS:
        return _string(value)
    if cls in (tuple, list, dict, set, frozenset):
        return _container(cls, value, depth)
    if _flags(cls) & _IS_EXCEPTION:
        return exception(value, depth)
    if _flags(cls) & _IS_CLASS or cls is _OldClass:
        return "<class '%s'>" % type_name(value)
    return '<%s object at %#x>' % (type_name(cls), id(value))


def raised(cls, value):
    """The type and the text of an exception that need not be an object yet (Python 2): its class and what is to be its
    arguments."""
    if type(cls) is _OldClass or _flags(type(value)) & _IS_EXCEPTION:
        return [type_text(value), text(value)]
    args = value if type(value) is tuple else () if value is None else (value, )
    return [type_name(cls), '%s(%s)' % (_name(cls), ', '.join(_items(args, 0)))]


def exception(value, depth):
    """As BaseException.__repr__ from 3.7 on, whatever the class's own __repr__."""
    name = _name(type(value))
    return '%s(%s)' % (_utf8(name, u'?') if _PYTHON2 else name, ', '.join(_items(_args(value), depth)))
