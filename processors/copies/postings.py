"""An index of 32-bit keys: which articles have this key?

Two kinds of key find the candidates that a text is compared with (`processors.copies.lsh`). The index only grows;
it is thrown away whole. What is large in it is made over a piece at a time, with each article that is entered: an
index of half a million articles has 46 million entries, and sorting them at once would take seconds.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from processors.copies.merging import Merge, merged
from processors.copies.sieve import Keys, Sieve

Entries = NDArray[np.uint64]
"""`key << 32 | slot`: a key and the number of an article, below 2**32 - 1, that has it."""

TAIL = 4_096
"""Entries among which new ones are sorted, in 6 µs; when there are so many, they become a run of their own."""
TIER = 8
"""A run is merged with the one before it unless that is this many times larger: few runs to look into, and each
entry is merged a few times only."""
AT_ONCE = 131_072
"""Entries that are merged at once, in 1 ms; more are merged a piece at a time."""
PIECE = 8_192
"""Entries merged, and put into a larger sieve, with each addition, in 0.1 ms; fewer than it takes to keep up would
leave more and more runs behind."""

_SHIFT = np.uint64(32)
_LAST = np.uint64(0xFFFF_FFFF)


class Postings:
    """Key to slots. What is found does not depend on the order of the additions."""

    def __init__(self) -> None:
        self._sieve = Sieve(0)
        self._larger: Refill | None = None
        self._tail = np.empty(0, np.uint64)
        self._runs: list[Entries] = []
        self._merge: Merge | None = None

    def add(self, keys: Keys, slot: int) -> None:
        """Enter a slot under keys."""
        self._tail = merged(self._tail, keys.shifted | np.uint64(slot))
        self._sieve.add(keys)
        if self._larger is not None:
            self._larger.sieve.add(keys)
        if len(self._tail) >= TAIL:
            self._seal()
        self._work()

    def tidy(self) -> None:
        """Merge all runs into one, a piece with each call: for an index to which nothing is added any more."""
        if len(self._tail):
            self._runs.append(self._tail)
            self._tail = np.empty(0, np.uint64)
        if self._merge is None and len(self._runs) > 1:
            self._merge = Merge(*self._runs[-2:])
        self._work()

    def find(self, keys: Keys) -> Iterator[tuple[int, Entries]]:
        """Every match: the key's position in `keys`, and entries of it. A position can come again."""
        passing = self._sieve.passing(keys)
        if not len(passing):
            return
        positions, asked = passing.tolist(), keys.shifted.take(passing)
        for run in (*self._runs, self._tail) if len(self._tail) else self._runs:
            starts = run.searchsorted(asked)
            there = (run.take(starts, mode="clip") ^ asked <= _LAST).nonzero()[0]
            ends = run.searchsorted(asked.take(there) | _LAST)
            for at, end in zip(there.tolist(), ends.tolist(), strict=True):
                yield positions[at], run[starts[at] : end]

    def _seal(self) -> None:
        """Make a run of the tail, and merge it with small ones."""
        run, self._tail = self._tail, np.empty(0, np.uint64)
        while self._runs and len(self._runs[-1]) < min(TIER * len(run), AT_ONCE - len(run)):
            if self._merge is not None and self._runs[-1] is self._merge.other:
                break
            run = merged(self._runs.pop(), run)
        self._runs.append(run)

    def _work(self) -> None:
        """Do a piece of what is to be done."""
        if self._larger is None and self._sieve.full:
            self._larger = Refill([*self._runs, self._tail])
        if self._larger is not None and self._larger.step():
            self._sieve, self._larger = self._larger.sieve, None
        self._merge = self._merge or self._next_merge()
        if self._merge is not None and (whole := self._merge.step(PIECE)) is not None:
            # Runs behind them may have been made into others since.
            at = next(at for at, run in enumerate(self._runs) if run is self._merge.one)
            self._runs[at : at + 2] = [whole]
            self._merge = None

    def _next_merge(self) -> Merge | None:
        """A merge of the last two neighbours that are too much alike in size, and not small."""
        for at in range(len(self._runs) - 2, -1, -1):
            one, other = self._runs[at : at + 2]
            if len(one) < TIER * len(other) and len(one) + len(other) >= AT_ONCE:
                return Merge(one, other)
        return None


class Refill:
    """A sieve of twice the room, being filled with what is there. What comes meanwhile is added to it, too."""

    def __init__(self, runs: Sequence[Entries]) -> None:
        self.sieve = Sieve(2 * sum(map(len, runs)))
        self._pieces = (run[at : at + PIECE] for run in runs for at in range(0, len(run), PIECE))

    def step(self) -> bool:
        """Fill in the next piece. Whether that was the last."""
        piece = next(self._pieces, None)
        if piece is not None:
            self.sieve.add(Keys(piece >> _SHIFT))
        return piece is None
