"""What explanations share: their sections, a story's name, the parts of scores."""

from collections.abc import Mapping, Sequence

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from service.deciding import Usual
from service.records import Explanation
from service.rendering import plain_table, put, terminal
from sinks.lines import plural, printable
from streams.messages import PairScore

SHOWN_GAPS = 3
"""Parts named of what a story lacked; the whole comparison is in the JSON."""


def put_sections(
    console: Console | None, head: RenderableType, *, text: RenderableType, story: RenderableType
) -> None:
    """An explanation: what it is about, and the sections *Text* and *Story*."""
    parts = [head]
    for name, part in (("Text", text), ("Story", story)):
        parts += [Text(f"\n{name}", "bold underline"), Padding(part, (0, 0, 0, 2))]
    put(console or terminal(), *parts)


def story_name(found: Explanation) -> Text:
    """An article's story, with its counts."""
    story = found.story
    if story is None:
        return Text(printable(found.article.story_id or "no story"))
    counts = f"{plural(story.articles, 'article')}, {plural(story.sources, 'outlet')}"
    return Text.assemble("“", (printable(story.title), "bold"), f"”: {counts}  ", (printable(story.id), "dim"))


def parts_table(members: Sequence[PairScore], known: Usual | None) -> Table:
    """What each part added, a column for each member; beside them what is usual."""
    table = plain_table()
    table.add_column("")
    for number in range(1, len(members) + 1):
        table.add_column(str(number), justify="right")
    for name in () if known is None else ("usual: joined", "refused"):
        table.add_column(name, justify="right", style="dim")
    names = dict.fromkeys(name for member in members for name in member.parts)
    for name in names:
        figures = [member.parts.get(name, 0.0) for member in members]
        figures += () if known is None else (known.joined.get(name, 0.0), known.refused.get(name, 0.0))
        table.add_row(printable(name), *(f"{figure:+.2f}" for figure in figures))
    rest = (member.score - sum(member.parts.values()) for member in members)
    table.add_row("intercept", *(f"{value:+.2f}" for value in rest))
    table.add_row("score", *(f"{member.score:.2f}" for member in members), style="bold")
    return table


def lacked(found: Mapping[str, float], enough: Mapping[str, float]) -> str:
    """The parts that fall short most of those of a comparison that was good enough; empty where none does."""
    gaps = sorted((found.get(name, 0.0) - value, name) for name, value in enough.items())
    return ", ".join(f"{name} {gap:+.2f}" for gap, name in gaps[:SHOWN_GAPS] if gap < 0)
