"""Usage: measure.py PROGRAM PROFILER. Runs the program's work() and prints: seconds in it, its result, time of day at
the end, peak memory in KiB."""
import importlib
import resource
import sys
import time

program = importlib.import_module(sys.argv[1])
profile = None
if sys.argv[2] == 'cProfile':
    import cProfile
    profile = cProfile.Profile()
begin = time.perf_counter()
if profile:
    profile.enable()
result = program.work()
if profile:
    profile.disable()
print(time.perf_counter() - begin, result, time.time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
