"""Which files of CPython's regression tests are compared, and in which order."""
import functools

from support import interpreters, pytrace

# They want a network or a screen.
LEFT_OUT = set("""test_idle test_turtle test_tk test_tkinter test_ttk test_ttk_guionly test_ttk_textonly test_tcl test_tix
test_urllib2net test_urllibnet test_urllib2_localnet test_robotparser test_httpservers_net test_smtpnet test_timeout
test_winconsoleio test_winreg test_winsound test_msilib test_startfile test_launcher test_ossaudiodev
test_peg_generator test_c_analyzer test_clinic test_tools test_cppext test_cext test_zipfile64""".split())

# What tries the interpreter hardest comes first ...
FIRST = """test_sys test_gc test_capi test_embed test_subprocess test_posix test_os test_signal test_faulthandler
test_threading test_concurrent_futures test_tracemalloc test_frame test_code test_inspect
test_sys_settrace test_sys_setprofile test_monitoring test_fork1 test_generators test_coroutines test_asyncgen
test_exceptions test_weakref test_site test_cmd_line test_import test_interpreters test__xxsubinterpreters test_dis
test_unicode test_resource test_gdb test_profile test_cprofile test_largefile""".split()
# ... and what takes minutes last.
LAST = """test_asyncio test_concurrent_futures test_regrtest test_venv test_tokenize test_lib2to3
test_unparse test_compileall test_ensurepip test_pickle test_tarfile test_zipfile test_email test_io test_fileio
test_statistics test_random test_math test_decimal test_fractions test_zoneinfo test_datetime test_bigmem test_mailbox
test_shelve test_socket test_ssl test_tempfile test_importlib test_pydoc test_logging test_threadedtempfile test_lzma
test_ast test_long test_buffer test_codecs test_bz2 test_dbm test_heapq test_itertools test_re test_xml_etree
test_zlib test_ftplib test_poplib test_imaplib test_smtplib test_nntplib test_httplib test_hashlib test_array test_peepholer
test_cmath test_strtod test_trace test_sqlite3 test_compile test_ctypes test_plistlib test_weakset test_distutils""".split()

# Tests that are not run, for the sake of the rest of their file: file -> versions, names.
NOT_RUN = {
    # They hang untraced.
    'test__xxsubinterpreters': ((3, 11), (3, 11), ['*thread*']),
    'test_interpreters': ((3, 11), (3, 11), ['*thread*']),
    # It hangs untraced, in a virtual machine that has vsock.
    'test_socket': ((3, 11), (3, 12), ['*VSOCK*']),
    # "3.15.2 crashes when an exception leaves code that it could not instrument" (docs/regression.md).
    'test_code': ((3, 15), (3, 15), ['test_invalid_bytecode']),
}


def options(interpreter, name):
    first, last, tests = NOT_RUN.get(name, ((4,), (0,), []))
    return [word for test in tests if first <= interpreter.version[:2] <= last for word in ('-i', test)]


def _is(name, words):
    module = name.split('.')[1 if name.startswith('test.') else 0]
    return module in words or module.startswith('test_multiprocessing')


def rank(name):
    """Cheapest and most telling first."""
    return 2 if _is(name, LAST) else 0 if _is(name, FIRST) else 1


@functools.lru_cache(None)
def of(interpreter):
    """The files that this interpreter's package `test` has; none where it has no such package."""
    done = pytrace.run([interpreter.path, '-m', 'test', '--list-tests'], env=interpreters.clean_environment())
    names = done.stdout.decode().split() if done.returncode == 0 else []
    names = [name for name in names if not name.startswith(('test.test_tkinter', 'test.test_ttk'))]
    return sorted((name for name in names if name not in LEFT_OUT), key=lambda name: (rank(name), name))
