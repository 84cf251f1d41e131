"""What a headline names, and whether a passage speaks of it.

A copy prints a text that says what its headline says, whichever words the house has chosen for it. A passage that
two articles share, and that speaks of neither headline, is not what either of them reports: it is furniture of the
page (a cookie notice, a newsletter's pitch), or the form that a report is made by (the names in it differ).
"""

import struct
from typing import NamedTuple
from zlib import crc32

import numpy as np

from processors.copies.reading import Reading
from processors.copies.sets import Hashes, among, distinct, shared, without
from processors.copies.words import words_of

LETTERS = 4
"""Shorter words are left out: most are grammar, and stand in any passage."""
MAX_NAMED = 32
"""Most words kept of a headline (128 bytes)."""
LEAST_OWN = 2
"""Words that a headline must have of its own, not in the other one: a single one may be another spelling."""
OWN = 4
"""And one in so many of its words must be its own, else the two headlines are one, edited."""
SPOKEN = 4
"""A passage speaks of a headline when more than one in so many of the headline's own words stand in it. In five
corpora 227 pairs of texts are alike; those whose headlines differ so much share 1 in 3.3 or more of the words with
what the headlines name, pages of one house that share furniture indeed set aside (1 in 4)."""

_TOLD = np.uint32(1)


class Headline(NamedTuple):
    """The words that a headline names, and those of them that stand in the text below it."""

    named: Hashes
    told: Hashes

    @property
    def untold(self) -> bool:
        """Whether it names something, and the text speaks of nothing that it names."""
        return len(self.named) > 0 and len(self.told) == 0

    @classmethod
    def unpacked(cls, packed: bytes) -> "Headline":
        """From what `packed` gives."""
        hashes = np.frombuffer(packed, "<u4")
        named = hashes & ~_TOLD
        return cls(named, named[hashes & _TOLD == _TOLD])


def packed(title: str, reading: Reading) -> bytes:
    """The words that the headline of a text names, hashed; the lowest bit tells whether they stand in the text.

    Where the text has no words, runs of as many characters as make one.
    """
    if reading.per_word > 1:
        words, frame = _runs(b"".join(words_of(title)).decode(), reading.per_word), b"%b"
    else:
        words, frame = [word for word in words_of(title) if _is_name(word)], b" %b "
    kept = sorted(set(words), key=crc32)[:MAX_NAMED]
    hashed = sorted(crc32(word) & ~1 | (frame % word in reading.letters) for word in kept)
    return struct.pack(f"<{len(hashed)}I", *hashed)


def own(headline: Headline, other: Headline) -> Hashes:
    """The words of one headline that another lacks; none where they are too few to tell the two apart."""
    words = without(headline.named, other.named)
    return words if len(words) >= max(LEAST_OWN, len(headline.named) / OWN) else words[:0]


def speaks(passage: Hashes, words: Hashes) -> bool:
    """Whether a passage speaks of a headline that has these words of its own."""
    return SPOKEN * len(shared(words, passage)) > len(words)


class Text:
    """A text, read once more for its words: only for the few articles that match another one.

    Args:
        text: the article's text.
        shingle_words: words per shingle.
    """

    def __init__(self, text: str, shingle_words: int) -> None:
        reading = Reading(text)
        self._per_word = reading.per_word
        self._width = reading.width(shingle_words)
        self._shingles = reading.shingles(shingle_words)
        pieces = (
            _runs(reading.letters.decode(), reading.per_word) if reading.per_word > 1 else reading.letters.split()
        )
        self._pieces = _hashes(pieces)

    def passage(self, shingles: Hashes) -> Hashes:
        """The words, as headlines have them, in those stretches of the text that consist of these shingles."""
        starts = among(self._shingles, shingles)
        covered = np.convolve(starts, np.ones(self._width, np.intp)) > 0
        covered = covered[: len(self._pieces)] & covered[self._per_word - 1 :]
        return distinct(self._pieces[covered])


def _is_name(word: bytes) -> bool:
    return len(word) >= LETTERS and not word[:1].isdigit() and (word.isascii() or len(word.decode()) >= LETTERS)


def _hashes(words: list[bytes]) -> Hashes:
    return np.fromiter(map(crc32, words), np.uint32, len(words)) & ~_TOLD


def _runs(letters: str, length: int) -> list[bytes]:
    return [letters[at : at + length].encode() for at in range(len(letters) - length + 1)]
