"""What the words of an article say: its words, its lead, its names, its numbers.

Four views of one text. The terms are counted here; what they weigh depends on the stream
(`processors.stories.weights`).
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from processors.stories.tokens import plain_words

TEXT_WORDS = 400
"""Words of the text that are read; later ones are background, other news and furniture."""
TEXT_CHARS = 2_800
"""Characters of the text that are looked at: so many words of seven characters, spaces included."""
LEAD_WORDS = 80
"""Words of the text that count as its lead."""
NAME_CHARS = 1_800
"""Characters of the text that are searched for names: some 300 words."""
TITLE_WEIGHT = 2
"""How often the title counts in words and lead: it says what the article is about."""
TERM_CHARS = 40
"""Longer terms are cut: hardly a word is that long, and it bounds what a term takes in memory."""
LONGEST_NAME = 6
"""Words of the longest name: a Headline In Capitals is not one name."""

# Possessive (`++`, `*+`): nothing is tried twice. Names and numbers begin with one character of their class, by
# which `re` finds them at once: half the time of \b and \d+, measured.
_WORD = re.compile(r"\w++(?:['’]\w++|[.,]\d++)*+")
_CAPITALS = "".join(letter for letter in map(chr, range(0x10000)) if letter.isupper())
_REST = r"\w*+(?:['’](?![sS]\b)\w++)*+"
_NAME = re.compile(rf"[{_CAPITALS}](?<=\b.){_REST}(?: [{_CAPITALS}]{_REST}){{0,{LONGEST_NAME - 1}}}+")
"""Capitalised words with nothing but a space between them: "Russia's President Putin" are two names."""
_NUMBER = re.compile(r"\d\d*+(?:[.,]\d++)*+")
_NO_NUMBER = bytes(byte if byte > 127 or chr(byte) in "0123456789.," else ord(" ") for byte in range(256))
"""Translates UTF-8: what is in no number to a space."""
_YEAR = re.compile(r"(?:19|20)\d\d")
_LETTER = "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
_UNSPACED = re.compile(_LETTER + _LETTER + _LETTER)
"""Three letters in a row of a script without spaces (Thai, Lao, Burmese, Khmer, kana, Han): a clause, no word."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The views: how often each term stands in them."""

    words: Mapping[str, int]
    lead: Mapping[str, int]
    """The first of `words`, and how often they stand in the lead."""
    names: Mapping[str, int]
    """Capitalised phrases, and the words they are made of."""
    numbers: tuple[str, ...]
    """Numbers of two or more digits, except years; each once."""
    spelling: Mapping[str, str]
    """How this article writes each of its names."""


def read(title: str, text: str) -> Terms:
    """The terms of an article."""
    title, text = title[:TEXT_CHARS], text[:TEXT_CHARS]
    titles = _words(title) * TITLE_WEIGHT
    words = _words(text)[:TEXT_WORDS]
    names = list(_names(f"{title}\n{text[:NAME_CHARS]}"))
    known = folded(names)
    return Terms(
        words=Counter(titles + words),
        lead=Counter(titles + words[:LEAD_WORDS]),
        names=Counter(known),
        numbers=tuple(dict.fromkeys(_numbers(f"{title}\n{text}"))),
        spelling=dict(zip(reversed(known), reversed(names), strict=True)),
    )


def _words(text: str) -> list[str]:
    """The words in their order; a clause of a script without spaces as the pairs of its neighbouring letters."""
    plain = plain_words(text, TERM_CHARS)
    if plain is not None:
        return plain
    words: list[str] = _WORD.findall(text)
    if _UNSPACED.search(text):
        words = [part for word in words for part in _parts(word)]
    return folded(words)


def _parts(word: str) -> Iterable[str]:
    return (word[i : i + 2] for i in range(len(word) - 1)) if _UNSPACED.search(word) else (word,)


def folded(terms: Sequence[str]) -> list[str]:
    """One form for all spellings of a term: "SYRIA’S" and "Syria" are "syria"."""
    if not terms:
        return []
    # at one go: most of the time that such small steps take is in the calls
    text = "\n".join([*terms, ""]).casefold().replace("’", "'").replace("'s\n", "\n")
    folded = text.split("\n")[:-1]
    return [term[:TERM_CHARS] for term in folded] if max(map(len, folded)) > TERM_CHARS else folded


def _names(text: str) -> Iterator[str]:
    """The names, and the words they are made of."""
    for name in _NAME.findall(text):
        yield name
        if " " in name:
            yield from name.split(" ")


def _numbers(text: str) -> Iterator[str]:
    # most characters are none of a number's, and are taken out at once: half the time
    text = b" ".join(text.encode("utf-8", "replace").translate(_NO_NUMBER).split()).decode()
    for number in _NUMBER.findall(text):
        plain = number.replace(",", "")[:TERM_CHARS]
        if sum(map(str.isdecimal, plain)) >= 2 and not _YEAR.fullmatch(plain):
            yield plain
