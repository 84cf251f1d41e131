"""Texts to sentence vectors with sentence-transformers: the only file that knows of torch and the models.

A vector must not depend on what else is encoded beside it: measured with all-MiniLM-L6-v2, none of 256 vectors was
bit-identical between batch sizes 1 and 32, and stories would change with a restart. One text per forward call on one
thread is exact, and hardly slower (33 against 38 articles/s per core).
"""

import hashlib
import threading
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from itertools import batched
from multiprocessing import connection, get_context, parent_process
from os import _exit
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from config.sections import EmbedSection
from streams.messages import Encoding
