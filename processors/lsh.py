"""Candidates: which kept texts are worth comparing with a new one.

Two kinds of key, both short-lived hints: a candidate counts for nothing until its shingles have been compared.

- *Bands* of the MinHash signature find texts that share a good part of all their shingles (Jaccard).
- *Samples*, the shingles whose hash is small, find a short text inside a long one, whose Jaccard similarity is too
  low for bands. The same shingles are drawn from every text, so shared text shares samples.
"""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from processors.fingerprint import Fingerprint, Hashes, below, mix

SAMPLE_BITS = 29
"""Hashes below 2**29 are samples: one shingle in eight. A text of 50 words has none with probability 0.2 %."""
RECALL = 0.95
"""Least share of the pairs at the near-duplicate threshold that a banding must find to be accepted."""

_ODD = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio
_TOP = np.uint32(1 << 31)


def recall(jaccard: float, bands: int, rows: int) -> float:
    """Probability that texts of this similarity agree in all rows of some band."""
    return float(1 - (1 - jaccard**rows) ** bands)


class Candidates:
    """Makes an article's keys, and reads from the keys found which articles to compare.

    Args:
        permutations: length of the signatures.
        rows: rows per band.
        jaccard: the similarity that must be found.
        containment: the share of a shorter text in a longer one that must be found.

    Raises:
        ValueError: the bands would miss too many of the pairs at `jaccard`; names the settings that would do.
    """

    def __init__(self, permutations: int, rows: int, jaccard: float, containment: float) -> None:
        self._rows, self._bands = rows, permutations // rows
        found = recall(jaccard, self._bands, rows)
        if found < RECALL:
            enough = [r for r in range(1, rows) if recall(jaccard, permutations // r, r) >= RECALL]
            remedy = f"set rows to at most {max(enough)}" if enough else "raise permutations"
            raise ValueError(
                f"dedup: {permutations} permutations in bands of {rows} rows find {found:.0%} of the pairs at "
                f"near_jaccard {jaccard}, at least {RECALL:.0%} are needed: {remedy}"
            )
        # Half the containment looked for: of n samples of the shorter text n * containment are expected to be
        # shared, and for small n often fewer are.
        self._shared = containment / 2
        powers = np.cumprod(np.full(rows + self._bands, _ODD))  # modulo 2**64, all odd
        self._weights, self._salts = powers[:rows], powers[rows:]

    def keys(self, fingerprint: Fingerprint, signature: Hashes) -> NDArray[np.uint32]:
        """The bands' keys (31 bits), then the samples (with the top bit set); none for an empty text."""
        if not len(signature):
            return np.empty(0, np.uint32)
        rows = signature[: self._bands * self._rows].reshape(self._bands, self._rows).astype(np.uint64)
        mixed = mix((rows * self._weights).sum(axis=1) + self._salts)
        bands = (mixed >> np.uint64(33)).astype(np.uint32)
        return np.concatenate((bands, samples(fingerprint) | _TOP))

    def split(self, positions: NDArray[np.intp], slots: NDArray[np.uint32]) -> tuple[set[int], dict[int, int]]:
        """Slots that share a band, and for slots that share samples how many, from what an index found."""
        in_band = positions < self._bands
        return set(slots[in_band].tolist()), Counter(slots[~in_band].tolist())

    def enough(self, shared: int, fewer: int) -> bool:
        """Whether so many shared samples call for a comparison, when the shorter text has `fewer` samples."""
        return shared >= max(1, int(self._shared * fewer))


def samples(fingerprint: Fingerprint) -> Hashes:
    """The shingles that stand for the text in the index."""
    return below(fingerprint.shingles, SAMPLE_BITS)
