# also 2.7
# own files only
"""Records whose length goes from one byte to two, that end at a chunk's end, and whose scalars and containers come in
every order: the recorder begins each as if all its values were scalars."""


def one(a):
    return a


def two(a, b):
    return b


def three(a, b, c):
    return a, c


def four(a, b, c, d):
    return [d]


# 128 bytes and the numbers next to it are met with every kind of container, wherever it stands. The time in a record
# has one to four bytes, so each length is met more than once.
for n in range(60, 132):
    text = 'x' * n
    for box in ((), [n], (n, None), {'k': n}, [[], 'y']):
        two(text, box)
        two(box, text)
        three(box, text, box)
        three(text, box, n)
        four(n, text, box, 1.5)
        four(None, box, text, True)
        one([text])
        one(('y', text, box))
# The length of a value in a record, of items in a value, and of the record change at different sizes.
for n in range(90, 132):
    one(['x' * n])
    one({'k': 'x' * (n - 4)})
    two(('x' * n, 'y' * n), n)
    two(-n, [['x' * n]])
    three('x' * (n - 60), ['y' * 50], n)
    three(n, ['y' * 50], 'x' * (n - 60))

# A type that is met for the first time is defined in the middle of the record that names it.
for n in range(90, 132):
    first, second, third = [type('Made%d_%d' % (n, k), (object, ), {})() for k in range(3)]
    two('x' * n, first)
    two([second], 'x' * n)
    three('x' * (n - 20), {'k': third}, first)
    four([n], first, 'x' * (n - 40), (second, third))

# Chunks end within records of every size: a million bytes of them.
seed = 1
for n in range(2500):
    seed = (seed * 1103515245 + 12345) % 2147483648
    size = seed // 65536 % 240
    scalar = (n, -n * 1.5, None, 'x' * size, 2**70 + n, n % 2 == 0)[seed // 512 % 6]
    box = ([scalar], ('y' * size, scalar), {'k': 'z' * size}, ['w' * 200] * (size % 9), [])[seed // 4096 % 5]
    order = seed // 8192 % 4
    if order == 0:
        four(scalar, box, n, 'x' * size)
    elif order == 1:
        four('x' * size, scalar, box, box)
    elif order == 2:
        three(box, scalar, 'x' * size)
    else:
        two(scalar, box)
