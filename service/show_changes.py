"""What `storywire eval --compare` found, for people and for programs."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from service.rendering import cut, one_line, put, terminal
from service.story_changes import Change, Comparison
from service.story_changes import Group as Members
from sinks.lines import plural, printable

SHOWN = 20
"""Changes that people are shown; the JSON has all."""
ARTICLES = 5
"""Articles of a change that people are shown."""

_KINDS = {"split": "split", "merged": "merged into one", "moved": "mixed anew"}


def changes_json(found: Comparison, titles: Mapping[str, str]) -> dict[str, Any]:
    """All changes. `titles`: of the articles, where they are known."""
    return {
        "same": found.same,
        "only_old": found.only_old,
        "only_new": found.only_new,
        "changes": [
            {
                "kind": change.kind,
                "old": [_group_json(group, titles) for group in change.old],
                "new": [_group_json(group, titles) for group in change.new],
                "moved": list(change.moved),
            }
            for change in found.changes
        ],
    }


def _group_json(group: Members, titles: Mapping[str, str]) -> dict[str, Any]:
    return {
        "story": group.story,
        "articles": [{"id": article, "title": titles.get(article)} for article in group.articles],
    }


def print_changes(found: Comparison, titles: Mapping[str, str], console: Console | None = None) -> None:
    """A line of counts, and the changes that moved most articles. A story goes by its first article."""
    counted = {kind: sum(change.kind == kind for change in found.changes) for kind in _KINDS}
    kinds = ", ".join(f"{count:,} {_KINDS[kind]}" for kind, count in counted.items())
    parts: list[RenderableType] = [Text(f"stories: {found.same:,} as they were, {kinds}")]
    for count, which in ((found.only_old, "OLD"), (found.only_new, "NEW")):
        if count:
            parts.append(Text(f"{plural(count, 'article')} only in {which}, left out", "yellow"))
    parts += [_change(change, titles) for change in found.changes[:SHOWN]]
    if len(found.changes) > SHOWN:
        parts.append(Text(f"\nand {len(found.changes) - SHOWN:,} more changes (--json has all)"))
    put(console or terminal(), *parts)


def _change(change: Change, titles: Mapping[str, str]) -> RenderableType:
    head = Text(f"\n{_KINDS[change.kind]}: {plural(len(change.moved), 'article')} moved", "bold")
    lines = [*_groups("-", "red", change.old, titles), *_groups("+", "green", change.new, titles)]
    lines += [one_line("    ", ("moved ", "dim"), _title(article, titles)) for article in change.moved[:ARTICLES]]
    if len(change.moved) > ARTICLES:
        lines.append(Text(f"    and {len(change.moved) - ARTICLES} more"))
    return Group(head, Padding(Group(*lines), (0, 0, 0, 2)))


def _groups(sign: str, colour: str, groups: Sequence[Members], titles: Mapping[str, str]) -> list[Text]:
    return [
        one_line((f"{sign} {len(group.articles):>4}  ", colour), _title(group.articles[0], titles))
        for group in groups
    ]


def _title(article: str, titles: Mapping[str, str]) -> str:
    return f"“{cut(titles[article])}”" if article in titles else printable(article)
