"""The words that tell a story from others: its distinctive terms and names, as people write them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from processors.encoding.vectors import SCALE
from processors.stories.evidence import whole
from processors.stories.rows import Row
from processors.stories.vocabulary import Vocabulary

TOLD = 6
"""Names, and terms, that are told of a story."""
LOOKED_AT = 16
"""The heaviest of each that are looked at: parts of longer names, and words that are names, are not told twice."""
TEXTS = 12
"""The newest texts that are looked at: what a story is about now, in at most 0.2 ms."""
LEAST = 0.05
"""What a keyword weighs at least, on average over the texts, each of which is a unit vector. Read on the stream:
what weighs 0.05 is "majority" or "federal", what weighs 0.03 is "while" or "like"."""
LONGEST_NAME = 4
"""Words of the longest name that is told; a longer one is a Headline In Capitals."""

_NO_NAMES = frozenset(
    """i'm i've i'd i'll monday tuesday wednesday thursday friday saturday sunday january february march april may
    june july august september october november december jan feb mar apr jun jul aug sept oct nov dec""".split()
)
"""Written like names in English, and names of nothing in the news."""

_WEIGHT_BITS, _COLUMN_BITS = 16, 32
_WEIGHT, _COLUMN = (1 << _WEIGHT_BITS) - 1, (1 << _COLUMN_BITS) - 1
_NAME = 1 << _COLUMN_BITS

Whole = NDArray[np.int64]


class Keywords(NamedTuple):
    """What tells a story from others, the most telling first; names in one form for all their spellings."""

    terms: Sequence[str]
    names: Sequence[str]


def keywords(rows: Sequence[Row], vocabulary: Vocabulary) -> Keywords:
    """The keywords of texts: what weighs most in all of them together, and stands in two of them at least.

    What stands in one of them alone is that reporter's word, however rare it is; so a single text has none.
    """
    rows = rows[-TEXTS:]
    entries = _entries(rows)
    found = entries >> _WEIGHT_BITS
    first = np.ones(len(found) + 1, np.bool_)
    np.not_equal(found[1:], found[:-1], out=first[1:-1])
    ends = np.flatnonzero(first)
    starts = ends[:-1]
    found, sums = found[starts], np.add.reduceat(entries & _WEIGHT, starts)
    telling = (ends[1:] - starts >= 2) & (sums >= LEAST * SCALE * len(rows))
    found, sums = found[telling], sums[telling]
    names = int(found.searchsorted(_NAME))
    words = _most(found[:names], sums[:names], vocabulary)
    return _told_once(words, _most(found[names:] & _COLUMN, sums[names:], vocabulary), vocabulary)


def spelled(name: str, *spellings: Mapping[str, str]) -> str:
    """How people write a name: as the first of these spellings has it that is more than capitals.

    Without any, each word of it with a capital, as most names are written.
    """
    known = [spelling[name] for spelling in spellings if name in spelling]
    return next((each for each in known if not each.isupper()), known[0] if known else name.title())


def _entries(rows: Sequence[Row]) -> Whole:
    """The words of all rows and behind them the names, sorted: each entry a column and its weight in one number.

    That is the fastest way to bring equal columns together: 25 µs for the words and names of four texts.
    """
    of = [row.features for row in rows]
    parts = [(one, one.words) for one in of] + [(one, one.names) for one in of]
    columns = [one.columns[view] for one, view in parts]
    entries = np.concatenate(columns).astype(np.int64)
    entries[sum(map(len, columns[: len(of)])) :] |= _NAME
    entries <<= _WEIGHT_BITS
    entries |= np.concatenate([one.weights[view] for one, view in parts])
    entries.sort()
    return entries


def _most(columns: Whole, sums: Whole, vocabulary: Vocabulary) -> list[str]:
    """Equal ones: in alphabetical order."""
    rest = len(sums) - LOOKED_AT
    if rest > 0:
        heavy = sums >= np.partition(sums, rest)[rest]
        columns, sums = columns[heavy], sums[heavy]
    terms = vocabulary.terms((columns >> 1).tolist())
    return [term for _, term in sorted(zip((-sums).tolist(), terms, strict=True))]


def _told_once(words: Sequence[str], names: Sequence[str], vocabulary: Vocabulary) -> Keywords:
    """Without parts of longer names, words that are names, and what is neither.

    The empty term stands for all terms that no live article has.
    """
    in_names = {part for name in names for part in name.split()}
    terms = (word for word in words if len(word) > 1 and word not in in_names and not word[0].isdigit())
    return Keywords(list(islice(terms, TOLD)), list(islice(_proper(names, vocabulary), TOLD)))


def _proper(names: Sequence[str], vocabulary: Vocabulary) -> Iterator[str]:
    """The names that are no parts of longer ones, and no words that only begin a sentence."""
    for name in whole(names):
        words = name.count(" ") + 1
        if words == 1:
            in_names, in_words = vocabulary.standing(name)
            if len(name) > 1 and name not in _NO_NAMES and 2 * in_names >= in_words:
                yield name
        elif words <= LONGEST_NAME:
            yield name
