"""Made-up articles with the statistics that matter to an index of shingles.

Words are drawn as often as words of a language are. Shingles recur as in news: common phrases, the passage that a
house prints under half of its articles (cookie notices, pitches, agency footers), and every tenth article is an
edited copy of one of the last 500. Half of all articles come from a tenth of the houses.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from streams.messages import Article, encode

WORDS = 400
VOCABULARY = 50_000
PHRASES = 5_000
"""Common phrases of 8 words; one in fifty words of an article begins one, the commonest stands in every tenth."""
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
    phrases = _words(rng, (PHRASES, 8))
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
            if number % 2:
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
    count = PART * WORDS // 50
    rows, starts = rng.integers(0, PART, count), rng.integers(0, WORDS - 8, count)
    chosen = (PHRASES ** rng.random(count)).astype(np.int64) - 1
    texts[rows[:, None], starts[:, None] + np.arange(8)] = phrases[chosen]
    return texts
