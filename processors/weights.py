"""What the terms of an article weigh at its arrival: rare words much, common words nothing.

TF-IDF with sublinear tf, and document frequencies over the live articles only: measured, that costs nothing against
those of the whole past, and makes the state bounded and restorable. The weights are computed once, and kept.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from processors.terms import Terms
from processors.vectors import Quantised, quantise
from processors.vocabulary import Vocabulary


class Weights(NamedTuple):
    """Quantised unit vectors over the words and names of an article."""

    words: Quantised
    lead: Quantised
    """Over the same terms as `words`."""
    names: Quantised


def weigh(terms: Terms, vocabulary: Vocabulary, articles: int) -> Weights:
    """The weights of an article's terms among so many live articles."""
    words, names = list(terms.words), list(terms.names)
    idf = _idf(vocabulary.frequencies(vocabulary.find("word", words)), articles)
    return Weights(
        words=_unit(_tf(terms.words, words) * idf),
        lead=_unit(_tf(terms.lead, words) * idf),
        names=_unit(
            _tf(terms.names, names) * _idf(vocabulary.frequencies(vocabulary.find("name", names)), articles)
        ),
    )


def _idf(frequencies: NDArray[np.int32], articles: int) -> NDArray[np.float64]:
    """ln((N + 1) / (df + 1/2)), not below 0, where N and df include the article itself.

    That it counts itself keeps a term seen for the first time from outweighing all that are shared: with a cold
    start, ECB+ gains 1.2 points of F1, and the stream 0.2.
    """
    return np.maximum(0.0, np.log((articles + 2) / (frequencies + 1.5)))


def _tf(counts: Mapping[str, int], terms: Sequence[str]) -> NDArray[np.float64]:
    """1 + ln tf; 0 for a term that is not there."""
    count = np.fromiter((counts.get(term, 0) for term in terms), np.float64, len(terms))
    return np.where(count > 0, 1 + np.log(np.maximum(count, 1)), 0.0)


def _unit(weights: NDArray[np.float64]) -> Quantised:
    """Quantised to unit length; all zero where every term is common to all articles, or there is none."""
    return quantise(weights) if weights.any() else np.zeros(len(weights), np.int16)
