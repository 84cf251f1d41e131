"""The words of ordinary English text, in less time than a regular expression for all scripts takes.

Most news is ASCII but for its quotation marks and dashes. Such text is cut at its spaces, and only the few words
with a point, a comma or an apostrophe in them are looked at: 75 instead of 130 µs for 450 words.
"""

import re
from itertools import filterfalse

_MARKS = "“”‘–—…"
"""Marks that are frequent in news, and in no word. With them and the apostrophe, 92 % of the texts of the stream
are plain; 10 % are ASCII."""
_WORD_CHARS = "_'.,"
_PLAIN = bytes(
    ord(char.lower()) if char.isalnum() or char in _WORD_CHARS else ord(" ") for char in map(chr, range(128))
) + bytes(128)
"""Translates ASCII: letters to lower case, what is in no word to a space."""
_RUN = b"x"
_RUNS = bytes(byte if byte == ord(" ") else ord(_RUN) for byte in range(256))
"""Translates all that is between two spaces to the same."""
_WORD = re.compile(r"\w++(?:'\w++|[.,]\d++)*+")


def plain_words(text: str, most: int) -> list[str] | None:
    """The words of a text in their order, in lower case, without a possessive 's, and cut to so many letters.

    None where the text is not plain.
    """
    if not text.isascii():
        text = text.replace("’", "'")
        for mark in _MARKS:
            text = text.replace(mark, " ")
        if not text.isascii():
            return None
    spaced = text.encode().translate(_PLAIN)
    words = spaced.replace(b", ", b" ").replace(b". ", b" ").decode().split()
    at = 0
    for odd in [*filterfalse(str.isalnum, words)]:
        at = words.index(odd, at)
        parts = [word.removesuffix("'s") for word in _WORD.findall(odd)]
        words[at : at + 1] = parts
        at += len(parts)
    if _RUN * (most + 1) in spaced.translate(_RUNS):  # quicker than to measure each
        return [word[:most] for word in words]
    return words
