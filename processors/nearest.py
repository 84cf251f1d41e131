"""The live articles nearest to one: by their vectors, or by their heaviest words where there are none.

Only the first sieve: the stories of the articles found here are then compared properly.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from processors.features import Features
from processors.layout import NOWHERE
from processors.lookahead import Lookahead
from processors.vectors import Quantised

HEAVIEST = 32
"""Words of an article that are looked at. Measured on g5w and ECB+ without vectors: as good as all of them."""

_START = 64
_NEVER = np.iinfo(np.int64).min
_NONE = np.float32(-np.inf)

Query = TypeVar("Query")


class Nearest(ABC, Generic[Query]):
    """Articles in numbered slots, searched all at once."""

    def __init__(self) -> None:
        self._slots: dict[str, int] = {}
        self._ids: list[str] = []
        self._free: list[int] = []
        self._arrived = np.full(_START, _NEVER)

    def __len__(self) -> int:
        return len(self._slots)

    def add(self, id: str, arrived: int, query: Query) -> None:  # noqa: A002
        """Enter an article that is not there yet."""
        if self._free:
            slot = self._free.pop()
            self._ids[slot] = id
        else:
            slot = len(self._ids)
            self._ids.append(id)
            if slot == len(self._arrived):
                self._arrived = np.concatenate([self._arrived, np.full(slot, _NEVER)])
        self._slots[id] = slot
        self._arrived[slot] = arrived
        self._put(slot, len(self._arrived), query)

    def remove(self, id: str) -> None:  # noqa: A002
        """Forget an article, if it is there."""
        slot = self._slots.pop(id, None)
        if slot is not None:
            self._arrived[slot] = _NEVER
            self._free.append(slot)

    def slots(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """Where some articles are; NOWHERE for those that are not here."""
        return np.fromiter(map(self._slots.get, ids, repeat(NOWHERE)), np.int64, len(ids))

    def search(self, query: Query) -> "Search":
        """All that is here, seen from one article."""
        used = len(self._ids)
        similarity = self._similarity(query, used) if self._slots else np.full(used, _NONE)
        return Search(self._ids, self._arrived[:used], similarity)

    @abstractmethod
    def _put(self, slot: int, slots: int, query: Query) -> None:
        """Put an article into a slot; there are so many."""

    @abstractmethod
    def _similarity(self, query: Query, used: int) -> NDArray[np.float32]:
        """The similarity with the first `used` slots; -inf where there is none at all."""


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """The articles of an index, seen from another one; good until one comes or goes."""

    ids: Sequence[str]
    arrived: NDArray[np.int64]
    similarity: NDArray[np.float32]

    def nearest(self, count: int, horizon: int) -> list[str]:
        """The `count` nearest articles that arrived at `horizon` or later, in no particular order.

        Of several that are equally far, all are taken, so that the choice depends on no order.
        """
        visible = np.where(self.arrived >= horizon, self.similarity, _NONE)
        rest = len(visible) - count
        least = np.partition(visible, rest)[rest] if rest > 0 else _NONE
        near = visible >= least if least > _NONE else visible > _NONE
        return [self.ids[slot] for slot in np.flatnonzero(near).tolist()]

    def of(self, slots: NDArray[np.int64]) -> NDArray[np.float64]:
        """The similarity of the articles in some slots; NaN for NOWHERE."""
        return np.where(slots == NOWHERE, np.nan, self.similarity[slots].astype(np.float64))


class NearestVectors(Nearest[Quantised]):
    """By the cosine of the vectors: one dot product with each of them."""

    def __init__(self) -> None:
        super().__init__()
        self._rows = np.zeros((0, 0), np.float32)
        self._lookahead = Lookahead()

    def expect(self, coming: Iterable[str]) -> None:
        """The vectors, packed, that will be searched for next."""
        self._lookahead.expect(coming)

    @property
    def components(self) -> int:
        """Of each vector; 0 before the first."""
        return self._rows.shape[1]

    def _put(self, slot: int, slots: int, query: Quantised) -> None:
        if slots != len(self._rows):
            rows = self._rows.reshape(-1, len(query))
            self._rows = np.pad(rows, ((0, slots - len(rows)), (0, 0)))
        self._rows[slot] = query
        self._lookahead.changed(slot)

    def _similarity(self, query: Quantised, used: int) -> NDArray[np.float32]:
        return self._lookahead.products(self._rows[:used], query)


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
        similarity = (terms[self._columns[:used]] * self._weights[:used]).sum(axis=1)
        return np.where(similarity > 0, similarity, _NONE)
