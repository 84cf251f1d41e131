"""What the reading commands share in showing things: the terminal, times, names."""

import sys
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from textwrap import shorten
from typing import Any, TextIO

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from service.records import Article
from sinks.lines import printable

MIDNIGHT = time()

PIPE_WIDTH = 120
"""Columns where there is no terminal: wide enough for a headline, and a file that is still easy to read."""


def terminal(stream: TextIO | None = None, width: int | None = None) -> Console:
    """Where to print: coloured on a terminal, plain elsewhere. `width`: columns, if not the terminal's own."""
    console = Console(file=stream or sys.stdout, width=width, highlight=False, markup=False, emoji=False)
    if width is None and not console.is_terminal:
        console.width = PIPE_WIDTH
    return console


def put(console: Console, *parts: RenderableType) -> None:
    """Print the parts without the blanks that rich fills lines up with: output is also read by other programs."""
    with console.capture() as capture:
        console.print(*parts, sep="\n")
    lines = capture.get().split("\n")
    console.file.write("\n".join(line.rstrip(" ") for line in lines))
    console.file.flush()


def plain_table() -> Table:
    """A table without a frame; its columns keep their widths unless told otherwise."""
    return Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))


def when(moment: datetime | None) -> str:
    """A time for people, UTC. Midnight to the second is a date: that is all its source has told."""
    if moment is None:
        return "undated"
    return f"{moment:%Y-%m-%d}" if moment.time() == MIDNIGHT else f"{moment:%Y-%m-%d %H:%M}"


def lapse(span: timedelta) -> str:
    """A span of time for people, in one unit."""
    minutes = abs(span) / timedelta(minutes=1)
    if minutes < 1:
        return "<1 min"
    if minutes < 60:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.0f} h" if minutes < 48 * 60 else f"{minutes / 1440:.0f} d"


def iso(moment: datetime | None) -> str | None:
    """A time for programs: ISO 8601, UTC, `Z`."""
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def outlet(source: str | None) -> str:
    """The name of an outlet."""
    return printable(source) if source else "unknown outlet"


TITLE = 70
"""Characters of a headline that stands among others."""


def cut(title: str) -> str:
    """A headline among others, not too long."""
    return shorten(printable(title), TITLE, placeholder=" …")


def one_line(*parts: str | tuple[str, str] | Text) -> Text:
    """One line, whatever its length."""
    return Text(no_wrap=True, overflow="ellipsis").append_text(Text.assemble(*parts))


def headline(article: Article) -> Text:
    """`“Title” (Outlet)`."""
    return Text.assemble("“", (printable(article.title), "bold"), f"” ({outlet(article.source)})")


def mentioned(known: Mapping[str, Article], article: str) -> Text:
    """The headline of an article that is mentioned by its id, or the id where nothing is known of it."""
    return headline(known[article]) if article in known else Text(printable(article))


def brief(known: Mapping[str, Article], article: str) -> dict[str, Any]:
    """The same for programs."""
    found = known.get(article)
    return {"id": article, "title": found and found.title, "source": found and found.source}
