"""How two articles came together, told from the evidence of their story's articles.

Every article but a story's first is linked to one that was there: a copy to what it copies, one that joined to the
member it was most like. So the articles of a story form trees, one for each story that was merged into it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from service.records import Explanation
from streams.messages import Compared, Evidence, PairScore


@dataclass(frozen=True, slots=True)
class Link:
    """Why an article is where another one is."""

    article: str
    to: str
    kind: Literal["joined", "copy"]
    pair: PairScore | None
    """How it was compared with that one; None for a copy."""


@dataclass(frozen=True, slots=True)
class Links:
    """The ways from two articles to where they meet."""

    first: Sequence[Link]
    second: Sequence[Link]
    merged: tuple[str, str] | None
    """The articles that opened their stories, where these were merged: the ways do not meet, and lead there."""


@dataclass(frozen=True, slots=True)
class Direct:
    """A comparison of two articles that stands in the evidence of one of them."""

    article: str
    """The one that came later."""
    compared: Compared
    """The story, with the other article among its members."""
    pair: PairScore


def link(article: str, evidence: Evidence | None) -> Link | None:
    """None for an article that opened a story, or that nothing is known of."""
    if evidence is None:
        return None
    if evidence.reason == "copy" and evidence.follows is not None:
        return Link(article, evidence.follows, "copy", None)
    if evidence.reason == "joined" and evidence.best is not None and evidence.best.members:
        pair = evidence.best.members[0]
        return Link(article, pair.id, "joined", pair)
    return None


def links(evidence: Mapping[str, Evidence], first: str, second: str) -> Links:
    """The ways by which two articles of one story hang together."""
    one, other = _way(evidence, first), _way(evidence, second)
    stops = [first, *(step.to for step in one)]
    stops_there = [second, *(step.to for step in other)]
    meeting = next((stop for stop in stops if stop in stops_there), None)
    if meeting is None:
        return Links(one, other, (stops[-1], stops_there[-1]))
    return Links(one[: stops.index(meeting)], other[: stops_there.index(meeting)], None)


def _way(evidence: Mapping[str, Evidence], article: str) -> list[Link]:
    """The links from an article to the one that opened its story."""
    way: list[Link] = []
    passed = {article}
    while (step := link(article, evidence.get(article))) is not None and step.to not in passed:
        way.append(step)
        article = step.to
        passed.add(article)
    return way


def direct(first: Explanation, second: Explanation) -> Direct | None:
    """The comparison of two articles, if it is among those told."""
    for one, other in ((second, first), (first, second)):
        for compared in weighed(one.evidence):
            for pair in compared.members:
                if pair.id == other.article.id:
                    return Direct(one.article.id, compared, pair)
    return None


def weighed(evidence: Evidence | None) -> list[Compared]:
    """The stories that an article was compared with, as far as they are told."""
    return [] if evidence is None else [one for one in (evidence.best, evidence.runner_up) if one is not None]


def against(one: Explanation, story: str | None) -> Compared | None:
    """The comparison of an article with a story, or with one that became a part of it."""
    for compared in weighed(one.evidence):
        now = one.stories.get(compared.story)
        if story in (compared.story, now and now.id):
            return compared
    return None


def in_order(one: Explanation, other: Explanation) -> tuple[Explanation, Explanation]:
    """The article that came first, then the other: one that was compared with it, or follows it, came later."""
    if _knows(other, one.article.id):
        return one, other
    if _knows(one, other.article.id):
        return other, one
    first, second = sorted((one, other), key=lambda each: (each.article.fetched, each.article.id))
    return first, second


def _knows(one: Explanation, article: str) -> bool:
    evidence = one.evidence
    follows = evidence is not None and evidence.follows == article
    return follows or any(pair.id == article for compared in weighed(evidence) for pair in compared.members)
