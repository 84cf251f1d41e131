"""The articles of a language by number (`slot`), as the indexes name them."""

from collections.abc import Iterable
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")

Slots = NDArray[np.uint32]
"""Numbers of articles."""

_GONE = np.iinfo(np.int64).min


class Roster(Generic[T]):
    """Numbered rows, each with a count and the time when it arrived. A number is given once; what is gone from the
    front takes no memory."""

    def __init__(self) -> None:
        self._rows: list[T | None] = []
        self._counts = np.zeros(64, np.uint32)
        self._arrived = np.full(64, _GONE)
        self._first = 0
        """The number of the first row in the list."""
        self._gone = 0
        """How many rows at the front of the list have been removed."""

    @property
    def next(self) -> int:
        """The number that the next row will have."""
        return self._first + len(self._rows)

    def add(self, row: T, count: int, arrived: int) -> None:
        """Enter a row under the next number."""
        at = len(self._rows)
        if at == len(self._counts):
            self._counts = np.concatenate((self._counts, np.zeros_like(self._counts)))
            self._arrived = np.concatenate((self._arrived, np.full(at, _GONE)))
        self._counts[at], self._arrived[at] = count, arrived
        self._rows.append(row)

    def remove(self, slot: int) -> None:
        """Forget a row."""
        rows = self._rows
        rows[slot - self._first] = None
        self._arrived[slot - self._first] = _GONE
        while self._gone < len(rows) and rows[self._gone] is None:
            self._gone += 1
        if 2 * self._gone > len(rows):
            self._first += self._gone
            del rows[: self._gone]
            self._counts = np.append(self._counts[self._gone :], np.zeros(self._gone, np.uint32))
            self._arrived = np.append(self._arrived[self._gone :], np.full(self._gone, _GONE))
            self._gone = 0

    def rows(self, slots: Iterable[int]) -> list[T]:
        """The rows under these numbers, without those that have been removed."""
        first, rows = self._first, self._rows
        return [row for slot in slots if slot >= first and (row := rows[slot - first]) is not None]

    def counts(self, slots: Slots) -> NDArray[np.uint32]:
        """The counts of the rows under these numbers; anything for those that have been removed."""
        return self._counts[self._places(slots)]

    def since(self, slots: Slots, horizon: int) -> Slots:
        """Those of some numbers whose rows arrived at `horizon` or later, and have not been removed."""
        there = slots[slots >= self._first] if self._first else slots
        return there[self._arrived[self._places(there)] >= horizon]

    def first_of(self, slots: Slots) -> Slots:
        """Those of some numbers, none of them removed, whose rows arrived first: several when at once."""
        arrived = self._arrived[self._places(slots)]
        first: Slots = slots[arrived == arrived.min()]
        return first

    def _places(self, slots: Slots) -> NDArray[np.intp]:
        return np.maximum(slots.astype(np.intp) - self._first, 0)
