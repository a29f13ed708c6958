"""End to end: real programs, recorded as a user would, and every promise about them. One file a topic."""
import os
import sys

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]

import bench
import control
import databases
import guest
import processes
import programs
import python2
import queries
import stdlib
import strands
from support.suite import suite

suite()
