"""The terms of the live articles: a number for each, and how many articles it stands in.

Nothing but sums of whole numbers, so the frequencies are the same in whatever order articles came and went. The
numbers are not, and no decision depends on them.
"""

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int32]

UNKNOWN = 0
"""The number of every term that stands in no live article."""


class TermLists(NamedTuple):
    """The terms of an article, each once."""

    words: tuple[str, ...]
    names: tuple[str, ...]
    numbers: tuple[str, ...]


class TermIds(NamedTuple):
    """Their numbers, in the same order."""

    words: Ids
    names: Ids
    numbers: Ids


class Vocabulary:
    """Terms by kind; one series of numbers for all kinds."""

    def __init__(self) -> None:
        self._ids: Sequence[dict[str, int]] = [{} for _ in TermLists._fields]
        self._terms = [""]
        self._homes = [self._ids[0]]
        """Where each number's term is found."""
        self._frequencies = np.zeros(1_024, np.int32)
        self._free: list[int] = []
        self._found: tuple[TermLists, TermIds] | None = None
        """The last search: the terms that are entered are mostly those just looked for, and to find them once more
        takes as long as all the rest of entering them."""

    def __len__(self) -> int:
        """All numbers are smaller than this."""
        return len(self._terms)

    def find(self, of: TermLists) -> TermIds:
        """The numbers of terms, UNKNOWN for those in no live article."""
        ids = TermIds(
            *(
                np.fromiter(map(known.get, terms, repeat(UNKNOWN)), np.int32, len(terms))
                for known, terms in zip(self._ids, of, strict=True)
            )
        )
        self._found = (of, ids)
        return ids

    def frequencies(self, ids: Ids) -> NDArray[np.int32]:
        """In how many live articles each term stands."""
        return self._frequencies[ids]

    def standing(self, name: str) -> tuple[int, int]:
        """In how many live articles a term stands as a name, and in how many as a word in whatever letters."""
        words, names = self._ids[0].get(name), self._ids[1].get(name)
        of = self._frequencies
        return 0 if names is None else int(of[names]), 0 if words is None else int(of[words])

    def terms(self, numbers: Iterable[int]) -> list[str]:
        """The terms with these numbers."""
        return [self._terms[number] for number in numbers]

    def enter(self, of: TermLists) -> TermIds:
        """Count an article that holds these terms; their numbers."""
        found = self._found[1] if self._found and self._found[0] == of else self.find(of)
        self._found = None  # from here on
        entered = TermIds(*(ids.copy() for ids in found))
        for home, terms, ids in zip(self._ids, of, entered, strict=True):
            for at in np.flatnonzero(self._frequencies[ids] == 0).tolist():  # UNKNOWN, or gone since it was found
                ids[at] = self._new(home, terms[at])
        self._frequencies[np.concatenate(entered)] += 1
        return entered

    def leave(self, ids: Ids) -> None:
        """Take away an article that holds the terms with these numbers, each once."""
        self._frequencies[ids] -= 1
        for number in ids[self._frequencies[ids] == 0].tolist():
            del self._homes[number][self._terms[number]]
            self._free.append(number)

    def _new(self, home: dict[str, int], term: str) -> int:
        if self._free:
            number = self._free.pop()
            self._terms[number], self._homes[number] = term, home
        else:
            number = len(self._terms)
            self._terms.append(term)
            self._homes.append(home)
            if number == len(self._frequencies):
                self._frequencies = np.concatenate([self._frequencies, np.zeros_like(self._frequencies)])
        home[term] = number
        return number
