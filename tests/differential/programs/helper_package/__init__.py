def in_package():
    return __name__


in_package()
