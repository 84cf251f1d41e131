"""Where stories and labels disagree: events in several stories, stories of several events, and how it came."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from streams.messages import StoryUpdate


@dataclass(frozen=True, slots=True)
class Cause:
    """The message that brought an event into a story."""

    at: int
    """Its place in the stream."""
    update: StoryUpdate
    merged: bool = False
    """Whether the event came with another story that was merged into this one."""


@dataclass(frozen=True, slots=True)
class Share:
    """The articles that a story and an event have in common."""

    story: str
    label: str
    articles: Sequence[StoryUpdate]
    """In the order of the stream; at least one."""
    cause: Cause


@dataclass(frozen=True, slots=True)
class Mistake:
    """An event in several stories (`split`), or a story of several events (`merge`)."""

    kind: Literal["split", "merge"]
    name: str
    """The event's label, or the story's id."""
    shares: Sequence[Share]
    """The largest first."""
    cost: float
    """What it takes from B-cubed recall (a split) or precision (a merge), as a fraction of 1."""

    @property
    def causes(self) -> Sequence[Cause]:
        """What made each of the shares after the largest one, each message once.

        Of two events in one story it is the one that came later; an event's second story was made by its first
        article there.
        """
        first = self.shares[0].cause
        made = [share.cause for share in self.shares[1:]]
        if self.kind == "merge":
            made = [max(first, cause, key=lambda one: one.at) for cause in made]
        return list({cause.at: cause for cause in made}.values())


def mistakes(
    told: Sequence[StoryUpdate], story_of: Mapping[str, str | None], labels: Mapping[str, str]
) -> list[Mistake]:
    """All splits and merges, the most expensive first."""
    shares = _shares(told, story_of, labels)
    by_label: dict[str, list[Share]] = {}
    by_story: dict[str, list[Share]] = {}
    for share in shares:
        by_label.setdefault(share.label, []).append(share)
        by_story.setdefault(share.story, []).append(share)
    found = [_mistake("split", name, some, len(labels)) for name, some in by_label.items() if len(some) > 1]
    found += [_mistake("merge", name, some, len(labels)) for name, some in by_story.items() if len(some) > 1]
    return sorted(found, key=lambda one: (-one.cost, one.name))


def _mistake(kind: Literal["split", "merge"], name: str, shares: Sequence[Share], labelled: int) -> Mistake:
    sizes = [len(share.articles) for share in shares]
    whole = sum(sizes)
    lost = sum(size * (1 - size / whole) for size in sizes)  # of each article, the share of the others
    ordered = sorted(shares, key=lambda share: (-len(share.articles), share.cause.at))
    return Mistake(kind, name, ordered, lost / labelled)


def _shares(
    told: Sequence[StoryUpdate], story_of: Mapping[str, str | None], labels: Mapping[str, str]
) -> list[Share]:
    together: dict[tuple[str, str], dict[str, StoryUpdate]] = {}
    for update in told:
        label, story = labels.get(update.article.id), story_of[update.article.id]
        if label is not None and story is not None:
            together.setdefault((story, label), {}).setdefault(update.article.id, update)
    causes = _causes(told, labels)
    return [
        Share(story, label, list(articles.values()), causes[story][label])
        for (story, label), articles in together.items()
    ]


def _causes(told: Sequence[StoryUpdate], labels: Mapping[str, str]) -> dict[str, dict[str, Cause]]:
    """What brought each event into each story that is left in the end."""
    causes: dict[str, dict[str, Cause]] = {}
    seen: set[str] = set()
    for at, update in enumerate(told):
        label = labels.get(update.article.id)
        if update.assigned is not None and update.article.id not in seen and label is not None:
            causes.setdefault(update.assigned.story, {}).setdefault(label, Cause(at, update))
        seen.add(update.article.id)
        for merged in update.merged:
            into = causes.setdefault(merged.into, {})
            for moved in causes.pop(merged.old, {}):
                into.setdefault(moved, Cause(at, update, merged=True))
    return causes


# --- single decisions ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Judged:
    """A decision between joining a story and opening one, and whether the labels agree with it."""

    update: StoryUpdate
    right: bool
    margin: float
    """How far the score of the nearest story was from the threshold, in log odds."""


def judged(told: Sequence[StoryUpdate], labels: Mapping[str, str]) -> list[Judged]:
    """The decisions about labelled articles of which the labels say something, in the order of the stream.

    To join is right where all labelled articles of the story are of the article's event, and wrong where none is;
    to open a story is wrong where another one holds the event already.
    """
    held: dict[str, Counter[str]] = {}
    seen: set[str] = set()
    decisions: list[Judged] = []
    for update in told:
        label, assigned = labels.get(update.article.id), update.assigned
        if label is not None and assigned is not None and update.article.id not in seen:
            seen.add(update.article.id)
            best, right = assigned.evidence.best, _right(update, label, held)
            if best is not None and right is not None:
                decisions.append(Judged(update, right, abs(best.score - assigned.evidence.threshold)))
            held.setdefault(assigned.story, Counter())[label] += 1
        for merged in update.merged:
            held.setdefault(merged.into, Counter()).update(held.pop(merged.old, Counter()))
    return decisions


def _right(update: StoryUpdate, label: str, held: Mapping[str, Counter[str]]) -> bool | None:
    assert update.assigned is not None
    reason = update.assigned.evidence.reason
    if reason == "opened":
        return not any(label in story for story in held.values())
    there = held.get(update.assigned.story, Counter())
    if reason != "joined" or not there or (label in there and len(there) > 1):
        return None
    return label in there


def telling(decisions: Sequence[Judged], most: int) -> tuple[list[Judged], list[Judged]]:
    """At most so many mistakes and right decisions, chosen by rule.

    Of the mistakes the clearest, those farthest from the threshold; half of each kind where there are enough. Of
    the right decisions, evenly from the closest to the clearest.
    """
    wrong = sorted((one for one in decisions if not one.right), key=lambda one: -one.margin)
    joins = [one for one in wrong if _joined(one)]
    opened = [one for one in wrong if not _joined(one)]
    of_joins = max(most // 2, most - len(opened))
    chosen = [*joins[:of_joins], *opened[: most - min(of_joins, len(joins))]]
    right = sorted((one for one in decisions if one.right), key=lambda one: one.margin)
    if len(right) > most > 1:
        right = [right[round(n * (len(right) - 1) / (most - 1))] for n in range(most)]
    return chosen, right[:most]


def judgement(one: Judged) -> str:
    """What the labels say about a decision."""
    if _joined(one):
        return "it joined the story of its event" if one.right else "it joined a story of another event"
    return (
        "no story held its event, and it opened one" if one.right else "it opened a story, and one held its event"
    )


def _joined(one: Judged) -> bool:
    return one.update.assigned is not None and one.update.assigned.evidence.reason == "joined"
