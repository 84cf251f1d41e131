"""The terms of the live articles: a number for each, and how many articles it stands in.

Nothing but sums of whole numbers, so the frequencies are the same in whatever order articles came and went. The
numbers are not, and no decision depends on them.
"""

from collections.abc import Collection, Iterable, Sequence
from itertools import repeat
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["word", "name", "number"]
Ids = NDArray[np.int32]

UNKNOWN = 0
"""The number of every term that stands in no live article."""


class Vocabulary:
    """Terms by kind; one series of numbers for all kinds."""

    def __init__(self) -> None:
        self._ids: dict[Kind, dict[str, int]] = {"word": {}, "name": {}, "number": {}}
        self._terms = [""]
        self._kinds: list[Kind] = ["word"]
        self._frequencies = np.zeros(1_024, np.int32)
        self._free: list[int] = []

    def __len__(self) -> int:
        """All numbers are smaller than this."""
        return len(self._terms)

    def find(self, kind: Kind, terms: Collection[str]) -> Ids:
        """The numbers of terms, UNKNOWN for those in no live article."""
        return np.fromiter(map(self._ids[kind].get, terms, repeat(UNKNOWN)), np.int32, len(terms))

    def frequencies(self, ids: Ids) -> NDArray[np.int32]:
        """In how many live articles each term stands."""
        return self._frequencies[ids]

    def terms(self, numbers: Iterable[int]) -> list[str]:
        """The terms with these numbers."""
        return [self._terms[number] for number in numbers]

    def enter(self, kind: Kind, terms: Sequence[str]) -> Ids:
        """Count an article that holds these terms, each once; their numbers."""
        ids = self.find(kind, terms)
        for at in np.flatnonzero(ids == UNKNOWN).tolist():
            ids[at] = self._new(kind, terms[at])
        self._frequencies[ids] += 1
        return ids

    def leave(self, ids: Ids) -> None:
        """Take away an article that holds the terms with these numbers, each once."""
        self._frequencies[ids] -= 1
        for number in ids[self._frequencies[ids] == 0].tolist():
            del self._ids[self._kinds[number]][self._terms[number]]
            self._free.append(number)

    def _new(self, kind: Kind, term: str) -> int:
        if self._free:
            number = self._free.pop()
            self._terms[number], self._kinds[number] = term, kind
        else:
            number = len(self._terms)
            self._terms.append(term)
            self._kinds.append(kind)
            if number == len(self._frequencies):
                self._frequencies = np.concatenate([self._frequencies, np.zeros_like(self._frequencies)])
        self._ids[kind][term] = number
        return number
