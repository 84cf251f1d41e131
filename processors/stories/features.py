"""An article in the form in which it is compared: its vector and its four sparse views, as arrays.

A term has two columns, one for its weight in the whole text and one for that in the lead. The views of an article
lie behind one another in two arrays, so that many articles are compared in few operations.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from processors.encoding.vectors import SCALE, Quantised
from processors.stories.vocabulary import UNKNOWN, Ids, TermIds
from processors.stories.weights import Weights

VIEWS = ("words", "lead", "names", "numbers")

_BLANK = np.zeros(1, np.int32), np.zeros(1, np.int16)
"""Column and weight of the entry that each view begins with, so that none is empty."""


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """The vector and the sparse views, all quantised unit vectors.

    The views are kept as bytes: they take 80 bytes less than an array, and are joined in a third of the time.
    """

    vector: Quantised | None
    column_bytes: bytes
    weight_bytes: bytes
    size_bytes: bytes

    @property
    def columns(self) -> Ids:
        """Of each entry."""
        return np.frombuffer(self.column_bytes, np.int32)

    @property
    def weights(self) -> Quantised:
        """Of each entry."""
        return np.frombuffer(self.weight_bytes, np.int16)

    @property
    def sizes(self) -> NDArray[np.int32]:
        """Entries of each view."""
        return np.frombuffer(self.size_bytes, np.int32)

    @property
    def words(self) -> slice:
        """Where the view of the words stands."""
        return slice(0, self.sizes[0])

    @property
    def names(self) -> slice:
        """Where the view of the names stands."""
        words, lead, names, _ = self.sizes.tolist()
        return slice(words + lead, words + lead + names)

    @property
    def terms(self) -> Ids:
        """The numbers of all terms of live articles in it, each once."""
        columns, names = self.columns, self.names  # before the names the lead, which is a part of the words
        ids: Ids = np.concatenate([columns[self.words], columns[names.start :]]) >> 1
        known: Ids = ids[ids != UNKNOWN]
        return known

    def beside(self, vector: Quantised) -> "Features":
        """The same views beside another copy of the vector."""
        return Features(vector, self.column_bytes, self.weight_bytes, self.size_bytes)

    def spread(self, weights: NDArray[np.float32]) -> None:
        """Put the weights where their columns are. Column 0 means nothing: all that is UNKNOWN."""
        weights[self.columns] = self.weights
        weights[0:2] = 0


def features(vector: Quantised | None, weights: Weights, ids: TermIds) -> Features:
    """The features of an article."""
    count = len(ids.numbers)
    # the cosine of these is the share of common numbers: |A ∩ B| / sqrt(|A| |B|)
    numbers = np.full(count, round(SCALE / max(count, 1) ** 0.5), np.int16)
    words, lead = len(ids.words) + 1, len(weights.lead) + 1
    column, weight = _BLANK
    columns = np.concatenate(
        [column, ids.words, column, ids.words[: lead - 1], column, ids.names, column, ids.numbers]
    )
    columns <<= 1
    columns[words + 1 : words + lead] += 1
    entries = np.concatenate([weight, weights.words, weight, weights.lead, weight, weights.names, weight, numbers])
    sizes = np.array([words, lead, len(ids.names) + 1, count + 1], np.int32)
    return Features(vector, columns.tobytes(), entries.tobytes(), sizes.tobytes())
