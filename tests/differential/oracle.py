"""The oracle: runs a program in this interpreter under sys.settrace and writes down every call that a recording must
have.

Usage: oracle.py OUT.json PROGRAM.py [ARG ...]

OUT.json is {"threads": [[CALL, ...], ...]}, the main thread first, the calls of a thread in the order of their start. A
CALL is [func, qualname, module, file, line, parent, arguments, outcome, result]: `parent` is an index into the thread's
list or null, `arguments` a list of [name, type, text], `outcome` return, exception or yield (null: never ended),
`result` [type, text]. A run of a generator or coroutine, from resume to suspend, is a call.

The program must not notice: the tracer keeps no reference to its objects and runs none of its code.
"""
import os
import sys
import atexit
import collections
import opcode

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import value_text

sys.path.pop(0)
try:
    import _thread
except ImportError:  # Python 2
    import thread as _thread

_HERE = __file__  # the interpreter takes __file__ away before the last calls
_GENERATOR = 0x20 | 0x80 | 0x200  # CO_GENERATOR, CO_COROUTINE, CO_ASYNC_GENERATOR
_NEW_LOCALS = 0x1 | 0x2  # CO_OPTIMIZED, CO_NEWLOCALS: neither in a module's or class's body

_RETURNS = {code for name, code in opcode.opmap.items() if name in ('RETURN_VALUE', 'RETURN_CONST')}
_YIELDS = {code for name, code in opcode.opmap.items() if name in ('YIELD_VALUE', 'YIELD_FROM')}
# Up to 3.7 a `return` within `finally` or `with` leaves the frame where that ends, as an exception does.
_END_FINALLY = opcode.opmap['END_FINALLY'] if sys.version_info < (3, 8) else None
_RESUME = opcode.opmap.get('RESUME')  # from 3.11 on; its argument says whether it follows a yield

_HAS_OPCODES = sys.version_info >= (3, 7)
_cause = BaseException.__dict__['__cause__'].__get__ if sys.version_info >= (3, ) else None


class _Open(object):
    """A call on a thread's stack, and the exceptions seen in it: id -> type."""
    __slots__ = 'index', 'last_event', 'opcode', 'seen', 'newest', 'exiting', 'begins'

    def __init__(self, index, seen, begins):
        self.index, self.seen, self.begins = index, seen, begins
        self.last_event, self.opcode, self.newest, self.exiting = 'call', None, None, None


class _Thread(object):
    def __init__(self):
        self.calls, self.stack = [], []
        # The call that has just left by an exception, or perhaps by one: (its _Open, its caller's frame id, its own).
        self.unsettled = None


_suspended = {}  # id of a generator's frame -> the exceptions seen in it so far
_threads = collections.OrderedDict()  # kernel thread id -> _Thread, in the order of their first call
_this = getattr(_thread, 'get_native_id', lambda: os.readlink('/proc/thread-self'))  # up to 3.7 by its path
ARGUMENTS = 6  # in a CALL


def _unwrapped(value):
    """What an async generator yields is wrapped by the interpreter; the program never sees the wrapper."""
    if type(value).__name__ != 'async_generator_wrapped_value':
        return value
    import ctypes
    return ctypes.cast(id(value) + object.__basicsize__, ctypes.POINTER(ctypes.py_object)).contents.value


def _begins(frame):
    """Whether a call begins here: a generator that runs on has no arguments any more, nor has one into which somebody
    throws before it ever ran."""
    if not frame.f_code.co_flags & _GENERATOR:
        return True
    if _RESUME is None:
        return frame.f_lasti < 0
    code, lasti = frame.f_code.co_code, frame.f_lasti
    return lasti >= 0 and code[lasti] == _RESUME and code[lasti + 1] & 3 == 0


def _arguments(frame):
    code = frame.f_code
    # (In Python 2 a function with an `exec` in it is not optimized, and other bodies have no arguments at all.)
    if code.co_flags & _NEW_LOCALS != _NEW_LOCALS and sys.version_info >= (3, ):
        return []
    names = list(code.co_varnames[:code.co_argcount])
    after = code.co_argcount + getattr(code, 'co_kwonlyargcount', 0)
    keyword_only = list(code.co_varnames[code.co_argcount:after])
    if code.co_flags & 0x4:
        names.append(code.co_varnames[after])
        after += 1
    names += keyword_only
    if code.co_flags & 0x8:
        names.append(code.co_varnames[after])
    values = frame.f_locals
    return [[name, value_text.type_text(values[name]),
             value_text.text(values[name])] for name in names if name in values]


