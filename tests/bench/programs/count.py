"""Usage: count.py PROGRAM. Prints how many calls of the program's own functions its import makes, and how many one
work(), by sys.setprofile."""
import importlib
import sys

made = 0


def profile(frame, event, arg):
    global made
    made += event == 'call' and frame.f_globals.get('__name__') == sys.argv[1]


sys.setprofile(profile)
program = importlib.import_module(sys.argv[1])
imported = made
program.work()
sys.setprofile(None)
print(imported, made - imported)
