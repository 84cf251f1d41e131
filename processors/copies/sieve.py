"""Which keys an index may hold: a Bloom filter, which answers "surely not" for 99 of 100 that it does not.

Nearly all keys of a new text stand in no index. Without them, most searches are not made at all.
"""

import numpy as np
from numpy.typing import NDArray

from processors.copies.runs import BASE

BITS_PER_KEY = 12
"""At the least: a sieve is made for twice the keys there are. Of other keys 0.25 % pass at first, 1.3 % at last.
An article of 400 words has 92 keys, which take some 200 bytes."""
LEAST_ROOM = 5_000
"""Keys that the first sieve has room for: 55 articles, in 8 KiB."""

_ODD = np.uint64(BASE)
_BELOW = np.uint64(20)
_KEY = np.uint64(32)
_PATTERNS = np.bitwise_or.reduce(np.uint64(1) << np.random.RandomState(1).randint(0, 64, (4, 4_096), np.uint64))
"""Four bits of a word, 4,096 times. All bits of a key stand in one word: a look-up is one access to memory."""


class Keys:
    """Distinct keys below 2**32, and where sieves look for them."""

    def __init__(self, values: NDArray[np.uint64]) -> None:
        spread = (values * _ODD >> _BELOW).view(np.intp)  # 32 bits for the word, 12 for the pattern
        self.shifted = values << _KEY
        self.words = spread >> 12
        self.patterns = _PATTERNS.take(spread & 4_095)

    def __len__(self) -> int:
        return len(self.shifted)


NONE = Keys(np.empty(0, np.uint64))


class Sieve:
    """Remembers four bits of each key.

    Args:
        room: how many keys it must have room for.
    """

    def __init__(self, room: int) -> None:
        words = max(LEAST_ROOM, room) * BITS_PER_KEY // 64
        self._words = np.zeros(1 << (words - 1).bit_length(), np.uint64)
        self._room = len(self._words) * 64 // BITS_PER_KEY

    @property
    def full(self) -> bool:
        """Whether it holds more keys than it has room for, and so lets too many others pass."""
        return self._room < 0

    def add(self, keys: Keys) -> None:
        """Let these keys pass."""
        np.bitwise_or.at(self._words, keys.words & len(self._words) - 1, keys.patterns)
        self._room -= len(keys)

    def passing(self, keys: Keys) -> NDArray[np.intp]:
        """The positions of the keys that may have been entered; all that were are among them."""
        words = self._words.take(keys.words & len(self._words) - 1)
        passing: NDArray[np.intp] = (words & keys.patterns == keys.patterns).nonzero()[0]
        return passing
