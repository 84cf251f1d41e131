"""What is told of a comparison, so that a person can judge it."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from processors.stories.features import Features
from processors.stories.layout import Comparable
from processors.stories.pair_score import Probe
from processors.stories.pair_weights import PARTS, POINTS
from processors.stories.ranking import Ranked
from processors.stories.vocabulary import Vocabulary
from streams.messages import Compared, PairScore

MEMBERS = 5
"""Members of a story that are told."""
SHARED = 8
"""Names, and terms, that are told."""
LOOKED_AT = 24
"""The heaviest of each that are looked at: parts of longer names, and words that are names, are not told twice."""

DIGITS = 4
"""After the decimal point of a story's score; pair scores have no more."""

_DAY = 86_400


def compared(ranked: Ranked, new: Probe, vocabulary: Vocabulary, spelling: Mapping[str, str]) -> Compared:
    """The comparison with a story, as it stands in the evidence. `spelling`: how the article writes its names."""
    pairs = slice(ranked.start, ranked.start + len(ranked.members))
    scores = ranked.pairs.scores[pairs].tolist()
    best = sorted(range(len(scores)), key=lambda i: (-scores[i], ranked.members[i].order))[:MEMBERS]
    parts = (ranked.pairs.parts.T[[ranked.start + i for i in best]] / POINTS).tolist()
    nearest = ranked.members[best[0]].features
    names, words = _shared(new.weights, nearest, vocabulary)
    names = whole(names)
    in_names = {word for name in names for word in name.split()}
    words = [word for word in words if word not in in_names]
    return Compared(
        story=ranked.story.id,
        score=round(ranked.score, DIGITS),
        members=tuple(
            PairScore(
                id=ranked.members[i].id, score=scores[i] / POINTS, parts=dict(zip(PARTS, made_of, strict=True))
            )
            for i, made_of in zip(best, parts, strict=True)
        ),
        names=tuple(spelling.get(name, name) for name in names[:SHARED]),
        terms=tuple(words[:SHARED]),
        gap_days=_gap(new.of, ranked),
    )


def whole(names: Sequence[str]) -> list[str]:
    """The names that are no parts of longer ones."""
    longer = "".join(f" {name} \n" for name in names if " " in name)
    return [name for name in names if longer.count(f" {name} ") == (" " in name)]  # a part of none but itself


def _shared(weights: NDArray[np.float32], other: Features, vocabulary: Vocabulary) -> tuple[list[str], list[str]]:
    """The names and the words that both articles have, what adds most to the cosine first."""
    columns, names = other.columns, other.names
    products = weights.take(columns) * other.weights
    both = products.nonzero()[0]
    heaviest = both[(-products[both]).argsort(kind="stable")]  # equal ones: as in the other text
    terms = vocabulary.terms
    in_names = heaviest[(heaviest >= names.start) & (heaviest < names.stop)][:LOOKED_AT]
    in_words = heaviest[heaviest < other.words.stop][:LOOKED_AT]
    return terms((columns[in_names] >> 1).tolist()), terms((columns[in_words] >> 1).tolist())


def _gap(new: Comparable, ranked: Ranked) -> float | None:
    """Days to the nearest publication among the members compared."""
    if new.published is None:
        return None
    gaps = [abs(new.published - row.published) for row in ranked.members if row.published is not None]
    return round(min(gaps) / _DAY, DIGITS) if gaps else None
