"""Sets of hashes: arrays of distinct values in ascending order."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Word = TypeVar("Word", np.uint32, np.uint64)
Hashes = NDArray[np.uint32]

ALL_BITS = 32
"""Width of a hash."""
NO_HASHES = np.empty(0, np.uint32)


def distinct(values: NDArray[Word]) -> NDArray[Word]:
    """The set of some values. numpy's `unique` takes four times as long for a few hundred."""
    values = np.sort(values)
    first = np.empty(len(values), bool)
    first[:1] = True
    np.not_equal(values[1:], values[:-1], out=first[1:])
    return values[first]


def below(hashes: Hashes, bits: int) -> Hashes:
    """The hashes below 2**bits: the same even draw from every set."""
    if bits >= ALL_BITS:
        return hashes
    return hashes[: hashes.searchsorted(np.uint32(1 << bits))]


def shared(a: NDArray[Word], b: NDArray[Word]) -> NDArray[Word]:
    """The values that are in both sets: merged, they are neighbours."""
    merged = np.sort(np.concatenate((a, b)), kind="stable")
    both: NDArray[Word] = merged[1:][merged[1:] == merged[:-1]]
    return both


def among(values: NDArray[Word], of: NDArray[Word]) -> NDArray[np.bool_]:
    """Which of some values, in any order and number, are in a set."""
    if not len(of):
        return np.zeros(len(values), bool)
    found: NDArray[np.bool_] = of.take(of.searchsorted(values), mode="clip") == values
    return found


def without(a: NDArray[Word], b: NDArray[Word]) -> NDArray[Word]:
    """The values of one set that are not in the other."""
    return a[~among(a, b)]
