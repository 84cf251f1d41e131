"""Messages for tests: single ones with sensible defaults, and a little wire service that makes a whole stream."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from streams.messages import (
    Article,
    Assigned,
    Compared,
    Decided,
    Evidence,
    First,
    Merged,
    PairScore,
    Related,
    Relation,
    StoryState,
    StoryUpdate,
    Verdict,
)

START = datetime(2015, 9, 30, 12, 0, tzinfo=UTC)
"""When the tests' world begins."""


def article(id: str = "a1", **changes: Any) -> Article:  # noqa: A002
    """An article; everything but `id` has a default."""
    values: dict[str, Any] = {
        "id": id,
        "title": f"Headline of {id}",
        "text": f"First paragraph of {id}.\nSecond paragraph.",
        "lang": "en",
        "url": f"https://news.example/{id}",
        "source": "The Example",
        "feed": "https://news.example/feed.xml",
        "published": START,
        "fetched": START + timedelta(minutes=5),
    }
    return Article(**values | changes)


def original(id: str) -> Verdict:  # noqa: A002
    """The verdict on an article that copies nothing."""
    return Verdict(verdict="original", family=id)


def copy_of(other: str, verdict: Decided = "near", jaccard: float = 0.93, containment: float = 0.97) -> Verdict:
    """The verdict on a copy of an original."""
    relation = Relation(id=other, kind=verdict, jaccard=jaccard, containment=containment)  # type: ignore[arg-type]
    return Verdict(verdict=verdict, duplicate_of=other, family=other, relations=(relation,))


def revision_of(id: str, jaccard: float = 0.8) -> Verdict:  # noqa: A002
    """The verdict on a new version of an article."""
    relation = Relation(id=id, kind="revision", jaccard=jaccard, containment=0.9)
    return Verdict(verdict="revision", family=id, relations=(relation,))


def opened() -> Evidence:
    """Why an article has a story of its own."""
    return Evidence(reason="opened", threshold=1.25)


def joined(story: str, member: str, score: float = 2.5) -> Evidence:
    """Why an article joined a story."""
    parts = {"dense": score + 1.0, "names": 0.75, "time": 0.5}
    pair = PairScore(id=member, score=score, parts=parts)
    best = Compared(story=story, score=score, members=(pair,), names=("Syria", "Russia"), terms=("air", "strikes"))
    return Evidence(reason="joined", threshold=1.25, best=msgspec.structs.replace(best, gap_days=0.25))


def state(id: str = "S1", version: int = 1, **changes: Any) -> StoryState:  # noqa: A002
    """A story after a change."""
    values: dict[str, Any] = {
        "id": id,
        "version": version,
        "title": f"Title of {id}",
        "first": First(article=f"first of {id}", source="The Example", published=START),
        "lang": "en",
        "articles": version,
        "sources": version,
        "independent_texts": version,
        "first_published": START,
        "last_published": START + timedelta(hours=version),
        "last_fetched": START + timedelta(hours=version, minutes=5),
    }
    return StoryState(**values | changes)


def related(story: str, score: float = -0.75, **changes: Any) -> Related:
    """Another story of the same affair."""
    values: dict[str, Any] = {"names": ("Syria",), "terms": ("strikes",), "gap_days": 6.5}
    return Related(story=story, score=score, **values | changes)


def update(
    of: Article,
    story: str | None = "S1",
    verdict: Verdict | None = None,
    evidence: Evidence | None = None,
    changed: Sequence[StoryState] = (),
    merged: Sequence[tuple[str, str]] = (),
    links: Sequence[Related] = (),
) -> StoryUpdate:
    """What cluster says about an article; an original that opened its story unless told otherwise."""
    return StoryUpdate(
        article=of,
        verdict=verdict or original(of.id),
        assigned=None if story is None else Assigned(story=story, evidence=evidence or opened()),
        changed=tuple(changed),
        merged=tuple(Merged(old=old, into=into) for old, into in merged),
        related=tuple(links),
    )


