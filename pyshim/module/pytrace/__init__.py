"""Control of the recording of this process, for programs that also run untraced.

In a process that pytrace records, the module of this name is built in and this file is not used. Here nothing is recorded, so nothing is done.
"""

__all__ = ["log", "notrace"]


def notrace(function):
    """Neither the function nor anything that it calls is recorded. Returns the function itself."""
    return function


def log(text, level=20):
    """Writes a record of its own into the trace, at the place in time where it is called."""
