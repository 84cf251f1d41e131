"""`storywire eval --errors`: the worst splits and merges, for people and for programs."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from service.deciding import Usual, decided, usual
from service.evaluate import Streamed
from service.mistakes import Cause, Mistake, Share, mistakes
from service.rendering import cut, one_line, put, terminal
from sinks.lines import plural, printable
from streams.messages import Article, Evidence, PairScore

SHOWN = 10
"""Mistakes of each kind that people are shown; the JSON has all."""
SHARES = 4
"""Events of a story, or stories of an event, that people are shown."""
CAUSES = 2
"""Decisions of each mistake that people are shown."""


class Errors:
    """The mistakes in a file, with what is needed to tell them."""

    def __init__(self, of: Streamed) -> None:
        self.file = of.file
        self.mistakes = mistakes(of.told, of.story_of, of.found.labels)
        self.articles: Mapping[str, Article] = {update.article.id: update.article for update in of.told}
        self.titles = {state.id: state.title for update in of.told for state in update.changed}
        known = [update.assigned.evidence for update in of.told if update.assigned]
        self._labels = of.found.labels
        self._into = {merged.old: merged.into for update in of.told for merged in update.merged}
        self._events = {(of.story_of[article], label) for article, label in self._labels.items()}
        self._usual = {vector: usual(known, vector=vector) for vector in (True, False)}

    def usual(self, evidence: Evidence) -> Usual | None:
        """What is usual where vectors take part as they do here."""
        return self._usual[evidence.vector]

    def holds(self, story: str, article: str) -> bool:
        """Whether a story, or what became of it, holds articles of an article's event. True without a label."""
        while story in self._into:
            story = self._into[story]
        label = self._labels.get(article)
        return label is None or (story, label) in self._events


def errors_json(found: Errors) -> dict[str, Any]:
    """All splits and all merges, the worst first."""
    told: dict[str, Any] = {"file": str(found.file), "splits": [], "merges": []}
    for mistake in found.mistakes:
        key = "label" if mistake.kind == "split" else "story"
        told[f"{mistake.kind}s"].append(
            {
                key: mistake.name,
                "cost": round(mistake.cost, 6),
                "parts": [_share_json(found, share) for share in mistake.shares],
                "causes": [_cause_json(found, cause) for cause in mistake.causes],
            }
        )
    return told


def _share_json(found: Errors, share: Share) -> dict[str, Any]:
    articles = [{"id": update.article.id, "title": update.article.title} for update in share.articles]
    return {
        "story": share.story,
        "title": found.titles.get(share.story),
        "label": share.label,
        "articles": articles,
    }


def _cause_json(found: Errors, cause: Cause) -> dict[str, Any]:
    article, assigned = cause.update.article, cause.update.assigned
    evidence = None if assigned is None else assigned.evidence
    return {
        "article": article.id,
        "title": article.title,
        "merged": cause.merged,
        "evidence": msgspec.to_builtins(evidence),
        "decided": evidence and decided(evidence, found.usual(evidence)),
    }


def print_errors(found: Errors, console: Console | None = None) -> None:
    """The worst of each kind."""
    parts: list[RenderableType] = []
    for kind, heading in (("merge", "stories of several events"), ("split", "events in several stories")):
        some = [one for one in found.mistakes if one.kind == kind]
        most = "" if len(some) <= SHOWN else f", of which the worst {SHOWN} (--json has all)"
        parts.append(Text(f"\n{Path(found.file).name}: {len(some):,} {heading}{most}", "bold underline"))
        parts += [_mistake(found, mistake, number) for number, mistake in enumerate(some[:SHOWN], 1)]
    put(console or terminal(), *parts)


def _mistake(found: Errors, mistake: Mistake, number: int) -> RenderableType:
    merge = mistake.kind == "merge"
    articles = plural(sum(len(share.articles) for share in mistake.shares), "article")
    cost = f"{100 * mistake.cost:.2f} points of {'precision' if merge else 'recall'}"
    name = _story(found, mistake.name) if merge else Text(printable(mistake.name))
    lines: list[RenderableType] = [
        one_line(f"{len(share.articles):>4}  ", *_of(found, mistake, share)) for share in mistake.shares[:SHARES]
    ]
    if len(mistake.shares) > SHARES:
        lines.append(Text(f"      and {len(mistake.shares) - SHARES} more"))
    for cause in mistake.causes[:CAUSES]:
        lines += _cause(found, cause)
    return Group(one_line(f"\n{number}  {articles}, {cost}: ", name), Padding(Group(*lines), (0, 0, 0, 3)))


def _of(found: Errors, mistake: Mistake, share: Share) -> tuple[Text, ...]:
    """What a share has that the whole has not."""
    if mistake.kind == "split":
        return (_story(found, share.story),)
    return _headline(share.articles[0].article), Text(f"  {printable(share.label)}", "dim")


def _cause(found: Errors, cause: Cause) -> Iterator[RenderableType]:
    """The decision that made the mistake, with its scores."""
    article, assigned = cause.update.article, cause.update.assigned
    told = Text.assemble("→ ", _headline(article))
    if cause.merged:
        told.append(" came, and two stories were found to be one. It")
    if assigned is None:
        yield told
        return
    evidence = assigned.evidence
    yield told.append_text(_weighed(found, article, evidence))
    best = evidence.best
    if best is not None and best.members:
        yield Padding(_pair(found, best.members[0]), (0, 0, 0, 2))
    sentence = decided(evidence, found.usual(evidence))
    if sentence is not None:
        yield Padding(Text(sentence), (0, 0, 0, 2))


def _weighed(found: Errors, article: Article, evidence: Evidence) -> Text:
    best, enough = evidence.best, evidence.threshold
    if evidence.reason == "copy":
        original = found.articles.get(evidence.follows or "")
        return Text.assemble(" follows its original", *(() if original is None else (" ", _headline(original))))
    if best is None:
        return Text(f" {evidence.reason} a story: no other one was near enough to be compared")
    name = Text.assemble(
        _story(found, best.story), "" if found.holds(best.story, article.id) else " (of another event)"
    )
    if evidence.reason == "joined":
        return Text.assemble(" joined ", name, f": {best.score:.2f}, and {enough:.2f} is enough")
    short_of = f": {best.score:.2f}, {enough - best.score:.2f} short of {enough:.2f}"
    return Text.assemble(" opened a story. The nearest was ", name, short_of)


def _pair(found: Errors, pair: PairScore) -> Text:
    """The best pair with the parts of its score, what adds most first."""
    other = found.articles.get(pair.id)
    parts = sorted(pair.parts.items(), key=lambda part: -abs(part[1]))
    told = Text.assemble("best with ", pair.id if other is None else _headline(other), f", {pair.score:.2f}: ")
    return told.append(", ".join(f"{name} {value:+.2f}" for name, value in parts), "dim")


def _story(found: Errors, story: str) -> Text:
    title = found.titles.get(story)
    return Text(printable(story)) if title is None else Text(f"“{cut(title)}”", "bold")


def _headline(article: Article) -> Text:
    return Text(f"“{cut(article.title)}”")
