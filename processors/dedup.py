"""Near-duplicates: which articles share their text with an earlier one.

    article -> fingerprint -> candidates (bands, samples) -> verified matches -> verdict

Two languages never meet. Duplicates are flagged, never dropped.
"""

from typing import NamedTuple, cast

import numpy as np

from config.sections import DedupSection
from processors.copies.fingerprint import Fingerprint, Fingerprinter
from processors.copies.furniture import Comparison
from processors.copies.lsh import Candidates
from processors.copies.sieve import NONE, Keys
from processors.copies.signature import Signature
from processors.copies.verdict import Match, compare
from processors.copies.window import Clock, Kept, Row, Window, key_of, micros, moment
from streams.messages import Article, Decided, Deduped, Message, Relation, Verdict
from streams.processor import Change, Decision, Halt, Processor


class Found(NamedTuple):
    """A verified match and the article matched."""

    match: Match
    row: Row

    @property
    def rank(self) -> tuple[tuple[int, float], bool, int, str]:
        """Orders matches, the best first; ties go to the article published first, undated ones last."""
        published = self.row.published
        return self.match.rank, published is None, published or 0, self.row.id


class Dedup(Processor[Article, Deduped, Window]):
    """The stage that flags near-duplicates."""

    stage = "dedup"
    reads = Article
    changes = cast(type[Message], Kept | Clock)

    def __init__(self, section: DedupSection) -> None:
        self._section = section
        self._fingerprints = Fingerprinter(section.shingle_words, section.permutations)
        self._candidates = Candidates(section.permutations, section.rows, section.excerpt_containment)
        self._latest: tuple[Kept | None, Keys] = (None, NONE)
        """The record made last and its keys, which `apply` needs next. A cache: they follow from the record."""
        self._window = round(section.window_days * 86_400_000_000)  # microseconds

    def fresh(self) -> Window:
        """No article yet."""
        return Window(self._window)

    def decide(self, state: Window, message: Article) -> Decision[Deduped]:
        """The article's verdict. The changes keep it, and remove what left the window some time ago."""
        before, fetched = state.clock(message.lang), micros(message.fetched)
        clock = fetched if before is None else max(before, fetched)
        horizon = clock - self._window
        key = key_of(message.lang, message.id)
        expired = [Change(gone, None) for gone in state.expired(message.lang, horizon) if gone != key]

        new = self._fingerprints.fingerprint(message.title, message.text)
        old = state.get(key, horizon)
        if old is not None and old.print.same_words(new):
            verdict = Verdict(verdict="sighting", family=old.family)
            advance = Change(f"clock:{message.lang}", Clock(lang=message.lang, clock=moment(clock)))
            changes = [*expired, advance] if clock != before else expired
            return Decision(Deduped(article=message, verdict=verdict), changes)

        signature = self._fingerprints.signature(new)
        keys = self._candidates.keys(new.shingles, signature)
        comparison = Comparison(self._section, message, new)
        found = self._matches(state, message, comparison, keys, horizon)
        verdict = (
            self._verdict(state, message, comparison, found, horizon)
            if old is None
            else _revision(old, new, found)
        )
        kept = self._kept(message, new, signature, clock, verdict.family)
        self._latest = kept, keys
        return Decision(Deduped(article=message, verdict=verdict), [*expired, Change(key, kept)])

    def apply(self, state: Window, change: Change) -> None:
        """Keep or forget an article, or advance a clock.

        Raises:
            Halt: the record was made under other settings, and cannot be compared with new articles.
        """
        value = change.value
        if isinstance(value, Kept):
            if value.made != self._fingerprints.made:
                raise Halt(
                    f"dedup's changelog was written with fingerprints {value.made} (version/scheme/permutations/"
                    f"shingle_words), the settings ask for {self._fingerprints.made}: set dedup.permutations and "
                    "dedup.shingle_words back, or start a new namespace"
                )
            keys = self._keys(value)
            state.put(change.key, value, self._candidates.samples(keys), keys)
        elif isinstance(value, Clock):
            state.advance(value.lang, micros(value.clock))
        else:
            state.remove(change.key)

    def _kept(self, article: Article, new: Fingerprint, signature: Signature, clock: int, family: str) -> Kept:
        return Kept(
            made=self._fingerprints.made,
            id=article.id,
            lang=article.lang,
            arrived=moment(clock),
            published=article.published,
            house=article.source,
            family=family,
            print=new,
            signature=signature.astype("<u4", copy=False).tobytes(),
        )

    def _keys(self, kept: Kept) -> Keys:
        """The keys that find an article."""
        decided, keys = self._latest
        if kept is decided:
            return keys
        return self._candidates.keys(kept.print.shingles, np.frombuffer(kept.signature, "<u4"))

    def _matches(
        self, state: Window, article: Article, comparison: Comparison, keys: Keys, horizon: int
    ) -> list[Found]:
        """The verified matches of a text with other articles of the window, the best first."""
        roster = state.roster(article.lang)
        found = state.find(article.lang, keys)
        slots = self._candidates.chosen(found, self._candidates.samples(keys), roster, horizon)
        others = [row for row in roster.rows(slots) if row.id != article.id]
        verified = (Found(matched, row) for matched, row in comparison.matches(others))
        return sorted(verified, key=lambda f: f.rank)

    def _verdict(
        self, state: Window, article: Article, comparison: Comparison, found: list[Found], horizon: int
    ) -> Verdict:
        """The verdict on an article that is not known yet."""
        relations = _relations(found)
        if not found or found[0].match.kind == "contains":
            return Verdict(verdict="original", family=article.id, relations=relations)
        best = found[0]
        # Families do not chain: the article joins its match's family only if it is like the first article, too.
        first = state.get(key_of(article.lang, best.row.family), horizon)
        like_first = first is not None and comparison.match(first) is not None
        return Verdict(
            verdict=cast(Decided, best.match.kind),
            duplicate_of=best.row.id,
            family=best.row.family if like_first else best.row.id,
            relations=relations,
        )


def _revision(old: Row, new: Fingerprint, found: list[Found]) -> Verdict:
    """The verdict on a new version: it stays in the family it was in."""
    changed = Match("revision", compare(new, old.print)).relation(old.id)
    return Verdict(verdict="revision", family=old.family, relations=(changed, *_relations(found)))


def _relations(found: list[Found]) -> tuple[Relation, ...]:
    return tuple(match.relation(row.id) for match, row in found)
