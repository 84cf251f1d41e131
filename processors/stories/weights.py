"""What the terms of an article weigh at its arrival: rare words much, common words nothing.

TF-IDF with sublinear tf, and document frequencies over the live articles only: measured, that costs nothing
against those of the whole past, and makes the state bounded and restorable. Weights are computed once, and kept.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from processors.encoding.vectors import Quantised, scaled
from processors.stories.common_terms import CommonTerms
from processors.stories.terms import TEXT_CHARS, TEXT_WORDS, TITLE_WEIGHT, Terms
from processors.stories.vocabulary import TermIds, Vocabulary

_MOST = TITLE_WEIGHT * TEXT_CHARS + TEXT_WORDS
"""No term can stand in an article more often: not one that is a title's every letter."""
_TF = 1 + np.log(np.maximum(1, np.arange(_MOST + 1)))
"""1 + ln tf, by tf."""


class Weights(NamedTuple):
    """Quantised unit vectors over the words and names of an article."""

    words: Quantised
    lead: Quantised
    """Over the first of the same terms: those of the lead."""
    names: Quantised


def weigh(terms: Terms, ids: TermIds, vocabulary: Vocabulary, articles: int, common: CommonTerms) -> Weights:
    """The weights of an article's terms among so many live articles, and those that `common` has counted."""
    seen, articles = vocabulary.frequencies(np.concatenate([ids.words, ids.names])), articles + common.articles
    idf = _idf(seen + np.concatenate([common.of_words(terms.words), common.of_names(terms.names)]), articles)
    words, names = idf[: len(ids.words)], idf[len(ids.words) :]
    return Weights(
        words=_unit(_tf(terms.words) * words),
        lead=_unit(_tf(terms.lead) * words[: len(terms.lead)]),
        names=_unit(_tf(terms.names) * names),
    )


def _tf(counts: Mapping[str, int]) -> NDArray[np.float64]:
    """1 + ln tf."""
    return _TF[np.fromiter(counts.values(), np.intp, len(counts))]


def _idf(frequencies: NDArray[np.float64], articles: int) -> NDArray[np.float64]:
    """ln((N + 1) / (df + 1/2)), not below 0, where N and df include the article itself.

    So a term seen for the first time does not outweigh by far one seen for the second. Measured with and without:
    B-cubed F1 94.0 and 95.1 on g5w, 86.6 and 85.3 on ECB+, 92.4 and 92.3 on the stream.
    """
    return np.maximum(0.0, np.log((articles + 2) / (frequencies + 1.5)))


def _unit(weights: NDArray[np.float64]) -> Quantised:
    """Quantised to unit length; all zero where every term is common to all articles, or there is none."""
    largest = weights.max(initial=0.0)
    return scaled(weights / largest) if largest else np.zeros(len(weights), np.int16)