@dataclass
class Wire:
    """A stream of story updates as the stages before the sinks make it: consistent, and the same for one seed.

    Every language has its own articles and stories. Some articles open stories, others join or copy; some come
    again as sightings or revisions; now and then two stories merge.
    """

    seed: int
    langs: Sequence[str] = ("en",)
    _ids: dict[str, list[str]] = field(default_factory=dict)
    _stories: dict[str, dict[str, StoryState]] = field(default_factory=dict)
    _story_of: dict[str, str] = field(default_factory=dict)

    def updates(self, count: int) -> Iterator[StoryUpdate]:
        """The next `count` updates."""
        chance = random.Random(self.seed)
        for number in range(count):
            lang = chance.choice(self.langs)
            known = self._ids.setdefault(lang, [])
            roll = chance.random() if len(known) > 3 else 0.0
            if roll < 0.88:
                yield self._new(chance, lang, number, roll)
            elif roll < 0.94:
                again = chance.choice(known)
                of = article(again, lang=lang, feed=f"https://other.example/{number}", fetched=self._at(number))
                sighting = Verdict(verdict="sighting", family=again)
                yield update(of, self._story_of[again], sighting, Evidence(reason="sighting", threshold=1.25))
            else:
                again = chance.choice(known)
                of = article(again, lang=lang, text=f"Rewritten in update {number}.", fetched=self._at(number))
                evidence = Evidence(reason="revision", threshold=1.25)
                yield update(of, self._story_of[again], revision_of(again), evidence)

    def _at(self, number: int) -> datetime:
        return START + timedelta(minutes=number)

    def _new(self, chance: random.Random, lang: str, number: int, roll: float) -> StoryUpdate:
        known, stories = self._ids[lang], self._stories.setdefault(lang, {})
        id = f"{lang}-a{number:05}"  # noqa: A001
        of = article(id, lang=lang, published=self._at(number - 3), fetched=self._at(number))
        of = msgspec.structs.replace(of, source=chance.choice(("AP", "Reuters", "BBC", "Der Spiegel")))
        merged: list[tuple[str, str]] = []
        if roll < 0.45:
            story, verdict, evidence = f"{lang}-S{number:05}", original(id), opened()
        else:
            other = chance.choice(known)
            story = self._story_of[other]
            copies = roll > 0.75
            verdict = copy_of(other) if copies else original(id)
            reason = Evidence(reason="copy", threshold=1.25, follows=other)
            evidence = reason if copies else joined(story, other)
            old = chance.choice(sorted(stories))
            if chance.random() < 0.1 and old != story:
                merged = [(old, story)]
        known.append(id)
        self._story_of[id] = story
        changed = [self._grown(stories, story, of, independent=verdict.duplicate_of is None)]
        for gone, into in merged:
            changed[0] = self._merge(stories, gone, into)
        return update(of, story, verdict, evidence, changed, merged, self._linked(stories, story, number))

    def _linked(self, stories: dict[str, StoryState], story: str, number: int) -> list[Related]:
        """Now and then a link with another story, sometimes with one that was linked before."""
        others = sorted(set(stories) - {story})
        if number % 4 or not others:
            return []
        return [related(others[number % len(others)], score=-number / 1_000)]

    def _grown(self, stories: dict[str, StoryState], id: str, of: Article, independent: bool) -> StoryState:  # noqa: A002
        old = stories.get(id)
        published = of.published or of.fetched
        if old is None:
            values = {"title": of.title, "first_published": published}
            new = state(id, 1, lang=of.lang, last_published=published, last_fetched=of.fetched, **values)
        else:
            new = msgspec.structs.replace(
                old,
                version=old.version + 1,
                articles=old.articles + 1,
                independent_texts=old.independent_texts + independent,
                last_published=published,
                last_fetched=of.fetched,
            )
        stories[id] = new
        return new

    def _merge(self, stories: dict[str, StoryState], old: str, into: str) -> StoryState:
        gone, kept = stories.pop(old), stories[into]
        for id, story in self._story_of.items():  # noqa: A001
            if story == old:
                self._story_of[id] = into
        stories[into] = msgspec.structs.replace(
            kept,
            version=max(kept.version, gone.version) + 1,
            articles=kept.articles + gone.articles,
            independent_texts=kept.independent_texts + gone.independent_texts,
        )
        return stories[into]