def _module(frame):
    name = frame.f_globals.get('__name__')
    return os.path.basename(sys.argv[0]) if name == '__main__' else name if type(name) is str else ''


def _enter(thread, frame):
    code = frame.f_code
    parent = thread.stack[-1].index if thread.stack else None
    begins = _begins(frame)
    thread.stack.append(_Open(len(thread.calls), _suspended.get(id(frame), {}), begins))
    thread.calls.append([
        code.co_name,
        getattr(code, 'co_qualname', code.co_name),
        _module(frame), code.co_filename, code.co_firstlineno, parent,
        _arguments(frame) if begins else [], None, None
    ])


def _is_watched(frame):
    return frame is not None and frame.f_code.co_filename != _HERE


def _outcome(frame, call, arg):
    code, lasti = bytearray(frame.f_code.co_code), frame.f_lasti
    if not frame.f_code.co_flags & _GENERATOR:
        if arg is not None or code[lasti] in _RETURNS:
            return 'return'
        if code[lasti] == _END_FINALLY and (call.newest is None or _is_watched(frame.f_back)):
            return 'return'  # or else the caller sees the exception that came from here, see _exception
        return 'exception'
    if lasti < 0:  # up to 3.10: thrown into before it ever ran
        return 'exception'
    # Where a generator's frame stands does not tell: an exception may have been thrown in at a yield, or be raised
    # again as if from there. The last instruction does.
    if call.opcode is not None:
        instruction = call.opcode if call.last_event == 'opcode' else None
        return 'return' if instruction in _RETURNS else 'yield' if instruction in _YIELDS else 'exception'
    # The first generator of a function does not tell its instructions in its first run (3.13), but there it cannot
    # have been at a yield before. (3.6 never tells them: None yielded by a handler's first line would be mistaken.)
    instruction = code[lasti]
    if instruction in _RETURNS:
        return 'return'
    if instruction == _RESUME:  # 3.13 has stepped past the yield by now
        instruction = code[lasti - 2]
    elif not _HAS_OPCODES and code[lasti + 2:] and code[lasti + 2] in _YIELDS:  # 3.6 stands before a `yield from`
        instruction = code[lasti + 2]
    yields = instruction in _YIELDS and (arg is not None or call.last_event != 'exception' or call.begins)
    return 'yield' if yields else 'exception'


def _leave(thread, frame, arg):
    call = thread.stack.pop()
    outcome = _outcome(frame, call, arg)
    record = thread.calls[call.index]
    if outcome == 'exception':
        # Of what leaves a generator that is closed only GeneratorExit is seen by no caller.
        record[-2:] = outcome, call.exiting or call.newest
    else:
        arg = _unwrapped(arg)
        record[-2:] = outcome, [value_text.type_text(arg), value_text.text(arg)]
    if outcome == 'exception' or (arg is None and _END_FINALLY):
        thread.unsettled = call, id(frame.f_back), id(frame)
    if outcome != 'yield':
        _suspended.pop(id(frame), None)
    elif call.seen:
        _suspended[id(frame)] = call.seen


def _is_the_same(value, type_text, call):
    """Whether a caller's exception is the one with which `call` ended. After a `finally` with an exception of its own
    the newest in the call is another, and `except*` makes a new one unseen. C code in between may have swallowed it."""
    if call.newest is None or type_text == call.newest[0]:  # (`raise` with a traceback tells nothing in Python 2)
        return True
    # An address may have been used again: by what ends every await, which never leaves a generator, or by what came
    # after the close() of one, which nobody sees leave.
    reused = isinstance(value, (StopIteration, StopAsyncIteration)) or call.exiting
    if call.seen.get(id(value)) == type_text and not reused:
        return True
    # PEP 479, since 3.12 inside the generator.
    return sys.version_info >= (3, 12) and type(value) is RuntimeError and id(_cause(value)) in call.seen


