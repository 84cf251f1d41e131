"""A text's words: runs of letters, digits and `_`, compatibility forms and case folded.

They come as UTF-8 with spaces between them, so that the numeric code need not loop over them.
"""

import re
import unicodedata
from functools import lru_cache

_ASCII = bytes(range(128))
_ASCII_WORDS = bytes(
    ord(chr(byte).lower()) if chr(byte).isalnum() or byte in b"_" else ord(" ") for byte in _ASCII
) + bytes(range(128, 256))
"""Translates UTF-8: ASCII letters to lower case, what is no word character to a space, the rest to itself."""
_UNSPACED = (
    (re.compile("[\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]+"), 2),
    (re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+"), 4),
)
"""Scripts written without spaces, and roughly how many characters make a word: Han and kana; Thai, Lao, Burmese
and Khmer, vowel signs counted."""


def words_of(text: str) -> list[bytes]:
    """The text's words, in UTF-8."""
    return spaced_words(text).split()


def spaced_words(text: str) -> bytes:
    """The text's words, in UTF-8, with one space or more between them, and perhaps at the ends."""
    content = text.encode()
    if not content.isascii():
        content = _without_forms(text).encode()
    return content.translate(_ASCII_WORDS)


def characters_per_word(spaced: bytes) -> int:
    """How many characters make a word: 1 for text with spaces, whose words count as they are.

    More for text of which at least half the word characters belong to a script written without spaces. Such text
    is shingled by characters.
    """
    if spaced.isascii():
        return 1
    letters = spaced.translate(None, b" ").decode()
    for script, per_word in _UNSPACED:
        if 2 * sum(map(len, script.findall(letters))) >= len(letters):
            return per_word
    return 1


def _without_forms(text: str) -> str:
    """The text with its characters that are not ASCII as they stand in words."""
    alone = {char: _alone(char) for char in _foreign(text)}
    if None in alone.values():
        folded = unicodedata.normalize("NFKC", text).casefold()
        text = unicodedata.normalize("NFKC", folded)  # folding can leave decomposed characters behind
        alone = {char: _in_words(char) for char in _foreign(text)}
    # Once for each character that occurs: four times as fast as a regular expression with a word class.
    for char, becomes in alone.items():
        if becomes is not None and becomes != char:
            text = text.replace(char, becomes)
    return text


def _foreign(text: str) -> set[str]:
    """The characters that are not ASCII."""
    return set(text.encode().translate(None, _ASCII).decode())


@lru_cache(maxsize=16_384)
def _alone(char: str) -> str | None:
    """What becomes of a character whatever stands beside it; None for one that can join with its neighbours.

    Normalising and folding the whole text takes three times as long, and most news would need it for their quotes
    and dashes alone.
    """
    form = unicodedata.normalize("NFKC", char)
    folded = unicodedata.normalize("NFKC", form.casefold())
    if any(map(_joins, char + form + folded)):
        return None
    return "".join(c if c.isascii() else _in_words(c) for c in folded)


def _joins(char: str) -> bool:
    """Whether a character composes with the one before it: marks, and the later letters of Korean syllables."""
    mark = unicodedata.category(char).startswith("M") and not "\ufe00" <= char <= "\ufe0f"
    return mark or "\u1161" <= char <= "\u1175" or "\u11a8" <= char <= "\u11c2"


def _in_words(char: str) -> str:
    """What becomes of a character that is not ASCII: itself in a word, a space between words, nothing, a digit."""
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category == "Cf" or "\ufe00" <= char <= "\ufe0f":
        return ""  # soft hyphens, zero-width characters, direction marks, variation selectors: layout
    # Vowel signs are no word characters to `\\w`, which would cut Hindi into single consonants.
    return char if char.isalnum() or category in ("Mn", "Mc") else " "
