"""A text as numbers: a hash for each of its words, in their order.

Text of a script written without spaces is read by its characters.
"""

import numpy as np
from numpy.typing import NDArray

from processors.copies.runs import Runs, Values, mix, upper
from processors.copies.words import characters_per_word, spaced_words

Flags = NDArray[np.bool_]

_SPACE = ord(" ")
_NINE = ord("9")  # digits come before all other word characters


class Reading:
    """The tokens of a text: its words, or its characters where it has no words."""

    def __init__(self, text: str) -> None:
        spaced = spaced_words(text)
        self.per_word = characters_per_word(spaced)
        """Tokens that make a word."""
        self.letters = b" %b " % spaced if self.per_word == 1 else spaced.translate(None, b" ")
        """In UTF-8: the words, with spaces around each, or the characters."""
        self.tokens, self.numbers = (_words if self.per_word == 1 else _characters)(self.letters)
        """Their hashes, and which of them are numbers."""
        self.runs = Runs(self.tokens)

    @property
    def words(self) -> int:
        """How many words; for text without spaces, roughly."""
        return -(-len(self.tokens) // self.per_word)

    def width(self, words: int) -> int:
        """How many tokens make a shingle of so many words; a shorter text is one shingle."""
        return min(words * self.per_word, len(self.tokens))

    def shingles(self, words: int) -> NDArray[np.uint32]:
        """The hashes of all runs of so many words, in their order; none for an empty text."""
        width = self.width(words)
        return upper(self.runs.of_width(width)) if width else np.empty(0, np.uint32)


def _words(letters: bytes) -> tuple[Values, Flags]:
    """The hashes of words with spaces around them, and which of them are numbers."""
    characters = np.frombuffer(letters, np.uint8)
    starts, ends = stretches(characters != _SPACE)
    return Runs(characters).hashes(starts, ends), characters.take(starts) <= _NINE


def _characters(letters: bytes) -> tuple[Values, Flags]:
    """The hashes of characters, and which of them are digits."""
    points = np.frombuffer(letters.decode().encode("utf-32-le"), "<u4").astype(np.uint64)
    return mix(points.copy()), points <= _NINE


def stretches(flags: Flags) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where the runs of set flags begin, and where they have ended. The first and the last flag are not set."""
    edges = (flags[1:] != flags[:-1]).nonzero()[0] + 1
    return edges[::2], edges[1::2]
