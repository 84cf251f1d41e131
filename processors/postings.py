"""An index of 32-bit keys: which articles have this key?

Two kinds of key find the candidates that a text is compared with (`processors.lsh`). The index only grows; it is
thrown away whole.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from processors.sieve import Keys, Sieve

Entries = NDArray[np.uint64]
"""`key << 32 | slot`: a key and the number of an article, below 2**32 - 1, that has it."""

TAIL = 4096
"""Entries among which new ones are sorted, in 6 µs; when there are so many, they become a run of their own."""
TIER = 8
"""A run is merged with the one before it unless that is this many times larger: few runs to look into, and each
entry is merged a few times only."""
PART = 32_768
"""Keys put into a new sieve at a time: more would take more memory than the index."""

_SHIFT = np.uint64(32)
_LAST = np.uint64(0xFFFF_FFFF)


class Postings:
    """Key to slots. What is found does not depend on the order of the additions."""

    def __init__(self) -> None:
        self._sieve = Sieve(0)
        self._tail = np.empty(0, np.uint64)
        self._runs: list[Entries] = []

    def add(self, keys: Keys, slot: int) -> None:
        """Enter a slot under keys."""
        self._tail = _merged(self._tail, keys.shifted | np.uint64(slot))
        self._sieve.add(keys)
        if len(self._tail) >= TAIL or self._sieve.full:
            self._seal()

    def find(self, keys: Keys) -> Iterator[tuple[int, Entries]]:
        """Every match: the key's position in `keys`, and entries of it. A position can come again."""
        passing = self._sieve.passing(keys)
        if not len(passing):
            return
        positions, asked = passing.tolist(), keys.shifted.take(passing)
        for run in (*self._runs, self._tail):
            starts, ends = run.searchsorted(asked), run.searchsorted(asked | _LAST)
            for at in (starts < ends).nonzero()[0].tolist():
                yield positions[at], run[starts[at] : ends[at]]

    def _seal(self) -> None:
        """Make a run of the tail, and a larger sieve where it is time."""
        run, self._tail = self._tail, np.empty(0, np.uint64)
        while self._runs and len(self._runs[-1]) < TIER * len(run):
            run = _merged(self._runs.pop(), run)
        self._runs.append(run)
        if self._sieve.full:
            self._sieve = Sieve(2 * sum(map(len, self._runs)))
            for part in (run[at : at + PART] for run in self._runs for at in range(0, len(run), PART)):
                self._sieve.add(Keys(part >> _SHIFT))


def _merged(run: Entries, other: Entries) -> Entries:
    return np.sort(np.concatenate((run, other)), kind="stable")  # which merges what is sorted
