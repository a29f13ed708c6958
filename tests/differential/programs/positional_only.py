# needs 3.8
def only(a, b=2, /, c=3, *rest, d=4, **e):
    return a


only(1)
only(1, 5, 6, 7, d=8, a=9, b=10)
(lambda x, /, y=1: x)(3)
