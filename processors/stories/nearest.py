"""The live articles nearest to one: by their vectors, or by their heaviest words where there are none.

Only the first sieve: the stories of the articles found here are then compared properly.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from processors.encoding.vectors import Quantised
from processors.stories.blocks import Blocks
from processors.stories.features import Features
from processors.stories.layout import NOWHERE
from processors.stories.lookahead import Lookahead
from processors.stories.rows import Row

HEAVIEST = 32
"""Words of an article that are looked at. Measured on g5w and ECB+ without vectors: as good as all of them."""

_START = 64
_NEVER = np.iinfo(np.int64).min
_NONE = np.float32(-np.inf)
_LEAST = np.finfo(np.float32).min

Query = TypeVar("Query")


class Nearest(ABC, Generic[Query]):
    """Articles in numbered slots, searched all at once."""

    def __init__(self) -> None:
        self._rows: list[Row | None] = []
        self._free: list[int] = []
        self._arrived = np.full(_START, _NEVER)

    def __len__(self) -> int:
        return len(self._rows) - len(self._free)

    def add(self, row: Row, query: Query) -> None:
        """Enter an article that is not there yet; it is found by `query`."""
        if self._free:
            slot = self._free.pop()
            self._rows[slot] = row
        else:
            slot = len(self._rows)
            self._rows.append(row)
            if slot == len(self._arrived):
                self._arrived = np.concatenate([self._arrived, np.full(slot, _NEVER)])
        row.slot = slot
        self._arrived[slot] = row.arrived
        self._put(slot, len(self._arrived), query)

    def remove(self, row: Row) -> None:
        """Forget an article that is there."""
        self._rows[row.slot] = None
        self._arrived[row.slot] = _NEVER
        self._free.append(row.slot)

    def search(self, query: Query) -> "Search":
        """All that is here, seen from one article."""
        used = len(self._rows)
        similarity = self._similarity(query, used) if len(self) else np.full(used, _NONE)
        return Search(self._rows, self._arrived[:used], similarity)

    @abstractmethod
    def _put(self, slot: int, slots: int, query: Query) -> None:
        """Put an article into a slot; there are so many."""

    @abstractmethod
    def _similarity(self, query: Query, used: int) -> NDArray[np.float32]:
        """The similarity with the first `used` slots; -inf where there is none at all."""


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """The articles of an index, seen from another one; good until one comes or goes."""

    rows: Sequence[Row | None]
    arrived: NDArray[np.int64]
    similarity: NDArray[np.float32]

    def nearest(self, count: int, horizon: int) -> list[Row]:
        """The `count` nearest articles that arrived at `horizon` or later, in no particular order.

        Of several that are equally far, all are taken, so that the choice depends on no order.
        """
        near = (self.similarity >= _low(self.similarity, count)).nonzero()[0]  # few, among which to look closer
        near = near[self.arrived[near] >= horizon]
        if len(near) < count:  # too many of them have expired: among all
            near = ((self.similarity >= _LEAST) & (self.arrived >= horizon)).nonzero()[0]
        least = _largest(self.similarity[near], count)
        found = [self.rows[slot] for slot in near[self.similarity[near] >= least].tolist()]
        return [row for row in found if row is not None]

    def of(self, slots: NDArray[np.int64]) -> NDArray[np.float64]:
        """The similarity of the articles in some slots; NaN for NOWHERE."""
        return np.where(slots == NOWHERE, np.nan, self.similarity[slots].astype(np.float64))


def _low(values: NDArray[np.float32], count: int) -> np.float32:
    """What `count` of the values reach: the so manieth among the largest of each of eight times so many groups.

    To look there first takes 10 instead of 30 µs for the 30 largest of 6,000 values, 23 instead of 270 of 50,000.
    """
    groups = 8 * count
    deep = len(values) // groups
    if deep < 2:
        return _LEAST
    return _largest(np.maximum.reduce(values[: deep * groups].reshape(deep, groups)), count)


def _largest(values: NDArray[np.float32], count: int) -> np.float32:
    """The so manieth of the values, if there are so many numbers among them, else one that none is below."""
    rest = len(values) - count
    return max(np.partition(values, rest)[rest], _LEAST) if rest > 0 else _LEAST


class NearestVectors(Nearest[Quantised]):
    """By the cosine of the vectors: one dot product with each of them."""

    def __init__(self) -> None:
        super().__init__()
        self._vectors = Blocks()
        self._lookahead = Lookahead(self._vectors)

    def expect(self, coming: Iterable[str]) -> None:
        """The vectors, packed, that will be searched for next."""
        self._lookahead.expect(coming)

    @property
    def components(self) -> int:
        """Of each vector; 0 before the first."""
        return self._vectors.components

    def vector(self, row: Row) -> Quantised:
        """The vector of an article that is there, where it is kept."""
        return self._vectors[row.slot]

    def _put(self, slot: int, slots: int, query: Quantised) -> None:
        self._vectors[slot] = query
        self._lookahead.changed(slot)

    def _similarity(self, query: Quantised, used: int) -> NDArray[np.float32]:
        return self._lookahead.products(query, used)


class NearestWords(Nearest[Features]):
    """By the cosine over the heaviest words of each."""

    def __init__(self) -> None:
        super().__init__()
        self._columns = np.zeros((0, HEAVIEST), np.int32)
        self._weights = np.zeros((0, HEAVIEST), np.float32)
        self._width = 1
        """All columns are smaller than this."""

    def _put(self, slot: int, slots: int, query: Features) -> None:
        if slots != len(self._columns):
            more = slots - len(self._columns)
            self._columns = np.pad(self._columns, ((0, more), (0, 0)))
            self._weights = np.pad(self._weights, ((0, more), (0, 0)))
        columns, weights = query.columns[query.words], query.weights[query.words]
        heaviest = np.argsort(-weights, kind="stable")[:HEAVIEST]  # equal weights: in the order of the text
        self._width = max(self._width, int(columns.max()) + 1)
        self._columns[slot], self._weights[slot] = 0, 0
        self._columns[slot, : len(heaviest)] = columns[heaviest]
        self._weights[slot, : len(heaviest)] = weights[heaviest]

    def _similarity(self, query: Features, used: int) -> NDArray[np.float32]:
        columns = query.columns[query.words]
        terms = np.zeros(max(self._width, int(columns.max()) + 1), np.float32)
        terms[columns] = query.weights[query.words]
        similarity = np.vecdot(terms.take(self._columns[:used], mode="clip"), self._weights[:used])
        return np.where(similarity > 0, similarity, _NONE)
