"""What two texts share, word for word, and what each has alone.

A shared passage is a run of five words or more that stands in both: what dedup counts as copied. Passages are
found wherever they stand, so that a paragraph that was moved is shared, too.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from processors.copies.words import characters_per_word, spaced_words

SHORTEST = 5
"""Words of the shortest shared passage; shorter runs are the language's, not the author's. The length of dedup's
shingles."""
PLACES = 8
"""Places of a run of words that are looked at: enough for what an author repeats, and no quadratic time for a text
that is one phrase over and over."""

_WORD = re.compile(r"\w+(?:['’]\w+)*")
_CHARACTER = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of words as it stands in a text."""

    text: str
    words: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """The passages of two texts."""

    shared: Sequence[Passage]
    """As they stand in the first text, in its order."""
    only: tuple[Sequence[Passage], Sequence[Passage]]
    """What each has alone, in its order."""
    words: tuple[int, int]
    """Words of each text; characters where it is written without spaces."""
    covered: tuple[int, int]
    """Words of each that stand in shared passages."""


@dataclass(frozen=True, slots=True)
class _Words:
    text: str
    spans: Sequence[tuple[int, int]]
    folded: Sequence[str]

    def passages(self, marked: Sequence[int], value: int) -> list[Passage]:
        """The runs of words that bear the same mark. Only marks of `value`, or all but 0 where that is -1."""
        found = []
        start = 0
        for at in range(1, len(marked) + 1):
            if at == len(marked) or marked[at] != marked[start]:
                if marked[start] == value or (value < 0 < marked[start]):
                    text = self.text[self.spans[start][0] : self.spans[at - 1][1]]
                    found.append(Passage(text, at - start))
                start = at
        return found


def overlap(first: str, second: str) -> Overlap:
    """Compare two texts. Linear in their length."""
    unit = max(characters_per_word(spaced_words(first)), characters_per_word(spaced_words(second)))
    one, other = _words(first, unit), _words(second, unit)
    marked, marked_there = _mark(one.folded, other.folded, SHORTEST * unit)
    return Overlap(
        shared=one.passages(marked, -1),
        only=(one.passages(marked, 0), other.passages(marked_there, 0)),
        words=(len(one.spans), len(other.spans)),
        covered=(sum(map(bool, marked)), sum(map(bool, marked_there))),
    )


def _words(text: str, unit: int) -> _Words:
    matches = list((_WORD if unit == 1 else _CHARACTER).finditer(text))
    folded = [match[0].casefold().replace("’", "'") for match in matches]
    return _Words(text, [match.span() for match in matches], folded)


def _mark(one: Sequence[str], other: Sequence[str], shortest: int) -> tuple[list[int], list[int]]:
    """The number of the passage that each word belongs to, from 1; 0 for none. The longest match goes first where
    a passage of the first text begins in several places of the other."""
    shortest = min(shortest, max(1, min(len(one), len(other))))  # short texts can still be the same
    places: dict[tuple[str, ...], list[int]] = {}
    for at in range(len(other) - shortest + 1):
        known = places.setdefault(tuple(other[at : at + shortest]), [])
        if len(known) < PLACES:
            known.append(at)
    marked, marked_there = [0] * len(one), [0] * len(other)
    at = number = 0
    while at + shortest <= len(one):
        found = places.get(tuple(one[at : at + shortest]))
        if found is None:
            at += 1
            continue
        length, there = max((_common(one, at, other, start), -start) for start in found)
        number += 1
        marked[at : at + length] = [number] * length
        marked_there[-there : -there + length] = [number] * length
        at += length
    return marked, marked_there


def _common(one: Sequence[str], at: int, other: Sequence[str], there: int) -> int:
    """How many words are the same from here on."""
    length = 0
    most = min(len(one) - at, len(other) - there)
    while length < most and one[at + length] == other[there + length]:
        length += 1
    return length
