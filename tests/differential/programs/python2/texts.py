# -*- coding: utf-8 -*-
"""str of bytes, unicode, and what mixes them."""


def f(value, *rest):
    return value


for value in ('', 'a', "it's", 'say "x"', 'both \' and "', 'tab\tnew\nreturn\r\\', '\0', 'a\0b', '\x01\x1f\x7f\x80\xff', 'é€', 'x' * 119, 'x' * 120,
              'x' * 121, "'" * 500, '\xff' * 200, str(1), intern('interned'), buffer('b'), bytearray('mutable')):
    f(value)
for value in (u'', u'a', u"it's", u'say "x"', u'both \' and "', u'tab\tnew\nreturn\r\\', u'\0', u'\x01\x1f\x7f\x80\x9f\xa0\xad', u'é€', u'\uffff',
              u'\U0001f600\U0010ffff', u'x' * 120, u'x' * 121, u'€' * 300, u'\U0001f600' * 130, unicode('from'), u'é'.encode('utf-8')):
    f(value)
f('a' + u'b', u'%s' % 'c', 'd'.decode('ascii'))
f(['mixed', u'mixed', {'k': u'v', u'\xe4': 'v'}, ('a', u'b')])


class Text(str):
    pass


class Unicode(unicode):
    def __repr__(self):
        raise RuntimeError('nobody may look')


f(Text('sub')), f(Unicode('sub'))


def wrong(a, b):
    return a + b


for a, b in ('\xff', u'x'), (u'x', '\xff'), ('a', 1):
    try:
        wrong(a, b)
    except (UnicodeDecodeError, TypeError), error:
        f(error)
try:
    f(u'\xe4'.encode('ascii'))
except UnicodeEncodeError, error:
    f(error, error.reason)
