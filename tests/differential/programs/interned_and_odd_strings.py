"""Strings in unusual states: interned, built up in place, from slices, joins and other encodings, ready or not."""
import sys


def f(s, *rest):
    return s


f(sys.intern('some_name' * 3))
s = ''
for i in range(200):
    s += chr(97 + i % 26)
f(s)
f(s[10:20], s[::2], s.upper())
f('-'.join(['a', '\xe9', '\u4e2d', '\U0001f600']))
f(b'\xff\xfea\x00b\x00'.decode('utf-16'))
f(b'bad \xff byte'.decode('utf-8', 'surrogateescape'))
f(str(12345), repr([1]), '%s' % 1.5)
f(chr(0x10ffff) + chr(0x100) + chr(0x41))
f({'\xe9': '\u4e2d'}, ['\U0001f600'], ('\ud800',))