def _exception(thread, frame, cls, value, traceback, unsettled):
    shown = value_text.raised(cls, value)
    if unsettled and unsettled[1] == id(frame) and thread.calls[unsettled[0].index][-2] == 'return':
        came = traceback and traceback.tb_next and id(traceback.tb_next.tb_frame) == unsettled[2]
        if came:
            thread.calls[unsettled[0].index][-2:] = 'exception', unsettled[0].newest
        else:
            unsettled = None
    if unsettled and unsettled[1] == id(frame) and _is_the_same(value, shown[0], unsettled[0]):
        thread.calls[unsettled[0].index][-1] = shown
    call = thread.stack[-1]
    call.seen[id(value)] = shown[0]
    call.newest = shown
    if shown[0] == 'GeneratorExit':
        call.exiting = shown
    if frame.f_lasti < 0:  # up to 3.10: thrown into a generator before it ever ran, so this was no call
        thread.calls[call.index][ARGUMENTS] = []


def _trace(frame, event, arg):
    if frame.f_code.co_filename == _HERE:
        return None
    thread = _threads.get(_this())
    if thread is None:
        thread = _threads[_this()] = _Thread()
    unsettled, thread.unsettled = thread.unsettled, None
    if event == 'call':
        if _HAS_OPCODES:
            frame.f_trace_lines = False
            frame.f_trace_opcodes = bool(frame.f_code.co_flags & _GENERATOR)
        _enter(thread, frame)
    elif event == 'return':
        _leave(thread, frame, arg)
        return _trace
    elif event == 'exception':
        _exception(thread, frame, arg[0], arg[1], arg[2], unsettled)
    elif event == 'opcode':
        thread.stack[-1].opcode = frame.f_code.co_code[frame.f_lasti]
    thread.stack[-1].last_event = event
    return _trace


def _traced(function):
    def call(*args, **kwargs):
        if sys.gettrace() is None:
            sys.settrace(_trace)
        return function(*args, **kwargs)

    return call


def _starting(start):
    return lambda function, *args, **how: start(_traced(function), *args, **how)


def _reach_all_threads(uses_ctypes):
    """Makes every thread trace from its first frame on, also one that C code starts and that calls back through
    ctypes."""
    for name in ('start_new_thread', 'start_new', 'start_joinable_thread'):
        for module, attribute in (_thread, name), (sys.modules.get('threading'), '_' + name):
            start = getattr(module, attribute, None)
            if start:
                setattr(module, attribute, _starting(start))
    if uses_ctypes:
        import ctypes
        make = ctypes.CFUNCTYPE
        ctypes.CFUNCTYPE = lambda *types, **how: lambda function: make(*types, **how)(_traced(function))


def main(out, program, argv):
    import types

    def write():
        sys.settrace(None)
        import json
        with open(out, 'w') as file:
            json.dump({'threads': [thread.calls for thread in _threads.values()]}, file)

    atexit.register(write)  # first in, last out: atexit functions of the program are seen
    with open(program, 'rb') as file:
        source = file.read()
    code = compile(source, program, 'exec', dont_inherit=True)
    module = types.ModuleType('__main__')
    own = sys.modules['__main__'].__dict__
    # In the order in which the interpreter makes them, because a program's globals are values, too.
    for name in list(own):
        if name.startswith('__') and name != '__doc__':
            setattr(module, name, own[name])
    module.__file__ = program
    if sys.version_info >= (3, ):
        import importlib.machinery
        module.__loader__ = importlib.machinery.SourceFileLoader('__main__', program)
    sys.modules['pytrace_oracle'] = sys.modules['__main__']  # else this module would be emptied
    sys.modules['__main__'] = module
    sys.argv[:] = [program] + argv
    sys.path[0] = os.path.dirname(program)
    _reach_all_threads(b'ctypes' in source)
    _threads[_this()] = _Thread()
    if _HAS_OPCODES:
        sys._getframe().f_trace_opcodes = True  # 3.12 heeds the flag of later frames only if one had it before settrace
    sys.settrace(_trace)
    exec(code, module.__dict__)


main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), sys.argv[3:])
