"""How likely two articles report the same event, in log odds.

A weighted sum over what makes two articles alike: the closeness of their vectors, their words, their leads, their
names and their numbers, and nearness in time. The weights are fitted on labelled corpora (`training`).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from processors.encoding.vectors import SCALE, Quantised, dots
from processors.stories.features import VIEWS
from processors.stories.layout import UNDATED, Comparable, Layout
from processors.stories.pair_weights import HOURS, VALUES, Pairs, PairWeights, fitted

ALIKE = 0.5
"""Square root of the words' cosine from which numbers that differ tell two reports made by one form (the weather,
the markets, a quake) from two reports of one event..."""
COUNTED = 2
"""... if both articles have so many numbers, and share none."""

_UNDATED_HOURS = 48
"""The gap assumed where a publication time is missing."""


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """An article laid out to be compared with many."""

    of: Comparable
    weights: NDArray[np.float32]
    """Of its terms, by column."""


class Board:
    """Where articles are laid out, one after the other. It is as long as the vocabulary, so it is cleared and used
    again."""

    def __init__(self) -> None:
        self._weights = np.zeros(0, np.float32)

    @contextmanager
    def probe(self, of: Comparable, terms: int) -> Iterator[Probe]:
        """An article, as long as the context lasts. `terms`: the length of the vocabulary."""
        weights, self._weights = self._weights, np.zeros(0, np.float32)  # a second one at once gets another board
        if len(weights) < 2 * terms:
            weights = np.zeros(4 * terms, np.float32)
        of.features.spread(weights)
        yield Probe(of, weights)
        weights[of.features.columns] = 0
        self._weights = weights


@dataclass(frozen=True, slots=True, eq=False)
class Scorer:
    """Compares articles with certain weights."""

    seeing: PairWeights
    blind: PairWeights
    """Where a vector is missing. Fitted without any, so that thresholds keep their meaning: with the dense part
    simply left out, B-cubed F1 was 0.59 on g5w and 0.30 on ECB+."""

    def compare(self, one: Probe, others: Layout[Comparable], cosines: NDArray[np.float64] | None = None) -> Pairs:
        """The scores of one article with others.

        `cosines`: those of the vectors, if they are known already, and NaN where one has none.
        """
        dense = _dense(one.of.features.vector, others) if cosines is None else cosines
        values, hours = closeness(one, others, dense), hours_apart(one.of.published, others.published)
        seeing, blind = self.seeing.pairs(values, hours), np.isnan(dense)
        if not blind.any():
            return seeing
        without = self.blind.pairs(values, hours)
        return Pairs(np.where(blind, without.parts, seeing.parts), np.where(blind, without.scores, seeing.scores))


def scorer(leave_out: Sequence[str] = ()) -> Scorer:
    """With the shipped weights, or those without a part."""
    left_out = next((name for name in leave_out if name != "merge"), None)
    return Scorer(fitted(left_out), fitted("dense"))


def closeness(one: Probe, others: Layout[Comparable], dense: NDArray[np.float64]) -> NDArray[np.float64]:
    """What is compared of an article and each of others, by VALUES and other article.

    The cosine of the vectors (0 where that is NaN), the square roots of those of words, lead and names, the
    overlap of numbers, and, as a negative value, how much more alike the words are than the numbers allow.
    """
    sparse = _sparse(one.weights, others)
    values = np.empty((len(VALUES), len(others)))
    values[0] = np.nan_to_num(dense)
    np.sqrt(sparse[:3], out=values[1:4])
    values[4] = sparse[3]
    counted = one.of.features.sizes[-1] > COUNTED  # sizes count the entry that each view begins with
    clashing = (sparse[3] == 0) & (others.sizes[len(VIEWS) - 1 :: len(VIEWS)] > COUNTED) & counted
    values[5] = np.where(clashing, np.minimum(ALIKE - values[1], 0.0), 0.0)
    return values


def _dense(vector: Quantised | None, others: Layout[Comparable]) -> NDArray[np.float64]:
    """The cosines of the vectors, NaN where one is missing."""
    vectors = [other.features.vector for other in others.articles]
    cosines = np.full(len(others), np.nan)
    there = [at for at, other in enumerate(vectors) if other is not None]
    if vector is not None and there:
        rows = np.concatenate([vectors[at] for at in there]).reshape(-1, len(vector))
        products = dots(rows.astype(np.float32), vector.astype(np.float32))
        cosines[there] = products.astype(np.float64) / SCALE**2
    return cosines


def _sparse(weights: NDArray[np.float32], others: Layout[Comparable]) -> NDArray[np.float32]:
    """The cosines of the sparse views, by view and other article."""
    products = weights.take(others.columns, mode="clip")  # the fastest way to index
    products *= others.weights
    cosines: NDArray[np.float32] = np.add.reduceat(products, np.cumsum(others.sizes) - others.sizes)
    cosines /= SCALE**2
    return cosines.reshape(len(others), len(VIEWS)).T


def hours_apart(here: int | None, published: NDArray[np.int64]) -> NDArray[np.int64]:
    """Whole hours between the publications, HOURS at most."""
    if here is None:
        return np.full(len(published), _UNDATED_HOURS)
    hours = (np.abs(published - here) + 1_800) // 3_600
    hours[published == UNDATED] = _UNDATED_HOURS
    least: NDArray[np.int64] = np.minimum(hours, HOURS)
    return least
