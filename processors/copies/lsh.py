"""Candidates: which kept texts are worth comparing with a new one.

Two kinds of key, both short-lived hints: a candidate counts for nothing until its shingles have been compared.

- *Bands* of the MinHash signature find texts that share a good part of all their shingles (Jaccard).
- *Samples*, the shingles whose hash is small, find a short text inside a long one, whose Jaccard similarity is too
  low for bands. The same shingles are drawn from every text, so shared text shares samples.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from processors.copies.postings import Entries
from processors.copies.roster import Roster, Slots
from processors.copies.runs import BASE, mix
from processors.copies.sets import Hashes, below
from processors.copies.sieve import NONE, Keys
from processors.copies.signature import Signature

SAMPLE_BITS = 29
"""Hashes below 2**29 are samples: one shingle in eight. A text of 50 words has none with probability 0.2 %."""
CROWD = 1_024
"""A key that more visible articles have is not followed. It is a common phrase (of the shingles of a news article
one stands in more than 1 % of all others), or a page under a thousand titles, or a report that a thousand houses
printed, of which the first is enough."""

_TOP = np.uint64(1 << 31)
_BELOW_TOP = np.uint64(33)
_END = np.array([0xFFFF_FFFF], np.uint32)  # an entry whose slot no article has, above all others


class Candidates:
    """Makes an article's keys, and reads from the keys found which articles to compare.

    Args:
        permutations: length of the signatures.
        rows: rows per band.
        containment: the share of a shorter text in a longer one that must be found.
    """

    def __init__(self, permutations: int, rows: int, containment: float) -> None:
        self._rows, self._bands = rows, permutations // rows
        # Half the containment looked for: of n samples of the shorter text n * containment are expected to be
        # shared, and for small n often fewer are.
        self._shared = containment / 2
        powers = np.cumprod(np.full(rows + self._bands, BASE, np.uint64))  # modulo 2**64, all odd
        self._weights, self._salts = powers[:rows], powers[rows:]

    def keys(self, shingles: Hashes, signature: Signature) -> Keys:
        """The bands' keys (31 bits), then the samples (with the top bit set); none for an empty text."""
        if not len(signature):
            return NONE
        rows = signature[: self._bands * self._rows].reshape(self._bands, self._rows).astype(np.uint64)
        bands = mix(rows.dot(self._weights) + self._salts) >> _BELOW_TOP
        return Keys(np.concatenate((bands, below(shingles, SAMPLE_BITS) | _TOP)))

    def samples(self, keys: Keys) -> int:
        """How many of an article's keys are samples."""
        return max(0, len(keys) - self._bands)

    def chosen(
        self, found: Iterable[tuple[int, Entries]], samples: int, roster: Roster[Any], horizon: int
    ) -> set[int]:
        """The articles to compare, from what the indexes found for an article of so many samples.

        The roster counts the samples of each article. Articles that arrived before `horizon` are left out. What is
        chosen depends on the articles that are left alone, whatever else stands in the indexes.
        """
        by_key: dict[int, list[Entries]] = {}
        for position, some in found:
            by_key.setdefault(position, []).append(some)
        banded: list[Entries] = []
        sampled: list[Entries] = []
        crowds: list[tuple[int, Slots]] = []
        for position, parts in by_key.items():
            if sum(map(len, parts)) > CROWD and _is_crowd(slots := _slots(parts), roster, horizon):
                crowds.append((position, slots))
            else:
                (banded if position < self._bands else sampled).extend(parts)
        chosen = set(roster.since(_slots(banded), horizon).tolist()) if banded else set()
        crowds.sort(key=lambda crowd: crowd[0])
        if crowds and crowds[0][0] < self._bands:
            chosen.add(_first(crowds[0][1], roster, horizon))
        if sampled:
            samples -= sum(position >= self._bands for position, _ in crowds)
            slots, shared = _counted(roster.since(_slots(sampled), horizon))
            chosen.update(slots[self._enough(shared, np.minimum(samples, roster.counts(slots)))].tolist())
        return chosen

    def _enough(self, shared: NDArray[np.intp], fewer: NDArray[np.uint32]) -> NDArray[np.bool_]:
        """Whether so many shared samples call for a comparison, when the shorter text has `fewer` samples."""
        return shared >= np.maximum(1, (self._shared * fewer).astype(np.intp))


def _slots(entries: list[Entries]) -> Slots:
    return np.concatenate(entries).astype(np.uint32)  # their lower half


def _counted(slots: Slots) -> tuple[Slots, NDArray[np.intp]]:
    """The distinct slots, and how often each is there."""
    ordered = np.sort(np.append(slots, _END))
    ends = (ordered[1:] != ordered[:-1]).nonzero()[0] + 1
    counts = ends.copy()
    counts[1:] -= ends[:-1]
    return ordered.take(ends - 1), counts


def _is_crowd(slots: Slots, roster: Roster[Any], horizon: int) -> bool:
    """Whether more than CROWD of these are visible; mostly, a look at some of them is enough to tell."""
    return any(len(roster.since(some, horizon)) > CROWD for some in (slots[: 2 * CROWD], slots))


def _first(slots: Slots, roster: Roster[Any], horizon: int) -> int:
    """The first of a crowd, which stands for all."""
    together = roster.rows(roster.first_of(roster.since(slots, horizon)).tolist())
    first: int = min(together, key=lambda row: row.id).slot
    return first
