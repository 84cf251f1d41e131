"""`storywire eval --compare`: the stories of one run beside those of another, by the articles they hold.

Ids mean nothing between two runs. Stories that share an article belong together, directly or through others; such
a group of old and new stories is one change, unless it is one old and one new story of the same articles.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["split", "merged", "moved"]


@dataclass(frozen=True, slots=True)
class Group:
    """The articles of a story that both runs know, in the order of the old file."""

    story: str
    articles: Sequence[str]


@dataclass(frozen=True, slots=True)
class Change:
    """Stories that became others: one `split`, several `merged`, or articles `moved` between several."""

    kind: Kind
    old: Sequence[Group]
    """The largest first, as in `new`."""
    new: Sequence[Group]
    moved: Sequence[str]
    """The articles that left the others of their old story, or came to those of another one."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed between two runs over the same articles."""

    changes: Sequence[Change]
    """Those that moved most articles first."""
    same: int
    """Stories that hold the same articles in both."""
    only_old: int
    """Articles that only one of them knows, and that are left out."""
    only_new: int


def compare(old: Mapping[str, str | None], new: Mapping[str, str | None]) -> Comparison:
    """What became of the stories; an article without a story is one of its own."""
    common = [article for article in old if article in new]
    before, after = _groups(old, common), _groups(new, common)
    story_before = {article: group for group in before for article in group.articles}
    story_after = {article: group for group in after for article in group.articles}
    changes: list[Change] = []
    same = 0
    done: set[str] = set()
    for article in common:
        if article not in done:
            olds, news = _connected(article, story_before, story_after)
            done.update(member for group in olds for member in group.articles)
            if len(olds) == len(news) == 1:
                same += 1
            else:
                changes.append(_change(olds, news, story_after))
    changes.sort(key=lambda one: -len(one.moved))
    return Comparison(changes, same, len(old) - len(common), len(new) - len(common))


def _groups(story_of: Mapping[str, str | None], articles: Sequence[str]) -> list[Group]:
    members: dict[str, list[str]] = {}
    for article in articles:
        story = story_of[article]
        members.setdefault(f"none {article}" if story is None else story, []).append(article)
    return [Group(story, those) for story, those in members.items()]


def _connected(
    article: str, before: Mapping[str, Group], after: Mapping[str, Group]
) -> tuple[list[Group], list[Group]]:
    """All old and new stories that an article leads to."""
    olds: dict[str, Group] = {}
    news: dict[str, Group] = {}
    ahead = [article]
    while ahead:
        one = ahead.pop()
        for group, known in ((before[one], olds), (after[one], news)):
            if group.story not in known:
                known[group.story] = group
                ahead.extend(group.articles)
    return _ordered(olds), _ordered(news)


def _ordered(groups: Mapping[str, Group]) -> list[Group]:
    return sorted(groups.values(), key=lambda group: (-len(group.articles), group.articles[0]))


def _change(olds: Sequence[Group], news: Sequence[Group], after: Mapping[str, Group]) -> Change:
    kind: Kind = "split" if len(olds) == 1 else "merged" if len(news) == 1 else "moved"
    heir = _heirs(olds, after)
    stayed = {article for group in olds for article in group.articles if heir[group.story] == after[article].story}
    moved = [article for group in olds for article in group.articles if article not in stayed]
    return Change(kind, olds, news, moved)


def _heirs(olds: Sequence[Group], after: Mapping[str, Group]) -> dict[str, str | None]:
    """The new story that each old one became, if any: that with the most of its articles, given to one old story
    only, the largest share first."""
    shared: dict[tuple[str, str], int] = {}
    for group in olds:
        for article in group.articles:
            pair = group.story, after[article].story
            shared[pair] = shared.get(pair, 0) + 1
    heir: dict[str, str | None] = {group.story: None for group in olds}
    taken: set[str] = set()
    for (old, new), _ in sorted(shared.items(), key=lambda item: (-item[1], item[0])):
        if heir[old] is None and new not in taken:
            heir[old] = new
            taken.add(new)
    return heir
