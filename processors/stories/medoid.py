"""How near each article of a story is to all of them; the nearest is the most typical, the medoid."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from processors.encoding.vectors import SCALE
from processors.stories.rows import Row

Nearness = NDArray[np.int64]
"""Sums of dot products with all articles of a story, itself included; a cosine of 1 is `SCALE ** 2`."""


def nearness(rows: Sequence[Row], terms: int) -> Nearness:
    """How near each row is to all rows taken together, in their order.

    By the vectors; by the words where one of them is missing. `terms`: the length of the vocabulary. The cosines
    with all others add up to the product with the sum of all vectors; whole numbers, so exact.
    """
    vectors = [row.features.vector for row in rows]
    known = [vector for vector in vectors if vector is not None]
    return _by_vectors(known) if len(known) == len(rows) else _by_words(rows, terms)


def by_nearness(rows: Sequence[Row], near: Nearness) -> list[int]:
    """The places of the rows, the medoid's first; ties go to the one published first, then to the smaller id."""
    sums = near.tolist()
    return sorted(range(len(rows)), key=lambda at: (-sums[at], rows[at].order))


def coherence(near: Nearness) -> float:
    """The mean cosine of the medoid with the others, of two rows at least."""
    return (int(near.max()) / SCALE**2 - 1) / (len(near) - 1)


def _by_vectors(vectors: Sequence[NDArray[np.int16]]) -> Nearness:
    matrix = np.stack(vectors).astype(np.int64)
    sums: Nearness = matrix @ matrix.sum(axis=0)
    return sums


def _by_words(rows: Sequence[Row], terms: int) -> Nearness:
    total = np.zeros(2 * terms, np.int64)
    views = [(row.features.columns[row.features.words], row.features.weights[row.features.words]) for row in rows]
    for columns, weights in views:
        total[columns] += weights
    return np.array([int(total[columns] @ weights.astype(np.int64)) for columns, weights in views])
