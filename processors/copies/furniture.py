"""What an article shares with others of the window, furniture aside.

Furniture are passages that recur across unrelated articles of a house: cookie notices, newsletter pitches, agency
footers, the headers of live blogs, one consent page under every title. It is told from copies by the headlines
(`processors.copies.subject`), and by counting: the articles that carry a passage are those of the window, so
the counts leave with them.
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from config.sections import DedupSection
from processors.copies.fingerprint import Fingerprint
from processors.copies.sets import NO_HASHES, Hashes, shared, without
from processors.copies.subject import Headline, Text, own, speaks
from processors.copies.verdict import Match, match
from processors.copies.window import Row
from streams.messages import Article

CARRIERS = 3
"""A passage is furniture when it stands in so many other articles of the house, which are unrelated: under other
headlines, of which it does not speak, or, where the headlines cannot tell, each with other text of its own. Two
may be one text brought up to date."""
MOST_CARRIERS = 16
"""Looked at for one article: enough to count to three."""
LEAST_OTHER = 20
"""Shingles outside the passage that make an article of their own."""
ALIKE = 10
"""Articles are related when they share more than one in so many of the shingles outside the passage."""


class Comparison:
    """A new article beside earlier ones."""

    def __init__(self, section: DedupSection, article: Article, new: Fingerprint) -> None:
        self._section, self._article, self._new = section, article, new
        self._furniture = NO_HASHES

    def matches(self, rows: Sequence[Row]) -> list[tuple[Match, Row]]:
        """The earlier articles that match, in the order given. Learns from them what is furniture."""
        found = self._matching(rows)
        house = self._article.source
        if house is not None and len(found) >= CARRIERS:
            self._furniture = self._recurring([row for _, row in found if row.house == house])
            if len(self._furniture):
                found = self._matching([row for _, row in found])
        return [(matched, row) for matched, row in found if not self._report_other_things(row)]

    def match(self, row: Row) -> Match | None:
        """How the article matches an earlier one, or None when it does not."""
        return next((matched for matched, _ in self._matching([row]) if not self._report_other_things(row)), None)

    def _matching(self, rows: Sequence[Row]) -> list[tuple[Match, Row]]:
        """By the text that is shared, and is no furniture that is known."""
        compared = ((match(self._section, self._new, row.print, self._furniture), row) for row in rows)
        return [(matched, row) for matched, row in compared if matched is not None]

    def _report_other_things(self, row: Row) -> bool:
        """Whether both articles speak of their headlines, but not in what they share."""
        headlines = self._new.headline, row.print.headline
        for mine, other in (headlines, headlines[::-1]):
            words = own(mine, other)
            if not len(words) or 2 * len(shared(words, mine.told)) < len(words):
                return False
        return self._silent(row.print)

    def _silent(self, old: Fingerprint) -> bool:
        """Whether what is shared speaks of neither headline, which differ."""
        passage = self._text.passage(shared(self._new.shingles, old.shingles))
        ours, theirs = self._new.headline, old.headline
        return not speaks(passage, own(ours, theirs)) and not speaks(passage, own(theirs, ours))

    def _recurring(self, found: Sequence[Row]) -> Hashes:
        """The shingles that enough of these articles carry without speaking of them."""
        carriers: list[Carrier] = []
        for row in sorted(found, key=lambda row: (row.arrived, row.id)):
            one = Carrier(row.print, self._new)
            if self._carries(one) and all(map(one.unrelated, carriers)):
                carriers.append(one)
                if len(carriers) == MOST_CARRIERS:
                    break
        if len(carriers) < CARRIERS:
            return NO_HASHES
        shingles, times = np.unique(np.concatenate([one.passage for one in carriers]), return_counts=True)
        return shingles[times >= CARRIERS]

    def _carries(self, one: "Carrier") -> bool:
        """Whether what is shared may be of no matter to both articles."""
        if _differ(self._new.headline, one.print.headline):
            return self._silent(one.print)
        if self._new.headline.untold and one.print.headline.untold:
            return self._new.title != one.print.title
        return min(len(self._new.shingles) - len(one.passage), len(one.rest)) >= LEAST_OTHER

    @cached_property
    def _text(self) -> Text:
        return Text(self._article.text, self._section.shingle_words)


class Carrier:
    """An earlier article that shares a passage with the new one, and the rest of it."""

    def __init__(self, old: Fingerprint, new: Fingerprint) -> None:
        self.print = old
        self.passage = shared(old.shingles, new.shingles)
        self.rest = without(old.shingles, self.passage)

    def unrelated(self, other: "Carrier") -> bool:
        """Whether two that carry the passage have nothing else to do with one another."""
        fewer = min(len(self.rest), len(other.rest))
        if ALIKE * len(shared(self.rest, other.rest)) > fewer:
            return False
        return fewer >= LEAST_OTHER or self.print.title != other.print.title


def _differ(one: Headline, other: Headline) -> bool:
    """Whether two headlines are of different words; no for those with too few to tell."""
    return bool(len(own(one, other)) and len(own(other, one)))
