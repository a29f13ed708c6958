# own files only, also 2.7
"""A program that uses the interpreter's hooks itself."""
import sys
import cProfile


def f(n):
    return n


def traced(n):
    return f(n)


def profiled(n):
    profile = cProfile.Profile()
    profile.enable()
    f(n)
    profile.disable()
    return len(profile.getstats()) > 0


profiled(1)
traced(2)
