VALUE = (lambda: 42)()
