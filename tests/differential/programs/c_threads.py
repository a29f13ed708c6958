# own files only, also 2.7
"""A thread that Python did not start calls a Python function through ctypes."""
import ctypes

libc = ctypes.CDLL(None)
pthread_create = libc.pthread_create
pthread_join = libc.pthread_join
pthread_join.argtypes = [ctypes.c_ulong, ctypes.c_void_p]


def inner(n):
    return n + 1


def work(n):
    return inner(n) and None


def compare(a, b):
    return inner(a[0] - b[0]) - 1


work_callback = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_long)(work)
for number in (1, 2):
    thread = ctypes.c_ulong()
    pthread_create(ctypes.byref(thread), None, work_callback, ctypes.c_void_p(number))
    pthread_join(thread, None)

numbers = (ctypes.c_int * 3)(3, 1, 2)
compare_callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))(compare)
libc.qsort(numbers, 3, ctypes.sizeof(ctypes.c_int), compare_callback)
print(list(numbers))
