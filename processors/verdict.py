"""What two texts are to each other, from their fingerprints alone.

Candidates come from hashing and may be wrong; what is stated here has been compared shingle by shingle.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from config.sections import DedupSection
from processors.fingerprint import ALL_BITS, Fingerprint, Slots, Word, below, distinct
from streams.messages import Kind, Relation

STUB_WORDS = 20
"""Equal texts of fewer words are copies only under equal titles: "More to follow." or "Read the full story on our
website." stand under any headline."""
LEAST_SHINGLES = 5
"""Where only a part of a text's hashes was kept, fewer to compare prove nothing."""
LEAST_NUMBERS = 2
"""Numbers that must stand in the same words before they can tell a templated report from a copy: one changed
number is a correction."""


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


def compare(a: Fingerprint, b: Fingerprint) -> Similarity:
    """Jaccard similarity and containment of two texts: exact, unless one has more shingles than are kept."""
    if a.text == b.text:
        return Similarity(1.0, 1.0, True)
    bits = min(a.bits, b.bits)
    ours, theirs = below(a.shingles, bits), below(b.shingles, bits)
    fewer = min(len(ours), len(theirs))
    contained = fewer == len(ours)
    if fewer < (1 if bits == ALL_BITS else LEAST_SHINGLES):
        return Similarity(0.0, 0.0, contained)
    shared = len(_shared(ours, theirs))
    return Similarity(shared / (len(ours) + len(theirs) - shared), shared / fewer, contained)


def match(section: DedupSection, new: Fingerprint, old: Fingerprint) -> Match | None:
    """How a new article matches an old one, or None when it does not."""
    if not new.words or not old.words:
        return None
    shorter = min(new.words, old.words)
    if shorter < STUB_WORDS and new.title != old.title:
        return None
    similarity = compare(new, old)
    if new.text == old.text:
        return Match("exact", similarity)
    kind = _kind(section, similarity, shorter)
    if kind is None or templated(new.numbers, old.numbers):
        return None
    return Match(kind, similarity)


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

    Of the places (two words before, two behind) where both texts have a number, most hold another one. Copies,
    however edited, agree: in three corpora 130 pairs of verified copies share two such places or more, and the
    least agreement among them is 15 of 16.
    """
    places = _shared(_places(a), _places(b))
    agreeing = _places(_shared(a, b))
    return len(places) >= LEAST_NUMBERS and 2 * len(agreeing) < len(places)


def _places(numbers: Slots) -> Slots:
    return distinct(numbers >> np.uint64(32))


def _shared(a: NDArray[Word], b: NDArray[Word]) -> NDArray[Word]:
    """The values that are in both of two sets: both are sorted and distinct, so merged they are neighbours."""
    merged = np.sort(np.concatenate((a, b)), kind="stable")
    shared: NDArray[Word] = merged[1:][merged[1:] == merged[:-1]]
    return shared
