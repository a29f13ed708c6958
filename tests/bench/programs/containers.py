"""Lists, tuples and dictionaries as arguments and results, text that changes with each call."""


def join(words, limits, table):
    return {'text': words[0] + limits[1], 'found': table['b'], 'all': [words, limits]}


def work():
    total = 0
    for n in range(120_000):
        key = 'key-%d' % n
        made = join([key, 'two', 'three'], (n, ' end', 2.0), {'a': n, 'b': key})
        total += len(made['text'])
    return total
