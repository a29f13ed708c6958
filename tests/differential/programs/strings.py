# also 2.7
def f(s):
    return s


for s in ('', 'a', 'plain', "it's", 'say "x"', 'both \' and "', 'tab\tnew\nreturn\r\\', '\0', 'a\0b', '\x01\x1f\x7f\x80\x9f\xa0\xad', 'caf\xe9', '\xff' * 10,
          '\u0101\u4e2d\u6587', '\u2028\u200b\ufeff', '\U0001f600 \U0001f468\u200d\U0001f469', '\ud800', 'a\udc80b', '\udfff\ud800', '\uffff', '\U0010ffff', '\ue000'):
    f(s)
for size in (119, 120, 121, 500, 100000):
    f('x' * size)
    f('\xe9' * size)
    f('\u4e2d' * size)
    f('\U0001f600' * size)
f('x' * 119 + '\U0001f600')
f('x' * 120 + "'")
f("'" + 'x' * 150)
f('"' * 60 + "'" * 100)
f('\n' * 200)
for s in (b'', b'abc', b"it's", b'"\'', bytes(range(256)), b'\xff' * 119, b'\xff' * 120, b'\xff' * 121, b'\0' * 5000):
    f(s)
