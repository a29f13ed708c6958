from . import in_package


def use(thing):
    return in_package(), thing
