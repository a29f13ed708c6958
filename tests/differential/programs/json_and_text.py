"""The standard library's own Python code, call by call."""
import configparser
import io
import json
import string
import textwrap


class Encoder(json.JSONEncoder):
    def default(self, value):
        return sorted(value)


def hook(pairs):
    return dict(pairs)


json.dumps({'b': [1, 2.5, None], 'a': {1, 2}}, cls=Encoder, indent=1, sort_keys=True)
json.loads('{"a": [1, {"b": "\\u00e9"}]}', object_pairs_hook=hook)
textwrap.wrap('the quick brown fox jumps over the lazy dog', 12)
string.Template('$who likes $what').substitute(who='tim', what='kung pao')
parser = configparser.ConfigParser()
parser.read_file(io.StringIO('[section]\nkey = value\n[other]\na = %(b)s\nb = 2\n'))
parser.get('other', 'a')
