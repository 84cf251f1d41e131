"""What the words of an article say: its words, its lead, its names, its numbers.

Four views of one text. The terms are counted here; what they weigh depends on the stream (`processors.weights`).
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

TEXT_WORDS = 400
"""Words of the text that are read; later ones are background, other news and furniture."""
LEAD_WORDS = 80
"""Words of the text that count as its lead."""
NAME_WORDS = 300
"""Words of the text that are searched for names."""
TITLE_WEIGHT = 2
"""How often the title counts in words and lead: it says what the article is about."""
TERM_CHARS = 40
"""Longer terms are cut: hardly a word is that long, and it bounds what a term takes in memory."""
NAME_WORDS_MAX = 6
"""Longer names are cut: a Headline In Capitals is not one name."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)*")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
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
    numbers: Iterable[str]
    """Numbers of two or more digits, except years; each once."""
    spelling: Mapping[str, str]
    """How this article writes each of its names."""


def read(title: str, text: str) -> Terms:
    """The terms of an article."""
    head = list(_tokens(title))
    body = list(islice(_tokens(text), TEXT_WORDS))
    titles = [_fold(token) for token, _ in head] * TITLE_WEIGHT
    words = [_fold(token) for token, _ in body]
    names = [*_names(title, head), *_names(text, body[:NAME_WORDS])]
    end = body[-1][1] if body else 0
    return Terms(
        words=Counter(titles + words),
        lead=Counter(titles + words[:LEAD_WORDS]),
        names=Counter(_fold(name) for name in names),
        numbers=dict.fromkeys(_numbers(f"{title}\n{text[:end]}")),
        spelling={_fold(name): name for name in reversed(names)},
    )


_Token = tuple[str, int]  # as it is written, and where it ends


def _tokens(text: str) -> Iterator[_Token]:
    """The words in their order; a clause of a script without spaces as the pairs of its neighbouring letters."""
    for match in _WORD.finditer(text):
        token, end = match[0], match.end()
        if token.isascii() or not _UNSPACED.search(token):
            yield token, end
        else:
            start = match.start()
            for i in range(len(token) - 1):
                yield token[i : i + 2], start + i + 2


def _fold(term: str) -> str:
    """One form for all spellings of a term: "Syria’s" and "SYRIA" are "syria"."""
    return term.replace("’", "'").casefold().removesuffix("'s")[:TERM_CHARS]


def _names(text: str, tokens: Iterable[_Token]) -> Iterator[str]:
    """Runs of capitalised words with nothing but a space between them, and each word of them."""
    run: list[str] = []
    last = -1
    for token, end in tokens:
        if not token[0].isupper():
            continue
        start = end - len(token)
        if start - last != 1 or text[last] != " " or len(run) == NAME_WORDS_MAX:
            yield from _name(run)
            run = []
        run.append(token)
        last = end
    yield from _name(run)


def _name(run: list[str]) -> Iterable[str]:
    return [*run, " ".join(run)] if len(run) > 1 else run


def _numbers(text: str) -> Iterator[str]:
    for number in _NUMBER.findall(text):
        plain = number.replace(",", "")[:TERM_CHARS]
        if sum(map(str.isdigit, plain)) >= 2 and not _YEAR.fullmatch(plain):
            yield plain
