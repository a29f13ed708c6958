# needs 3.7
"""Class bodies, metaclasses, hooks of class creation."""


class Meta(type):
    @classmethod
    def __prepare__(mcs, name, bases, **options):
        return {'prepared': True}

    def __new__(mcs, name, bases, namespace, **options):
        return super().__new__(mcs, name, bases, dict(namespace))

    def __init__(cls, name, bases, namespace, **options):
        super().__init__(name, bases, namespace)

    def __call__(cls, *args, **kwargs):
        return super().__call__(*args, **kwargs)

    @property
    def on_class(cls):
        return cls.__name__


class Base(metaclass=Meta, option=1):
    def __init_subclass__(cls, tag=None, **more):
        super().__init_subclass__(**more)
        cls.tag = tag

    def __new__(cls, *args):
        return super().__new__(cls)

    def __init__(self, n):
        self.n = n


class Derived(Base, tag='t'):
    """With a docstring and a nested class."""

    class Inner:
        value = 1

    def __init__(self, n):
        super().__init__(n + 1)


class Attribute:
    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, instance, owner):
        return self if instance is None else instance.__dict__.get(self.name, 0)

    def __set__(self, instance, value):
        instance.__dict__[self.name] = value

    def __delete__(self, instance):
        del instance.__dict__[self.name]


class Owner:
    field = Attribute()
    __slots__ = ('__dict__',)

    @property
    def double(self):
        return self.field * 2

    @double.setter
    def double(self, value):
        self.field = value // 2

    def __getattr__(self, name):
        if name.startswith('dynamic'):
            return name
        raise AttributeError(name)

    def __class_getitem__(cls, item):
        return item


class FailsInBody:
    pass


def failing_body():
    class Broken:
        x = {}['no']
    return Broken


Derived(1)
Meta.on_class.__get__(Derived)
owner = Owner()
owner.field = 4
owner.double = owner.double + 2
del owner.field
owner.dynamic_thing
getattr(owner, 'absent', None)
hasattr(owner, 'absent')
Owner[int]
try:
    failing_body()
except KeyError:
    pass
type('Made', (Base,), {'__init__': lambda self, n: None}, tag=5)(3)
