"""Made-up articles with the statistics that matter to an index of shingles.

Words are drawn as often as words of a language are. Shingles recur as in news, or more: there are common phrases,
and passages that a house prints under a quarter of its articles (cookie notices, pitches, agency footers). In the
shared stream of news, one shingle in ten stands in another article, and an article has 1.0 that stand in more than
1 % of all, 3.8 in more than 0.3 %, 6.8 in more than 0.1 %; here it is one in five, and 2.4, 4.5 and 6.9. Every
tenth article is an edited copy of one of the last 500. The largest house has a tenth of all articles, 30 the half.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from streams.messages import Article, encode

WORDS = 400
VOCABULARY = 50_000
PHRASES = 100_000
"""Common phrases. The n-th commonest stands in 0.4 / (n + 10) of all articles."""
PHRASE = 6
"""Words of a phrase."""
PHRASES_EACH = 4
"""Phrases drawn for each article: 0.4 / (n + 10), summed."""
HOUSES = 1_000
PASSAGE = 30
"""Words of a house's passage."""
PART = 10_000
"""Articles drawn at a time."""

Draws = NDArray[np.int64]


def made_up(count: int, start: datetime, length: timedelta) -> Iterator[bytes]:
    """So many articles, as messages, fetched evenly between `start` and `length` later."""
    rng = np.random.default_rng(1)
    words = [f"w{number}" for number in range(VOCABULARY)]
    phrases = _words(rng, (PHRASES, PHRASE))
    passages = _words(rng, (HOUSES, PASSAGE))
    before: Draws = _words(rng, (500, WORDS))
    for first in range(0, count, PART):
        texts = np.concatenate((before[-500:], _texts(rng, phrases)))
        houses = (HOUSES ** rng.random(PART)).astype(np.int64) - 1
        for at in range(500, min(PART, count - first) + 500):
            number = first + at - 500
            house = int(houses[at - 500])
            if number % 10 == 9:
                texts[at] = texts[at - rng.integers(1, 501)]
                texts[at, rng.integers(0, WORDS, 4)] = rng.integers(0, VOCABULARY, 4)
            if number % 4 == 1:
                texts[at, -PASSAGE:] = passages[house]
            chosen = texts[at].tolist()
            yield encode(
                Article(
                    id=f"{number:032x}",
                    title=" ".join(words[word] for word in chosen[20:30]),
                    text=" ".join([words[word] for word in chosen]),
                    lang="en",
                    source=f"house{house}.example",
                    fetched=start + length * (number / count),
                )
            )
        before = texts


def _words(rng: np.random.Generator, shape: tuple[int, int]) -> Draws:
    """Words drawn by Zipf's law."""
    odds = np.cumsum(1 / np.arange(1, VOCABULARY + 1))
    return odds.searchsorted(rng.random(shape) * odds[-1])


def _texts(rng: np.random.Generator, phrases: Draws) -> Draws:
    """Texts of a part, with phrases in them."""
    texts = _words(rng, (PART, WORDS))
    odds = np.cumsum(1 / (np.arange(PHRASES) + 10))
    chosen = odds.searchsorted(rng.random((PART, PHRASES_EACH)) * odds[-1])
    starts = rng.integers(0, WORDS - PHRASE, chosen.shape)
    rows = np.arange(PART)[:, None, None]
    texts[rows, starts[:, :, None] + np.arange(PHRASE)] = phrases[chosen]
    return texts
