"""Every way in: how interpreters start and what they live in, beside whom, and that the program cannot tell. One file a topic.

Test names are WAY@INTERPRETER. Default: this machine's newest interpreter of each hook; --matrix: all that are found; --all: also the real servers,
which are fetched when they are not here.
"""
import os
import sys

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]

import behaviour
import embedding
import hosts
import neighbours
import processes
import starts
import stepped_aside
import strangers
from support.suite import suite

suite()
