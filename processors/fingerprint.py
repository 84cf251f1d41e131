"""What is kept of a text to tell its copies: hashes of its shingles, of its numbers in their places, and digests.

Everything here is a pure function of the text. The hashes go into the changelog, so they come from BLAKE2b and
fixed arithmetic, never from Python's own `hash`.
"""

from hashlib import blake2b
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from processors.runs import BASE, Runs, Values, mix, upper
from processors.signature import SCHEME, Signature, Signatures
from processors.words import characters_per_word, spaced_words, words_of

Word = TypeVar("Word", np.uint32, np.uint64)

Flags = NDArray[np.bool_]
Hashes = NDArray[np.uint32]
"""Hashes of shingles: distinct, ascending."""
Slots = NDArray[np.uint64]
"""Numbers in their places: hash of the words around a number, shifted left by 32, plus hash of the number."""

VERSION = 2
"""Of everything that makes a fingerprint; another version's cannot be compared with ours."""
MAX_SHINGLES = 32_768
"""Most shingle hashes kept of one text (128 KiB). A text at the poller's limit of 200,000 characters has about
33,000 words, so in practice all are kept; beyond, an evenly drawn part is."""
MAX_NUMBERS = 1_024
"""Most numbers kept of one text (8 KiB); more stand only in tables."""
ALL_BITS = 32
"""Width of a shingle hash."""

_BASE = np.uint64(BASE)
_SQUARE = np.uint64(BASE * BASE % 2**64)
_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFF_FFFF)
_SPACE = ord(" ")
_NINE = ord("9")  # digits come before all other word characters
_NUMBER = np.uint64(1)  # stands for any number beside another one; next to no word has this hash


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
        spaced = spaced_words(text)
        per_word = characters_per_word(spaced)
        tokens, numbers = _words(spaced) if per_word == 1 else _characters(spaced)
        runs = Runs(tokens)
        shingles, bits = _bounded(_shingles(runs, self._shingle_words * per_word, len(tokens)))
        return Fingerprint(
            words=-(-len(tokens) // per_word),
            text=_digest(tokens.astype("<u8", copy=False).tobytes(), 16),
            title=_digest(b" ".join(words_of(title)), 8),
            hashes=shingles.astype("<u4", copy=False).tobytes(),
            bits=bits,
            places=_numbers(tokens, runs, numbers).astype("<u8", copy=False).tobytes(),
        )

    def signature(self, fingerprint: Fingerprint) -> Signature:
        """The MinHash signature of the kept shingles; none for an empty text."""
        return self._signatures.of(fingerprint.shingles)


def _digest(content: bytes, size: int) -> bytes:
    return blake2b(content, digest_size=size).digest()


def _words(spaced: bytes) -> tuple[Values, Flags]:
    """The hashes of a text's words, and which of them are numbers."""
    characters = np.frombuffer(b" %b " % spaced, np.uint8)
    starts, ends = _stretches(characters != _SPACE)
    return Runs(characters).hashes(starts, ends), characters.take(starts) <= _NINE


def _characters(spaced: bytes) -> tuple[Values, Flags]:
    """The hashes of a text's word characters, and which of them are digits."""
    letters = spaced.translate(None, b" ").decode()
    points = np.frombuffer(letters.encode("utf-32-le"), "<u4").astype(np.uint64)
    return mix(points.copy()), points <= _NINE


def _stretches(flags: Flags) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where the runs of set flags begin, and where they have ended. The first and the last flag are not set."""
    edges = (flags[1:] != flags[:-1]).nonzero()[0] + 1
    return edges[::2], edges[1::2]


def _shingles(runs: Runs, width: int, tokens: int) -> Hashes:
    """Hashes of all runs of `width` tokens; a shorter text is one shingle, an empty one none."""
    return distinct(upper(runs.of_width(min(width, tokens)))) if tokens else np.empty(0, np.uint32)


def distinct(values: NDArray[Word]) -> NDArray[Word]:
    """The distinct values, ascending. numpy's `unique` takes four times as long for a few hundred."""
    values = np.sort(values)
    first = np.empty(len(values), bool)
    first[:1] = True
    np.not_equal(values[1:], values[:-1], out=first[1:])
    return values[first]


def _bounded(shingles: Hashes) -> tuple[Hashes, int]:
    """At most MAX_SHINGLES of the hashes, the smallest, and the number of bits that bounds them."""
    bits = ALL_BITS
    while len(shingles) > MAX_SHINGLES:
        bits -= 1
        shingles = below(shingles, bits)
    return shingles, bits


def below(shingles: Hashes, bits: int) -> Hashes:
    """The hashes below 2**bits: the same even draw from every text."""
    if bits >= ALL_BITS:
        return shingles
    return shingles[: shingles.searchsorted(np.uint32(1 << bits))]


def _numbers(tokens: Values, runs: Runs, flags: Flags) -> Slots:
    """Each run of numbers with the two words before and behind it, other numbers there left blank."""
    framed = np.zeros(len(tokens) + 2, bool)
    framed[1:-1] = flags
    starts, ends = _stretches(framed)
    if not len(starts):
        return np.empty(0, np.uint64)
    blanked = np.zeros(len(tokens) + 4, np.uint64)
    blanked[2:-2] = np.where(flags, _NUMBER, tokens)
    pairs = blanked[:-1] * _BASE + blanked[1:]
    # `starts` and `ends` count the frame before the first token, and the pairs two blanks before it.
    around = mix(pairs.take(starts - 1) * _SQUARE + pairs.take(ends + 1))
    numbers = runs.hashes(starts - 1, ends - 1)
    return distinct(around & ~_LOW | numbers >> _HALF)[:MAX_NUMBERS]
