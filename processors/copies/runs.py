"""Hashes of runs: of characters, which make a word, and of words, which make a shingle.

A run is hashed as a polynomial modulo 2**64: the difference of two running sums, divided by the power of the base
at which it begins. So all runs of a text come from one sum, and nothing is looped over in Python.
"""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.uint64]

BASE = 0x9E3779B97F4A7C15
"""2**64 / golden ratio, odd, so that it has an inverse; large, so that runs of two characters fill 64 bits."""
TABLED = 32_768
"""Powers at hand (2 × 256 KiB): enough for 5,000 words of English. For a longer text they are computed again."""

_MIX = np.uint64(0xD6E8FEB86659FD93)  # odd, from Pelle Evensen's rrmxmx mixer
_HALF = np.uint64(32)


def mix(values: Values) -> Values:
    """Spreads every input bit over the upper half of the output, in place; no two values become one."""
    values ^= values >> _HALF
    values *= _MIX
    return values


def upper(values: Values) -> NDArray[np.uint32]:
    """The upper halves."""
    return (values >> _HALF).astype(np.uint32)


class Runs:
    """The runs of a sequence of values."""

    def __init__(self, values: NDArray[np.uint8] | Values) -> None:
        # The sum of all values before each place, each times the power of the base that belongs to its place.
        self._sums = np.zeros(len(values) + 1, np.uint64)
        terms = values.astype(np.uint64)
        terms *= _powers(_POWERS, len(values))
        np.cumsum(terms, out=self._sums[1:])

    def hashes(self, start: NDArray[np.intp], end: NDArray[np.intp]) -> Values:
        """The hashes of the runs from each of `start` to before each of `end`."""
        hashes = self._sums.take(end)
        hashes -= self._sums.take(start)
        hashes *= _powers(_INVERSE, len(self._sums)).take(start)
        return mix(hashes)

    def of_width(self, width: int) -> Values:
        """The hashes of all runs of so many values."""
        hashes = self._sums[width:] - self._sums[:-width]
        hashes *= _powers(_INVERSE, len(hashes))
        return mix(hashes)


def _table(base: int, count: int) -> Values:
    """The powers of a base, modulo 2**64, from 0 on."""
    powers = np.full(count, base, np.uint64)
    powers[:1] = 1
    return np.cumprod(powers, dtype=np.uint64)


def _powers(table: Values, count: int) -> Values:
    return table[:count] if count <= TABLED else _table(int(table[1]), count)


_POWERS = _table(BASE, TABLED)
_INVERSE = _table(pow(BASE, -1, 1 << 64), TABLED)
