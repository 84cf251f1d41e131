"""An article in the form in which it is compared: its vector and its four sparse views, as arrays.

A term has two columns, one for its weight in the whole text and one for that in the lead. The views of an article
lie behind one another in two arrays, so that many articles are compared in few operations.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from processors.story_records import ArticleRecord
from processors.vectors import SCALE, Quantised, unpack
from processors.vocabulary import UNKNOWN, Ids, Vocabulary

VIEWS = ("words", "lead", "names", "numbers")


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


@dataclass(frozen=True, slots=True, eq=False)
class TermIds:
    """The numbers of an article's terms."""

    words: Ids
    names: Ids
    numbers: Ids


def find(record: ArticleRecord, vocabulary: Vocabulary) -> TermIds:
    """The numbers of the terms that stand in live articles; the others are UNKNOWN."""
    return TermIds(
        vocabulary.find("word", record.words),
        vocabulary.find("name", record.names),
        vocabulary.find("number", record.numbers),
    )


def enter(record: ArticleRecord, vocabulary: Vocabulary) -> TermIds:
    """Count the article among the live ones; the numbers of its terms."""
    return TermIds(
        vocabulary.enter("word", record.words),
        vocabulary.enter("name", record.names),
        vocabulary.enter("number", record.numbers),
    )


def leave(features: Features, vocabulary: Vocabulary) -> None:
    """Take an article that entered away from the live ones."""
    start, end = int(features.starts[1]), int(features.starts[2])
    whole = np.r_[
        features.columns[:start], features.columns[end:]
    ]  # all but the lead, which counts with the words
    ids = whole >> 1
    vocabulary.leave(ids[ids != UNKNOWN])


def features(record: ArticleRecord, ids: TermIds) -> Features:
    """The features of an article. Terms that are UNKNOWN match nothing."""
    lead = unpack(record.lead_weights)
    in_lead = np.flatnonzero(lead)
    count = len(record.numbers)
    # the cosine of these is the share of common numbers: |A ∩ B| / sqrt(|A| |B|)
    number_weights = np.full(count, round(SCALE / np.sqrt(max(count, 1))), np.int16)
    views = (
        (ids.words << 1, unpack(record.word_weights)),
        ((ids.words[in_lead] << 1) + 1, lead[in_lead]),
        (ids.names << 1, unpack(record.name_weights)),
        (ids.numbers << 1, number_weights),
    )
    sizes = [len(columns) + 1 for columns, _ in views]
    blank = np.zeros(1, np.int32), np.zeros(1, np.int16)
    return Features(
        vector=None if record.vector is None else unpack(record.vector),
        columns=np.concatenate([part for columns, _ in views for part in (blank[0], columns)]),
        weights=np.concatenate([part for _, weights in views for part in (blank[1], weights)]),
        starts=np.cumsum([0, *sizes[:-1]], dtype=np.int32),
    )
