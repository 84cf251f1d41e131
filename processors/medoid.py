"""The most typical article of a story, whose headline names it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from processors.rows import Row


def medoid(rows: Sequence[Row], terms: int) -> Row:
    """The row nearest to all rows taken together; ties go to the one published first, then to the smaller id.

    By the vectors; by the words where one of them is missing. `terms`: the length of the vocabulary. The cosines
    with all others add up to the product with the sum of all vectors; whole numbers, so exact.
    """
    vectors = [row.features.vector for row in rows]
    known = [vector for vector in vectors if vector is not None]
    closeness = _by_vectors(known) if len(known) == len(rows) else _by_words(rows, terms)
    return min(zip((-closeness).tolist(), rows, strict=True), key=lambda pair: (pair[0], pair[1].order))[1]


def _by_vectors(vectors: Sequence[NDArray[np.int16]]) -> NDArray[np.int64]:
    matrix = np.stack(vectors).astype(np.int64)
    closeness: NDArray[np.int64] = matrix @ matrix.sum(axis=0)
    return closeness


def _by_words(rows: Sequence[Row], terms: int) -> NDArray[np.int64]:
    total = np.zeros(2 * terms, np.int64)
    views = [(row.features.columns[row.features.words], row.features.weights[row.features.words]) for row in rows]
    for columns, weights in views:
        total[columns] += weights
    return np.array([int(total[columns] @ weights.astype(np.int64)) for columns, weights in views])
