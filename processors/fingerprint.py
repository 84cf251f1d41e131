"""What is kept of a text to tell its copies: hashes of its shingles, of its numbers in their places, and digests.

Everything here is a pure function of the text. The hashes go into the changelog, so they come from CRC-32,
BLAKE2b and fixed arithmetic, never from Python's own `hash`.
"""

import re
import unicodedata
import zlib
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeVar

import numpy as np
from datasketch import MinHash
from numpy.typing import NDArray

Word = TypeVar("Word", np.uint32, np.uint64)

Hashes = NDArray[np.uint32]
"""Hashes of shingles: distinct, ascending."""
Slots = NDArray[np.uint64]
"""Numbers in their places: hash of the words around a number, shifted left by 32, plus hash of the number."""

VERSION = 1
"""Of everything in this file; another version's fingerprints cannot be compared with ours."""
SCHEME = "affine32"
"""datasketch's hashing scheme. Named, because its default has changed once and changelogs depend on it."""
MAX_SHINGLES = 32_768
"""Most shingle hashes kept of one text (128 KiB). A text at the poller's limit of 200,000 characters has about
33,000 words, so in practice all are kept; beyond, an evenly drawn part is."""
MAX_NUMBERS = 1_024
"""Most numbers kept of one text (8 KiB); more stand only in tables."""
ALL_BITS = 32
"""Width of a shingle hash."""

