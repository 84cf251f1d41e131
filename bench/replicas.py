"""A stream as long as one likes, made out of a real one: its articles over and over, never twice the same.

Most articles are new events: as near to the original as an article of the stream is to the nearest other one. In
round after round half of its words become others of the stream, capitalised for capitalised, and words that stand
only once in the stream become new ones, so that the vocabulary grows as that of more articles would. The rest are
further reports of a recent event, much nearer to what it was made of.
"""

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from processors.encoding.vectors import SCALE, pack, quantise, unpack
from streams.messages import Article, Embedded, Verdict

REPORTS = 0.25
"""Share of the articles that are further reports of one of the RECENT events."""
RECENT = 500

_START = datetime(2016, 5, 1, tzinfo=UTC)
_TITLE = 10
"""Words of a title."""
_VOWELS, _CONSONANTS = "aeiou", "bdfgklmnprstvz"


class Likeness(NamedTuple):
    """How near an article is to what it was made of."""

    cosine: float
    exchanged: float
    """Share of the different words that become others."""


EVENT = Likeness(0.7, 0.5)
"""Of stream_dev's first 4,000 articles, the median one has its nearest at a cosine of 0.69."""
REPORT = Likeness(0.85, 0.2)


class _Source(NamedTuple):
    """What an article is made of."""

    text: NDArray[np.intp]
    """Its words by number."""
    vector: NDArray[np.float64]


class Replicas:
    """Makes the stream. Two with the same seed make the same."""

    def __init__(self, originals: Sequence[Embedded], step: timedelta, seed: int = 1) -> None:
        self._step, self._rng, self._encoding = step, np.random.default_rng(seed), originals[0].encoding
        self.lang = originals[0].article.lang
        found = [(one.article.text.split(), one.vector) for one in originals if one.vector is not None]
        occurrences = Counter(word for words, _ in found for word in words)
        numbers = {word: number for number, word in enumerate(occurrences)}
        self._words = np.array([*occurrences], dtype=object)
        self._originals = [
            _Source(np.array([numbers[word] for word in words], np.intp), unpack(vector) / SCALE)
            for words, vector in found
        ]
        self._once = np.array([times == 1 and word[0].isalpha() for word, times in occurrences.items()]).nonzero()
        self._capital = np.array([word[0].isupper() for word in occurrences], np.intp)
        running = np.concatenate([one.text for one in self._originals])
        self._pools = [running[self._capital[running] == capital] for capital in (0, 1)]

    def __iter__(self) -> Iterator[Embedded]:
        number, recent = count(), deque[_Source](maxlen=RECENT)
        for turn in count():
            words = self._words.copy()
            words[self._once] = [word[0] + _syllable(turn) + word[1:] for word in words[self._once]]
            for at in self._rng.permutation(len(self._originals)).tolist():
                recent.append(self._made(self._originals[at], EVENT))
                yield self._message(recent[-1], words, next(number))
                while self._rng.random() < REPORTS:
                    again = self._made(recent[self._rng.integers(len(recent))], REPORT)
                    yield self._message(again, words, next(number))

    def _made(self, of: _Source, likeness: Likeness) -> _Source:
        noise = self._rng.normal(size=len(of.vector))
        noise -= (noise @ of.vector) * of.vector
        noise *= (1 - likeness.cosine**2) ** 0.5 / np.linalg.norm(noise)
        return _Source(self._exchanged(of.text, likeness.exchanged), likeness.cosine * of.vector + noise)

    def _exchanged(self, text: NDArray[np.intp], share: float) -> NDArray[np.intp]:
        """The text with some of its words exchanged, each wherever it stands: a text is about something."""
        different, places = np.unique(text, return_inverse=True)
        others = self._rng.random(len(different)) < share
        for capital, pool in enumerate(self._pools):
            at = np.flatnonzero(others & (self._capital[different] == capital))
            different[at] = pool[self._rng.integers(len(pool), size=len(at))]
        return different[places]

    def _message(self, source: _Source, words: NDArray[np.object_], number: int) -> Embedded:
        """The so manieth article, published a step after the one before, and fetched at once."""
        moment, name, text = _START + number * self._step, f"replica-{number}", words[source.text].tolist()
        article = Article(
            id=name,
            title=" ".join(text[:_TITLE]),
            text=" ".join(text),
            lang=self.lang,
            source=f"The {_syllable(number)} Post",
            published=moment,
            fetched=moment,
        )
        verdict = Verdict(verdict="original", family=name)
        vector = pack(quantise(source.vector))
        return Embedded(article=article, verdict=verdict, vector=vector, encoding=self._encoding)


def _syllable(number: int) -> str:
    """Another one for each number up to 70; then they begin again."""
    return _CONSONANTS[number % len(_CONSONANTS)] + _VOWELS[number // len(_CONSONANTS) % len(_VOWELS)]
