"""The differences that are accepted, from accepted.txt."""
import collections
import fnmatch
import functools
import os

Entry = collections.namedtuple('Entry', 'file first last pattern reason')


def _version(text):
    return tuple(int(part) for part in text.split('.'))


@functools.lru_cache(None)
def entries():
    found = []
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'accepted.txt')
    with open(path, encoding='utf-8') as file:
        for line in file:
            if line.strip() and not line.startswith('#'):
                name, versions, pattern, reason = (part.strip() for part in line.split('|', 3))
                first, _, last = versions.partition('-')
                found.append(Entry(name, _version(first), _version(last or first), pattern, reason))
    return found


def reason(version, name, difference):
    """Why this difference of this file is accepted, or None."""
    return next((entry.reason for entry in entries()
                 if entry.file == name and entry.first <= version[:2] <= entry.last and
                 fnmatch.fnmatchcase(difference, entry.pattern)), None)
