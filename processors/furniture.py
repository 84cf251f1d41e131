"""What an article shares with others of the window, furniture aside.

Furniture are passages that recur across unrelated articles of a house: cookie notices, newsletter pitches, agency
footers, the headers of live blogs, one consent page under every title. It is told from copies by the headlines
(`processors.headline`), and by counting: the articles that carry a passage are those of the window, so the counts
leave with them.
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from config.sections import DedupSection
from processors.fingerprint import Fingerprint
from processors.headline import Text, own, speaks
from processors.sets import NO_HASHES, Hashes, shared
from processors.verdict import Match, match
from processors.window import Row
from streams.messages import Article

CARRIERS = 3
"""A passage is furniture when it stands in so many other articles of the house, all under other headlines, and
speaks of none of them. Two may be one text under a new headline."""
MOST_CARRIERS = 16
"""Looked at for one article: enough to count to three."""


class Comparison:
    """A new article beside earlier ones."""

    def __init__(self, section: DedupSection, article: Article, new: Fingerprint) -> None:
        self._section, self._article, self._new = section, article, new
        self._furniture = NO_HASHES

    def matches(self, rows: Sequence[Row]) -> list[tuple[Match, Row]]:
        """The earlier articles that match, in the order given. Learns from them what is furniture."""
        found = [row for row in rows if match(self._section, self._new, row.print) is not None]
        if len(found) >= CARRIERS and self._article.source is not None:
            self._furniture = self._recurring([row for row in found if row.house == self._article.source])
        verified = ((self.match(row), row) for row in found)
        return [(matched, row) for matched, row in verified if matched is not None]

    def match(self, row: Row) -> Match | None:
        """How the article matches an earlier one, or None when it does not."""
        matched = match(self._section, self._new, row.print, self._furniture)
        return None if matched is None or self._report_other_things(row) else matched

    def _report_other_things(self, row: Row) -> bool:
        """Whether both articles speak of their headlines, but not in what they share."""
        headlines = self._new.headline, row.print.headline
        for mine, other in (headlines, headlines[::-1]):
            words = own(mine, other)
            if not len(words) or 2 * len(shared(words, mine.told)) < len(words):
                return False
        return self._silent(row)

    def _silent(self, row: Row) -> bool:
        """Whether the two headlines are different, and what is shared speaks of neither."""
        ours, theirs = own(self._new.headline, row.print.headline), own(row.print.headline, self._new.headline)
        if not (len(ours) and len(theirs)):
            return False
        passage = self._text.passage(shared(self._new.shingles, row.print.shingles))
        return not speaks(passage, ours) and not speaks(passage, theirs)

    def _recurring(self, found: Sequence[Row]) -> Hashes:
        """The shingles that enough of these articles carry without speaking of them."""
        carriers: list[Row] = []
        for row in sorted(found, key=lambda row: (row.arrived, row.id)):
            if len(carriers) < MOST_CARRIERS and self._silent(row) and all(_unlike(row, one) for one in carriers):
                carriers.append(row)
        if len(carriers) < CARRIERS:
            return NO_HASHES
        carried = np.concatenate([shared(self._new.shingles, row.print.shingles) for row in carriers])
        shingles, times = np.unique(carried, return_counts=True)
        return shingles[times >= CARRIERS]

    @cached_property
    def _text(self) -> Text:
        return Text(self._article.text, self._section.shingle_words)


def _unlike(row: Row, other: Row) -> bool:
    """Whether two articles have different headlines, so that they are no versions of one."""
    one, two = row.print.headline, other.print.headline
    return bool(len(own(one, two)) and len(own(two, one)))
