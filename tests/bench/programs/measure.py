"""Usage: measure.py PROGRAM PROFILER [TIMES]. Runs the program's work(), so many times, and prints: seconds in it, its
result, time of day at the end, peak memory in KiB."""
import importlib
import sys
import time

program = importlib.import_module(sys.argv[1])
profile = None
if sys.argv[2] == 'cProfile':
    import cProfile
    profile = cProfile.Profile()
times = int(sys.argv[3]) if len(sys.argv) > 3 else 1
begin = time.perf_counter()
if profile:
    profile.enable()
for _ in range(times):
    result = program.work()
if profile:
    profile.disable()
seconds, ended = time.perf_counter() - begin, time.time()
# Not ru_maxrss: in that is the memory of whoever started this process by vfork.
with open('/proc/self/status') as status:
    peak = next(line.split()[1] for line in status if line.startswith('VmHWM'))
print(seconds, result, ended, peak)
