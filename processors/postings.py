"""An index of 32-bit keys: which articles have this key?

Two kinds of key find the candidates that a text is compared with (`processors.lsh`). The index only grows; it is
thrown away whole.
"""

import numpy as np
from numpy.typing import NDArray

TAIL = 32_768
"""Entries held in a dict before they become a sorted run, at 136 bytes each: 4.5 MB at the most."""
TIER = 4
"""A run is merged with the one before it unless that is this many times larger: few runs to look into, and each
entry is merged a few times only."""

_SHIFT = np.uint64(32)
_LOW = np.uint64(0xFFFF_FFFF)


class Postings:
    """Key to slots (numbers below 2**32). What is found does not depend on the order of the additions.

    New entries stand in a dict. Full, it becomes a sorted run of `key << 32 | slot`, 8 bytes an entry.
    """

    def __init__(self) -> None:
        self._tail: dict[int, list[int]] = {}
        self._pending = 0
        self._runs: list[NDArray[np.uint64]] = []

    def add(self, keys: NDArray[np.uint32], slot: int) -> None:
        """Enter a slot under distinct keys."""
        tail = self._tail
        for key in keys.tolist():
            if key in tail:
                tail[key].append(slot)
            else:
                tail[key] = [slot]
        self._pending += len(keys)
        if self._pending >= TAIL:
            self._seal()

    def find(self, keys: NDArray[np.uint32]) -> tuple[NDArray[np.intp], NDArray[np.uint32]]:
        """Every match: the key's position in `keys`, and a slot entered under it."""
        tail = self._tail
        hits = [(at, slot) for at, key in enumerate(keys.tolist()) if key in tail for slot in tail[key]]
        positions = [np.array([at for at, _ in hits], np.intp)]
        slots = [np.array([slot for _, slot in hits], np.uint32)]
        if self._runs:
            first = keys.astype(np.uint64) << _SHIFT
            last = first | _LOW
            for run in self._runs:
                start = np.searchsorted(run, first)
                held = np.flatnonzero(run[np.minimum(start, len(run) - 1)] >> _SHIFT == keys)
                if len(held):
                    count = np.searchsorted(run, last[held], "right") - start[held]
                    # start, start + 1, … for each key that the run holds
                    offsets = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
                    positions.append(np.repeat(held, count))
                    slots.append((run[np.repeat(start[held], count) + offsets] & _LOW).astype(np.uint32))
        return np.concatenate(positions), np.concatenate(slots)

    def _seal(self) -> None:
        keys = np.repeat(
            np.fromiter(self._tail, np.uint64, len(self._tail)),
            np.fromiter(map(len, self._tail.values()), np.intp, len(self._tail)),
        )
        slots = np.fromiter((slot for held in self._tail.values() for slot in held), np.uint64, self._pending)
        self._runs.append(np.sort(keys << _SHIFT | slots))
        while len(self._runs) > 1 and len(self._runs[-2]) < TIER * len(self._runs[-1]):
            self._runs[-2:] = [np.sort(np.concatenate(self._runs[-2:]), kind="stable")]  # merges what is sorted
        self._tail, self._pending = {}, 0
