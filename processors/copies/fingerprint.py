"""What is kept of an article to tell its copies: hashes of the text's shingles, of the numbers in their places, of
the words that its headline names, and digests.

Everything here is a pure function of title and text. The hashes go into the changelog, so they come from BLAKE2b,
CRC-32 and fixed arithmetic, never from Python's own `hash`.
"""

from hashlib import blake2b

import msgspec
import numpy as np
from numpy.typing import NDArray

from processors.copies.reading import Reading, stretches
from processors.copies.runs import BASE, mix
from processors.copies.sets import ALL_BITS, Hashes, below, distinct
from processors.copies.signature import SCHEME, Signature, Signatures
from processors.copies.subject import Headline, packed
from processors.copies.words import words_of

Slots = NDArray[np.uint64]
"""Numbers in their places: hash of the words beside a number, shifted left by 32, plus hash of the number."""

VERSION = 3
"""Of everything that makes a fingerprint; another version's cannot be compared with ours."""
MAX_SHINGLES = 32_768
"""Most shingle hashes kept of one text (128 KiB). A text at the poller's limit of 200,000 characters has about
33,000 words, so in practice all are kept; beyond, an evenly drawn part is."""
MAX_PLACES = 2_048
"""Most places of numbers kept of one text (16 KiB); more stand only in tables."""

_BASE = np.uint64(BASE)
_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFF_FFFF)
_NUMBER = np.uint64(1)  # stands for any number beside another one; next to no word has this hash
_BEHIND = np.uint64(BASE >> 32 | 1)  # tells the words behind a number from the same words before it


class Fingerprint(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is kept of one version of an article, in memory and in the changelog.

    Arrays are kept as little-endian bytes, which is what the changelog holds, and 110 bytes less than numpy's.
    """

    words: int
    text: bytes
    """Digest of the text's words: equal digests, equal texts."""
    title: bytes
    """Digest of the title's words. The title takes no part in similarity: copies carry the headline of the house
    that prints them."""
    names: bytes
    """The words that the title names."""
    hashes: bytes
    """Hashes of the shingles."""
    bits: int
    """Only hashes below 2**bits are kept: 32 for all, fewer for a text of more than MAX_SHINGLES shingles."""
    places: bytes
    """The numbers in their places."""

    @property
    def shingles(self) -> Hashes:
        """The hashes as an array."""
        return np.frombuffer(self.hashes, "<u4")

    @property
    def headline(self) -> Headline:
        """What the title names."""
        return Headline.unpacked(self.names)

    @property
    def numbers(self) -> Slots:
        """The numbers as an array."""
        return np.frombuffer(self.places, "<u8")

    def same_words(self, other: "Fingerprint") -> bool:
        """Whether text and title are the same, word for word."""
        return self.text == other.text and self.title == other.title


class Fingerprinter:
    """Makes fingerprints and MinHash signatures.

    Args:
        shingle_words: words per shingle.
        permutations: length of a signature.
    """

    def __init__(self, shingle_words: int, permutations: int) -> None:
        self._shingle_words = shingle_words
        self._signatures = Signatures(permutations)
        self.made = f"{VERSION}/{SCHEME}/{permutations}/{shingle_words}"
        """Names everything that fingerprints and signatures depend on; others are not comparable."""

    def fingerprint(self, title: str, text: str) -> Fingerprint:
        """The fingerprint of an article."""
        reading = Reading(text)
        shingles, bits = _bounded(distinct(reading.shingles(self._shingle_words)))
        return Fingerprint(
            words=reading.words,
            text=_digest(reading.tokens.astype("<u8", copy=False).tobytes(), 16),
            title=_digest(b" ".join(words_of(title)), 8),
            names=packed(title, reading),
            hashes=shingles.astype("<u4", copy=False).tobytes(),
            bits=bits,
            places=_numbers(reading).astype("<u8", copy=False).tobytes(),
        )

    def signature(self, fingerprint: Fingerprint) -> Signature:
        """The MinHash signature of the kept shingles; none for an empty text."""
        return self._signatures.of(fingerprint.shingles)


def _digest(content: bytes, size: int) -> bytes:
    return blake2b(content, digest_size=size).digest()


def _bounded(shingles: Hashes) -> tuple[Hashes, int]:
    """At most MAX_SHINGLES of the hashes, the smallest, and the number of bits that bounds them."""
    bits = ALL_BITS
    while len(shingles) > MAX_SHINGLES:
        bits -= 1
        shingles = below(shingles, bits)
    return shingles, bits


def _numbers(reading: Reading) -> Slots:
    """Each run of numbers twice: with the two words before it, and with the two behind it; other numbers there are
    left blank. Twice, because an editor, or another day, changes a word on one side of most: rose, fell."""
    tokens, flags = reading.tokens, reading.numbers
    framed = np.zeros(len(tokens) + 2, bool)
    framed[1:-1] = flags
    starts, ends = stretches(framed)
    if not len(starts):
        return np.empty(0, np.uint64)
    blanked = np.zeros(len(tokens) + 4, np.uint64)
    blanked[2:-2] = np.where(flags, _NUMBER, tokens)
    pairs = blanked[:-1] * _BASE + blanked[1:]
    # `starts` and `ends` count the frame before the first token, and the pairs two blanks before it.
    beside = mix(np.concatenate((pairs.take(starts - 1), pairs.take(ends + 1) * _BASE + _BEHIND)))
    numbers = reading.runs.hashes(starts - 1, ends - 1)
    numbers = np.concatenate((numbers, numbers))
    return distinct(beside & ~_LOW | numbers >> _HALF)[:MAX_PLACES]
