"""What `storywire replay` prints: the stories found, and the duplicates."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from service.reading import Reader
from service.records import Article, Coverage, Member
from service.rendering import headline, mentioned, put, terminal, when
from service.show_stories import likeness, story_fields, summary, timeline
from sinks.lines import plural

LISTED = 40
"""Most lines of a list; a replay of thousands of articles is read as JSON."""


def replay_result(reader: Reader) -> dict[str, Any]:
    """All stories with the ids of their articles, the largest first, and all duplicates with their similarity."""
    return {
        "stories": [_story(found) for found in reader.coverage()],
        "duplicates": [_duplicate(copy) for copy in reader.copies()],
    }


def _story(found: Coverage) -> dict[str, Any]:
    return {**story_fields(found.story), "articles": [member.article.id for member in found.members]}


def _duplicate(copy: Member) -> dict[str, Any]:
    article, match = copy.article, copy.match
    return {
        "id": article.id,
        "duplicate_of": article.duplicate_of,
        "family": article.family,
        "verdict": article.verdict,
        "jaccard": match and match.jaccard,
        "containment": match and match.containment,
    }


def print_replay(reader: Reader, console: Console | None = None) -> None:
    """The stories with their timelines, the articles that stayed alone, the duplicates."""
    found, copies = reader.coverage(), reader.copies()
    parts: list[RenderableType] = []
    for coverage in found:
        if len(coverage.members) > 1:
            parts += [summary(coverage.story), Padding(timeline(coverage.members), (0, 0, 1, 2))]
    alone = [coverage.members[0].article for coverage in found if len(coverage.members) == 1]
    parts += _list(f"{plural(len(alone), 'article')} alone in a story", [_alone(each) for each in alone])
    articles = {member.article.id: member.article for coverage in found for member in coverage.members}
    parts += _list(plural(len(copies), "duplicate"), [_copying(copy, articles) for copy in copies])
    stories = f"{len(found):,} {'story' if len(found) == 1 else 'stories'}"
    counts = f"{plural(len(articles), 'article')}, {stories}, {plural(len(copies), 'duplicate')}"
    put(console or terminal(), *parts, Text(counts, "bold"))


def _list(title: str, lines: Sequence[tuple[str, Text]]) -> Iterator[RenderableType]:
    """A list of lines, each behind a short word about it."""
    if lines:
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True, style="yellow")
        for line in lines[:LISTED]:
            table.add_row(*line)
        yield Text(f"{title}:", "bold")
        yield Padding(table, (0, 0, 0, 2))
        if len(lines) > LISTED:
            yield Text(f"  … and {len(lines) - LISTED:,} more; --json gives all", "dim")
        yield ""


def _alone(article: Article) -> tuple[str, Text]:
    return when(article.published), headline(article)


def _copying(copy: Member, articles: Mapping[str, Article]) -> tuple[str, Text]:
    original = mentioned(articles, copy.article.duplicate_of or "")
    return likeness(copy), Text.assemble(headline(copy.article), " copies ", original)
