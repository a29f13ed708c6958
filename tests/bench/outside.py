"""What a recording costs beside the program, seen from outside while the product runs as always: bytes in the ring,
processor time and memory of the dumper."""
import collections
import glob
import os
import struct
import time

from support import pytrace

Dumper = collections.namedtuple('Dumper', 'ns peak_mb')  # processor time of all its threads, so far

# As in ringbuf/layout.h.
MAGIC, VERSION, UNIT = 0x3167657372747970, 1, 4096
RINGS_OFFSET, RINGS_USED, HEADER_BYTES = 48, 128, 256  # the offset of the first unit follows that of the rings
RING = struct.Struct('=8xQI44xQ56x')  # generation, first, drained
CHUNK = struct.Struct('=16xQ16xII')  # position, committed, next
CONTROL = struct.Struct('=8xII')  # version, pid of the dumper


def open_segment(db, program):
    """The segment of a process that begins to record into `db`, as a descriptor: the memory stays as long as that is
    open. None: the program ended without one."""
    while True:
        for path in glob.glob(pytrace.rundir_of(db) + '/*.seg'):
            try:
                return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                pass
        if program.poll() is not None:
            return None
        time.sleep(0.001)


def ring_bytes(segment):
    """Bytes that the program's threads have written into their rings so far. None: a ring had one thread after the other,
    and what the first wrote there is not known any more."""
    header = os.pread(segment, HEADER_BYTES, 0)
    if struct.unpack_from('=QI', header) != (MAGIC, VERSION):
        raise SystemExit('ringbuf/layout.h has changed: tests/bench/outside.py must, too')
    rings, units = struct.unpack_from('=QQ', header, RINGS_OFFSET)
    total = 0
    for number in range(struct.unpack_from('=I', header, RINGS_USED)[0]):
        generation, link, position = RING.unpack(os.pread(segment, RING.size, rings + number * RING.size))
        if generation != 1:
            return None
        while link:  # a chunk that the dumper has not freed; without one all is drained
            begin, committed, link = CHUNK.unpack(os.pread(segment, CHUNK.size, units + (link - 1) * UNIT))
            position = begin + committed
        total += position
    return total


def dumper(db):
    """Of the dumper of `db`, which stays for a second after the last program that it has recorded."""
    try:
        with open(pytrace.rundir_of(db) + '/control', 'rb') as file:
            version, pid = CONTROL.unpack(file.read(CONTROL.size))
        if version != VERSION:
            raise SystemExit('ringbuf/layout.h has changed: tests/bench/outside.py must, too')
        with open('/proc/%d/status' % pid) as status:
            peak = next(int(line.split()[1]) for line in status if line.startswith('VmHWM'))
        # clock_getcpuclockid(3), which Python does not have for others. In /proc the time is in ticks of 10 ms.
        return Dumper(time.clock_gettime_ns(~pid << 3 | 2), peak / 1024)
    except (OSError, StopIteration):
        raise SystemExit('the dumper of %s has left early' % db)
