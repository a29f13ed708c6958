"""Imported by imports.py."""


class Greeter:
    def __init__(self, name):
        self.name = name

    def greet(self):
        return 'hello ' + self.name


def greet(name):
    return Greeter(name).greet()


DEFAULT = greet('module body')
