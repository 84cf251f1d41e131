"""An article in the form in which it is compared: its vector and its four sparse views, as arrays.

A term has two columns, one for its weight in the whole text and one for that in the lead. The views of an article
lie behind one another in two arrays, so that many articles are compared in few operations.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from processors.vectors import SCALE, Quantised
from processors.vocabulary import UNKNOWN, Ids
from processors.weights import TermIds, Weights

VIEWS = ("words", "lead", "names", "numbers")

_BLANK = np.zeros(1, np.int32), np.zeros(1, np.int16)


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """The vector and the sparse views, all quantised unit vectors."""

    vector: Quantised | None
    columns: Ids
    weights: Quantised
    starts: NDArray[np.int32]
    """Where each view begins. Each begins with an entry of weight 0, so that none is empty."""

    @property
    def words(self) -> slice:
        """Where the view of the words stands."""
        return slice(int(self.starts[0]), int(self.starts[1]))

    @property
    def names(self) -> slice:
        """Where the view of the names stands."""
        return slice(int(self.starts[2]), int(self.starts[3]))

    @property
    def terms(self) -> Ids:
        """The numbers of all terms of live articles in it, each once."""
        start, end = int(self.starts[1]), int(self.starts[2])  # of the lead, which is a part of the words
        ids: Ids = np.concatenate([self.columns[:start], self.columns[end:]]) >> 1
        known: Ids = ids[ids != UNKNOWN]
        return known

    def spread(self, terms: int) -> NDArray[np.float32]:
        """The weights by column, in a vocabulary of so many terms. Column 0 means nothing: all that is UNKNOWN."""
        weights = np.zeros(2 * terms, np.float32)
        weights[self.columns] = self.weights
        weights[0:2] = 0
        return weights


def features(vector: Quantised | None, weights: Weights, ids: TermIds) -> Features:
    """The features of an article."""
    in_lead = np.flatnonzero(weights.lead)
    count = len(ids.numbers)
    # the cosine of these is the share of common numbers: |A ∩ B| / sqrt(|A| |B|)
    numbers = np.full(count, round(SCALE / max(count, 1) ** 0.5), np.int16)
    columns, none = _BLANK
    views = (
        (ids.words << 1, weights.words),
        ((ids.words[in_lead] << 1) + 1, weights.lead[in_lead]),
        (ids.names << 1, weights.names),
        (ids.numbers << 1, numbers),
    )
    sizes = [len(view) + 1 for view, _ in views]
    return Features(
        vector=vector,
        columns=np.concatenate([part for view, _ in views for part in (columns, view)]),
        weights=np.concatenate([part for _, view in views for part in (none, view)]),
        starts=np.cumsum([0, *sizes[:-1]], dtype=np.int32),
    )
