"""Which decisions a person is asked about: a sample of those around `cluster.join_score`."""

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from service.calibration import Answer
from streams.messages import Evidence

BAND = 3.0
"""Decisions farther from the threshold (log odds) are not asked about: there the answer is hardly ever in doubt,
and a person's patience is short."""
WIDTH = 0.5
"""The band is cut into pieces of this width, and as many are asked about in each."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A decision between joining a story and opening one."""

    article: str
    member: str
    """One of the story's members that the article was compared with."""
    score: float
    """Of the story."""

    @property
    def key(self) -> tuple[str, str]:
        """What names it."""
        return self.article, self.member


def weighed(known: Iterable[tuple[str, Evidence]]) -> Iterator[Weighed]:
    """The decisions in the evidence of articles; copies follow, and nothing is decided about them.

    Of the members told one is taken as if by chance. The most similar one would say too often that the article
    belongs there: measured on ECB+ just below the threshold, 82 % of the articles are of the event of the most
    similar member, and 74 % of that of any.
    """
    for article, evidence in known:
        best = evidence.best
        if evidence.reason in ("joined", "opened") and best is not None and best.members:
            choices = [Weighed(article, member.id, best.score) for member in best.members]
            yield min(choices, key=_shuffled)


def around(decisions: Iterable[Weighed], join_score: float) -> list[Weighed]:
    """Those within the band."""
    return [one for one in decisions if abs(one.score - join_score) <= BAND]


def to_ask(decisions: Sequence[Weighed], join_score: float) -> list[Weighed]:
    """All decisions in the order in which they are asked about.

    However early one stops, every piece of the band had its share, the nearest to the threshold first. Within a
    piece the order is that of a hash: as good as chance, and the same every time.
    """
    pieces: dict[int, list[Weighed]] = {}
    for one in sorted(decisions, key=_shuffled):
        pieces.setdefault(_piece(one, join_score), []).append(one)
    nearest = [pieces[number] for number in sorted(pieces, key=lambda number: (abs(number + 0.5), number))]
    return [one for turn in zip_longest(*nearest) for one in turn if one is not None]


def answers(decisions: Sequence[Weighed], same: Mapping[tuple[str, str], bool], join_score: float) -> list[Answer]:
    """The answers, each with the number of decisions that it stands for: those of its piece of the band, shared
    among the answers there."""
    there = Counter(_piece(one, join_score) for one in decisions)
    answered = [one for one in decisions if one.key in same]
    heard = Counter(_piece(one, join_score) for one in answered)
    return [
        Answer(one.score, same[one.key], there[piece] / heard[piece])
        for one in answered
        for piece in (_piece(one, join_score),)
    ]


def _piece(one: Weighed, join_score: float) -> int:
    """The piece of the band that a decision is in: from 0 upwards those that join."""
    return math.floor((one.score - join_score) / WIDTH)


def _shuffled(one: Weighed) -> bytes:
    return hashlib.blake2b("\n".join(one.key).encode("utf-8", "replace"), digest_size=8).digest()
