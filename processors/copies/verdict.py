"""What two texts are to each other, from their fingerprints alone.

Candidates come from hashing and may be wrong; what is stated here has been compared shingle by shingle.
"""

from typing import NamedTuple

import numpy as np

from config.sections import DedupSection
from processors.copies.fingerprint import Fingerprint, Slots
from processors.copies.sets import ALL_BITS, NO_HASHES, Hashes, among, below, distinct, shared, without
from streams.messages import Kind, Relation

STUB_WORDS = 20
"""Equal texts of fewer words are copies only under equal titles: "More to follow." or "Read the full story on our
website." stand under any headline."""
LEAST_SHINGLES = 5
"""Where only a part of a text's hashes was kept, fewer to compare prove nothing."""
LEAST_NUMBERS = 2
"""Numbers that must differ before they can tell a templated report from a copy: one changed number is a
correction."""
AGREEING = 3
"""A report is templated when at most one in so many places holds the same number in both. Of 281 pairs of texts in
five corpora that share much of their text, the copies whose numbers differ most (feet for metres, a new toll)
agree in 2 of 5."""

_HALF, _LOW = np.uint64(32), np.uint64(0xFFFF_FFFF)


class Similarity(NamedTuple):
    """Of two texts' sets of shingles."""

    jaccard: float
    containment: float
    """Share of the shorter text's shingles that stand in the longer one."""
    contained: bool
    """Whether the first of the two is the shorter one, or they are of one length."""


class Match(NamedTuple):
    """An article's verified match with an earlier one."""

    kind: Kind
    similarity: Similarity

    @property
    def rank(self) -> tuple[int, float]:
        """Orders matches, the best first: exact copies, near ones, excerpts, what the article contains."""
        measure = self.similarity.jaccard if self.kind == "near" else self.similarity.containment
        return _RANKS[self.kind], -measure

    def relation(self, other: str) -> Relation:
        """The match as it is told, with the id of the article matched."""
        jaccard, containment, _ = self.similarity
        return Relation(id=other, kind=self.kind, jaccard=round(jaccard, 4), containment=round(containment, 4))


_RANKS: dict[Kind, int] = {"exact": 0, "near": 1, "excerpt": 2, "contains": 3, "revision": 4}


def compare(a: Fingerprint, b: Fingerprint, furniture: Hashes = NO_HASHES) -> Similarity:
    """Jaccard similarity and containment of two texts: exact, unless one has more shingles than are kept.

    Shingles of furniture count on neither side.
    """
    if a.text == b.text and not len(furniture):
        return Similarity(1.0, 1.0, True)
    bits = min(a.bits, b.bits)
    ours, theirs = below(a.shingles, bits), below(b.shingles, bits)
    if len(furniture):
        ours, theirs = without(ours, furniture), without(theirs, furniture)
    fewer = min(len(ours), len(theirs))
    contained = fewer == len(ours)
    if fewer < (1 if bits == ALL_BITS else LEAST_SHINGLES):
        return Similarity(0.0, 0.0, contained)
    both = len(shared(ours, theirs))
    return Similarity(both / (len(ours) + len(theirs) - both), both / fewer, contained)


def match(
    section: DedupSection, new: Fingerprint, old: Fingerprint, furniture: Hashes = NO_HASHES
) -> Match | None:
    """How a new article matches an old one, or None when it does not."""
    shorter = min(_words(new, furniture), _words(old, furniture))
    if not shorter or (shorter < STUB_WORDS and new.title != old.title):
        return None
    similarity = compare(new, old, furniture)
    if new.text == old.text:
        return Match("exact", similarity)
    kind = _kind(section, similarity, shorter)
    if kind is None or templated(new.numbers, old.numbers):
        return None
    return Match(kind, similarity)


def _words(print_: Fingerprint, furniture: Hashes) -> int:
    """Words of a text, furniture left out."""
    return max(0, print_.words - len(shared(print_.shingles, furniture))) if len(furniture) else print_.words


def _kind(section: DedupSection, similarity: Similarity, words: int) -> Kind | None:
    if words < section.short_words:
        return "near" if similarity.jaccard >= section.short_jaccard else None
    if similarity.jaccard >= section.near_jaccard:
        return "near"
    if similarity.containment >= section.excerpt_containment:
        return "excerpt" if similarity.contained else "contains"
    return None


def templated(a: Slots, b: Slots) -> bool:
    """Whether two texts say other numbers in the same words, as two weather reports do.

    Of the places (two words before a number, or two behind it) where both texts have one, most hold another.
    """
    places = shared(_places(a), _places(b))
    if not len(places):
        return False
    agreeing = _places(shared(a, b))
    differing = without(places, agreeing)
    fewest = min(len(_numbers_at(differing, a)), len(_numbers_at(differing, b)))
    return fewest >= LEAST_NUMBERS and AGREEING * len(agreeing) <= len(places)


def _places(numbers: Slots) -> Slots:
    return distinct(numbers >> _HALF)


def _numbers_at(places: Slots, numbers: Slots) -> Slots:
    """The numbers that stand in these places."""
    at: Slots = numbers >> _HALF
    standing: Slots = numbers[among(at, places)] & _LOW
    return distinct(standing)
