"""Merging two sorted arrays a piece at a time, so that nobody waits for the whole."""

import numpy as np
from numpy.typing import NDArray

Sorted = NDArray[np.uint64]


def merged(one: Sorted, other: Sorted) -> Sorted:
    """Both in one, at once."""
    return np.sort(np.concatenate((one, other)), kind="stable")  # which merges what is sorted


class Merge:
    """A merge that is under way."""

    def __init__(self, one: Sorted, other: Sorted) -> None:
        self.one, self.other = one, other
        self._at, self._other_at = 0, 0
        self._whole = np.empty(len(one) + len(other), np.uint64)

    def step(self, count: int) -> Sorted | None:
        """Merge the next values, at most `count` of each. The whole when it is done."""
        if len(self.one) > self._at and len(self.other) > self._other_at:
            ends = self._at + count, self._other_at + count
            if ends[0] < len(self.one) or ends[1] < len(self.other):
                self._take(*self._up_to(*ends))
                return None
        self._take(min(self._at + count, len(self.one)), min(self._other_at + count, len(self.other)))
        return self._whole if self._at + self._other_at == len(self._whole) else None

    def _up_to(self, end: int, other_end: int) -> tuple[int, int]:
        """Where pieces end that hold all values up to a common one, not beyond these ends."""
        end, other_end = min(end, len(self.one)), min(other_end, len(self.other))
        last, other_last = self.one[end - 1], self.other[other_end - 1]
        if last <= other_last:
            return end, int(np.searchsorted(self.other[self._other_at : other_end], last)) + self._other_at
        return int(np.searchsorted(self.one[self._at : end], other_last)) + self._at, other_end

    def _take(self, end: int, other_end: int) -> None:
        piece = merged(self.one[self._at : end], self.other[self._other_at : other_end])
        start = self._at + self._other_at
        self._whole[start : start + len(piece)] = piece
        self._at, self._other_at = end, other_end
