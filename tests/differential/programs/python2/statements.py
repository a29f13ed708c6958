"""print, exec, backquotes, and what else is called behind old syntax."""
import os
import sys


class Stream:
    softspace = 0

    def write(self, text):
        return len(text)


class Shown(object):
    def __str__(self):
        return 'str'

    def __repr__(self):
        return u'repr'.encode('ascii')

    def __unicode__(self):
        return u'unicode'


out = Stream()
print >> out, 'to', 'a stream', Shown()
print >> out
print 'plain', Shown(), u'text',
print
print `Shown()`, '%s %r' % (Shown(), Shown()), unicode(Shown())
exec 'def made(a, b=2): return a\nmade(1)'
exec 'made(u"x")' in globals()
exec compile('made([1])', 'other', 'exec')
print eval('made(3)'), input.__name__, (1 <> 2)
execfile(os.devnull)


def scoped():
    from os.path import join
    import helper
    return join('a', 'b')


try:
    scoped()
except ImportError, error:
    print error
sys.stdout = out
print 'not seen'
sys.stdout = sys.__stdout__
assert not [made(n) for n in ()]


class Meta(type):
    def __new__(mcs, name, bases, body):
        return type.__new__(mcs, name, bases, body)

    def __call__(cls, *args):
        return type.__call__(cls, *args)


class Made:
    __metaclass__ = Meta

    def __init__(self, n):
        self.n = n


Made(1)


class Descriptor(object):
    def __get__(self, instance, owner):
        return 'got'

    def __set__(self, instance, value):
        made(value)


class Owner(object):
    field = Descriptor()

    def __getattribute__(self, name):
        return object.__getattribute__(self, name)

    def __setattr__(self, name, value):
        object.__setattr__(self, name, value)

    def __delattr__(self, name):
        made(name)


owner = Owner()
owner.field, owner.__class__
owner.field = u'\xe4'
del owner.field