_FOREIGN = re.compile("[^\x00-\x7f]")
_ASCII_WORDS = bytes(
    ord(chr(byte).lower()) if chr(byte).isalnum() or byte in b"_" else ord(" ") for byte in range(128)
) + bytes(range(128, 256))
"""Translates UTF-8: ASCII letters to lower case, what is no word character to a space, the rest to itself."""
_UNSPACED = (
    (re.compile("[\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]+"), 2),
    (re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+"), 4),
)
"""Scripts written without spaces, and roughly how many characters make a word: Han and kana; Thai, Lao, Burmese
and Khmer, vowel signs counted."""
_BASE = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio, odd: spreads consecutive values
_MIX = np.uint64(0xD6E8FEB86659FD93)  # odd, from Pelle Evensen's rrmxmx mixer
_HALF = np.uint64(32)
_NINE = ord("9")  # digits come before all other word characters


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is kept of one version of an article."""

    words: int
    text: bytes
    """Digest of the text's words: equal digests, equal texts."""
    title: bytes
    """Digest of the title's words. The title takes no part in similarity: copies carry the headline of the house
    that prints them."""
    shingles: Hashes
    bits: int
    """Only hashes below 2**bits are kept: 32 for all, fewer for a text of more than MAX_SHINGLES shingles."""
    numbers: Slots

    def same_words(self, other: "Fingerprint") -> bool:
        """Whether text and title are the same, word for word."""
        return self.text == other.text and self.title == other.title


def words_of(text: str) -> list[bytes]:
    """The text's words, in UTF-8: runs of letters, digits and `_`, compatibility forms and case folded."""
    if not text.isascii():
        folded = unicodedata.normalize("NFKC", text).casefold()
        text = unicodedata.normalize("NFKC", folded)  # folding can leave decomposed characters behind
        # Once for each character that occurs: four times as fast as a regular expression with a word class.
        for char in set(_FOREIGN.findall(text)):
            if (becomes := _in_words(char)) != char:
                text = text.replace(char, becomes)
    return text.encode().translate(_ASCII_WORDS).split()


def _in_words(char: str) -> str:
    """What becomes of a character that is not ASCII: itself in a word, a space between words, nothing, a digit."""
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category == "Cf" or "\ufe00" <= char <= "\ufe0f":
        return ""  # soft hyphens, zero-width characters, direction marks, variation selectors: layout
    # Vowel signs are no word characters to `\\w`, which would cut Hindi into single consonants.
    return char if char.isalnum() or category in ("Mn", "Mc") else " "


def characters_per_word(words: list[bytes]) -> int:
    """How many characters make a word: 1 for text with spaces, whose words count as they are.

    More for text of which at least half the word characters belong to a script written without spaces. Such text
    is shingled by characters.
    """
    joined = b"".join(words)
    if joined.isascii():
        return 1
    letters = joined.decode()
    for script, per_word in _UNSPACED:
        if 2 * sum(map(len, script.findall(letters))) >= len(letters):
            return per_word
    return 1


class Fingerprinter:
    """Makes fingerprints and MinHash signatures.

    Args:
        shingle_words: words per shingle.
        permutations: length of a signature.
    """

    def __init__(self, shingle_words: int, permutations: int) -> None:
        self._shingle_words = shingle_words
        # The hash function is handed all hashes as one array: they are hashed already, and so nothing is looped
        # over in Python (86 against 131 µs for 400 shingles).
        self._blank = MinHash(num_perm=permutations, scheme=SCHEME, hashfunc=lambda hashes: hashes)
        self.made = f"{VERSION}/{SCHEME}/{permutations}/{shingle_words}"
        """Names everything that fingerprints and signatures depend on; others are not comparable."""

    def fingerprint(self, title: str, text: str) -> Fingerprint:
        """The fingerprint of an article."""
        words = words_of(text)
        per_word = characters_per_word(words)
        tokens = words if per_word == 1 else [char.encode() for char in b"".join(words).decode()]
        shingles, bits = _bounded(_shingles(tokens, self._shingle_words * per_word))
        return Fingerprint(
            words=-(-len(tokens) // per_word),
            text=_digest(tokens, 16),
            title=_digest(words_of(title), 8),
            shingles=shingles,
            bits=bits,
            numbers=_numbers(tokens),
        )

    def signature(self, fingerprint: Fingerprint) -> Hashes:
        """The MinHash signature of the kept shingles; none for an empty text, so that empty texts never meet."""
        if not len(fingerprint.shingles):
            return np.empty(0, np.uint32)
        minhash = self._blank.copy()
        minhash.update_batch([fingerprint.shingles])
        signature: Hashes = minhash.hashvalues
        return signature


def mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spreads every input bit over the upper half of the output, in place."""
    values ^= values >> _HALF
    values *= _MIX
    return values


def _digest(tokens: list[bytes], size: int) -> bytes:
    return blake2b(b" ".join(tokens), digest_size=size).digest()


def _shingles(tokens: list[bytes], width: int) -> Hashes:
    """Hashes of all runs of `width` tokens; a shorter text is one shingle, an empty one none."""
    if not tokens:
        return np.empty(0, np.uint32)
    hashes = np.fromiter(map(zlib.crc32, tokens), np.uint64, len(tokens))
    width = min(width, len(tokens))
    count = len(tokens) - width + 1
    rolled = np.zeros(count, np.uint64)
    for offset in range(width):
        rolled = rolled * _BASE + hashes[offset : offset + count]
    return _distinct((mix(rolled) >> _HALF).astype(np.uint32))


def _distinct(values: NDArray[Word]) -> NDArray[Word]:
    """The distinct values, ascending. numpy's `unique` takes four times as long for a few hundred."""
    values = np.sort(values)
    return values[np.concatenate(([True], values[1:] != values[:-1]))]


def _bounded(shingles: Hashes) -> tuple[Hashes, int]:
    """At most MAX_SHINGLES of the hashes, the smallest, and the number of bits that bounds them."""
    bits = ALL_BITS
    while len(shingles) > MAX_SHINGLES:
        bits -= 1
        shingles = below(shingles, bits)
    return shingles.copy() if bits < ALL_BITS else shingles, bits


def below(shingles: Hashes, bits: int) -> Hashes:
    """The hashes below 2**bits: the same even draw from every text."""
    if bits >= ALL_BITS:
        return shingles
    return shingles[: np.searchsorted(shingles, np.uint32(1 << bits))]


def _numbers(tokens: list[bytes]) -> Slots:
    """Each run of numbers with the two words before and behind it, other numbers there left blank."""
    found = [at for at, token in enumerate(tokens) if token[0] <= _NINE]
    if not found:
        return np.empty(0, np.uint64)
    blanked = [b"", b"", *tokens, b"", b""]
    for at in found:
        blanked[at + 2] = b"#"
    slots = []
    start = found[0]
    for here, following in zip(found, [*found[1:], -1], strict=True):
        if following == here + 1:
            continue
        around = b" ".join((*blanked[start : start + 2], *blanked[here + 3 : here + 5]))
        number = b" ".join(tokens[start : here + 1])
        slots.append(zlib.crc32(around) << 32 | zlib.crc32(number))
        start = following
    return _distinct(np.array(slots, np.uint64))[:MAX_NUMBERS]
