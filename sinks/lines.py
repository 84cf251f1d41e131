"""What a person is told about a story update: one line per change."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from streams.messages import StoryUpdate

REMEMBERED = 20_000
"""Headlines kept so that a copy or a merge can be told by its titles: a week, in which copies are found, of 3,000
articles a day; 7 MB. What is forgotten is told by its id."""

_JOINERS = "\u200c\u200d"
"""Invisible, harmless, and part of Persian words and of emoji."""


@dataclass(frozen=True, slots=True)
class Line:
    """One change, for people (`text`) and for programs (`fields`)."""

    event: Literal["new", "grows", "copy", "revised", "merge", "alarm"]
    story: str
    text: str
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Headlines:
    """The titles of the latest articles and stories, by id."""

    limit: int = REMEMBERED
    _titles: OrderedDict[str, str] = field(default_factory=OrderedDict)

    def remember(self, key: str, told: str) -> None:
        """Keep how `key` is told, and forget the oldest when there are too many."""
        self._titles[key] = told
        self._titles.move_to_end(key)
        while len(self._titles) > self.limit:
            self._titles.popitem(last=False)

    def tell(self, key: str) -> str:
        """How `key` is told to people."""
        return self._titles.get(key) or short(key)


def lines(update: StoryUpdate, headlines: Headlines) -> list[Line]:
    """The changes that an update brings, in the order they are told. A sighting changes nothing."""
    for story in update.changed:
        headlines.remember(story.id, f"“{printable(story.title)}”")
    return [*_article(update, headlines), *_merges(update, headlines), *_alarms(update, headlines)]


def _article(update: StoryUpdate, headlines: Headlines) -> Iterator[Line]:
    article, verdict = update.article, update.verdict
    if update.assigned is None or verdict.verdict == "sighting":
        return
    story = update.assigned.story
    title, source = printable(article.title), printable(article.source or "unknown outlet")
    told = f"“{title}” ({source})"
    fields: dict[str, Any] = {"article": article.id, "title": article.title, "source": article.source}
    fields["url"] = article.url
    if verdict.verdict == "revision":
        yield Line("revised", story, f"{source}: “{title}”", fields)
        return
    headlines.remember(article.id, told)
    if update.assigned.evidence.reason == "opened":
        yield Line("new", story, f"{title}   {source}", fields)
    if verdict.duplicate_of is not None:
        yield _copy(update, told, fields, headlines)
    elif update.assigned.evidence.reason != "opened":
        yield _growth(update, f"{source}: “{title}”", fields)


def _growth(update: StoryUpdate, headline: str, fields: dict[str, Any]) -> Line:
    assert update.assigned is not None
    state = next((s for s in update.changed if s.id == update.assigned.story), None)
    if state is None:
        return Line("grows", update.assigned.story, headline, fields)
    counts = f"{plural(state.articles, 'article')}, {plural(state.sources, 'outlet')}"
    counted = {"articles": state.articles, "sources": state.sources}
    return Line("grows", state.id, f"{counts}   {headline}", {**fields, **counted})


def _copy(update: StoryUpdate, told: str, fields: dict[str, Any], headlines: Headlines) -> Line:
    assert update.assigned is not None
    verdict = update.verdict
    original = verdict.duplicate_of or ""
    match = next((r for r in verdict.relations if r.id == original and r.kind == verdict.verdict), None)
    fields = {**fields, "verdict": verdict.verdict, "duplicate_of": original}
    if match is not None:
        fields |= {"jaccard": match.jaccard, "containment": match.containment}
    of = headlines.tell(original)
    if verdict.verdict == "exact":
        text = f"{told} repeats {of} word for word"
    elif verdict.verdict == "excerpt":
        share = f", {percent(match.containment)} of it stands there" if match else ""
        text = f"{told} is an excerpt of {of}{share}"
    else:
        text = f"{told} copies {of}" + (f", {percent(match.jaccard)} alike" if match else "")
    return Line("copy", update.assigned.story, text, fields)


def _merges(update: StoryUpdate, headlines: Headlines) -> Iterator[Line]:
    for merged in update.merged:
        into = headlines.tell(merged.into)
        name = short(merged.into) if into == short(merged.into) else f"{short(merged.into)}  {into}"
        yield Line("merge", merged.old, f"into {name}", {"into": merged.into})


def _alarms(update: StoryUpdate, headlines: Headlines) -> Iterator[Line]:
    for alarm in update.alarms:
        texts = plural(alarm.independent_texts, "text")
        alike = f"less alike ({alarm.coherence:.2f}) than those of one event ({alarm.least:.2f})"
        text = f"{headlines.tell(alarm.story)} is likely several events: {texts}, {alike}"
        fields = {"independent_texts": alarm.independent_texts, "coherence": alarm.coherence, "least": alarm.least}
        yield Line("alarm", alarm.story, text, fields)


def short(key: str) -> str:
    """An id as it is shown in lines and tables: whole when short, else a beginning that commands accept."""
    return printable(key) if len(key) <= 14 else f"{printable(key[:12])}…"


def plural(count: int, noun: str) -> str:
    """`1 article`, `2 articles`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def percent(share: float) -> str:
    """A share (0 to 1) in whole per cent; 100 only for all of it."""
    return f"{min(round(share * 100), 99) if share < 1 else 100} %"


def printable(text: str) -> str:
    """The text on one line, without control characters: a headline must not be able to steer a terminal."""
    if not text.isprintable():
        kept = (c if c.isprintable() or c in _JOINERS else " " if c.isspace() else "" for c in text)
        text = "".join(kept)
    return " ".join(text.split())
