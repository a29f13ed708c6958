"""Hostile: the guest dies, the dumper dies, the memory is full, strangers leave things. What had returned is in the
database, once."""
import os
import sys

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]

import bounds
import deaths
import dumper
import full
import limits
import places
import removed
import rounds
import slow
import strangers
from support.suite import suite

suite()
