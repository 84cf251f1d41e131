"""What the words of an article say: its words, its lead, its names, its numbers.

Four views of one text. The terms are counted here; what they weigh depends on the stream (`processors.weights`).
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

TEXT_WORDS = 400
"""Words of the text that are read; later ones are background, other news and furniture."""
TEXT_CHARS = 4_800
"""Characters of the text that are looked at: room for so many words of twelve characters, spaces included."""
LEAD_WORDS = 80
"""Words of the text that count as its lead."""
NAME_WORDS = 300
"""Words of the text that are searched for names."""
TITLE_WEIGHT = 2
"""How often the title counts in words and lead: it says what the article is about."""
TERM_CHARS = 40
"""Longer terms are cut: hardly a word is that long, and it bounds what a term takes in memory."""
LONGEST_NAME = 6
"""Words of the longest name: a Headline In Capitals is not one name."""

_NUMBER = r"\d+(?:[.,]\d+)*"
_TOKEN = re.compile(
    rf"([\W_]*)({_NUMBER}(?![^\W_])|[^\W_]+(?:['’](?!s\b)[^\W\d_]+)*)(['’]s\b)?", re.IGNORECASE
)
"""What stands before a word, the word, and the ending of its possessive."""
_LEADING_NUMBER = re.compile(_NUMBER)
_YEAR = re.compile(r"(?:19|20)\d\d")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]{3}"
)
"""Three letters in a row of a script without spaces (Thai, Lao, Burmese, Khmer, kana, Han): a clause, no word."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The views: how often each term stands in them."""

    words: Mapping[str, int]
    lead: Mapping[str, int]
    """A part of `words`."""
    names: Mapping[str, int]
    """Capitalised phrases, and the words they are made of."""
    numbers: Sequence[str]
    """Numbers of two or more digits, except years; each once."""
    spelling: Mapping[str, str]
    """How this article writes each of its names."""


def read(title: str, text: str) -> Terms:
    """The terms of an article."""
    head = _tokens(title[:TEXT_CHARS])
    body = _tokens(text[:TEXT_CHARS])[:TEXT_WORDS]
    titles = _fold(token.word for token in head)
    words = _fold(token.word for token in body)
    names = [*_names(head), *_names(body[:NAME_WORDS])]
    folded = _fold(names)
    return Terms(
        words=Counter(titles * TITLE_WEIGHT + words),
        lead=Counter(titles * TITLE_WEIGHT + words[:LEAD_WORDS]),
        names=Counter(folded),
        numbers=tuple(dict.fromkeys(_numbers(titles + words))),
        spelling=dict(zip(reversed(folded), reversed(names), strict=True)),
    )


class _Token(NamedTuple):
    before: str
    word: str
    possessive: str


def _tokens(text: str) -> list[_Token]:
    """The words in their order; a clause of a script without spaces as the pairs of its neighbouring letters."""
    tokens = list(map(_Token._make, _TOKEN.findall(text)))
    if text.isascii() or not _UNSPACED.search(text):
        return tokens
    return [part for token in tokens for part in _parts(token)]


def _parts(token: _Token) -> Iterable[_Token]:
    word = token.word
    if not _UNSPACED.search(word):
        return (token,)
    return (_Token("", word[i : i + 2], "") for i in range(len(word) - 1))


def _fold(terms: Iterable[str]) -> list[str]:
    """One form for all spellings of a term: "SYRIA" and "Syria" are "syria"."""
    folded = "\n".join(terms).replace("’", "'").casefold()  # at one go: most of the time it takes is in the calls
    return [term[:TERM_CHARS] for term in folded.split("\n")] if folded else []


def _names(tokens: Iterable[_Token]) -> Iterator[str]:
    """Runs of capitalised words with nothing but a space between them, and each word of them.

    "Russia's President Putin" are two names.
    """
    run: list[str] = []
    for before, word, possessive in tokens:
        if word[0].isupper():
            if run and (before != " " or len(run) == LONGEST_NAME):
                yield from _name(run)
                run = []
            run.append(word)
            if not possessive:
                continue
        if run:
            yield from _name(run)
            run = []
    yield from _name(run)


def _name(run: list[str]) -> Iterable[str]:
    return [*run, " ".join(run)] if len(run) > 1 else run


def _numbers(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        if word[0].isdecimal() and (number := _LEADING_NUMBER.match(word)):
            plain = number[0].replace(",", "")
            if sum(map(str.isdecimal, plain)) >= 2 and not _YEAR.fullmatch(plain):
                yield plain
