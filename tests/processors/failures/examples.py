"""Written examples of what stories must not do wrong, and how they are read from their files."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from streams.messages import Article

HERE = Path(__file__).parent
MONDAY = datetime(2021, 3, 1, tzinfo=UTC)
"""Day 1 of every example: its texts name weekdays."""
AHEAD = timedelta(days=7)
"""How long before an example the rest of the stream begins: all of it stays live, and counted, for three weeks."""

_TIME = re.compile(r"day (\d+), (\d\d):(\d\d)")

T = TypeVar("T")
Stream = Literal["busy", "cold"]
"""`busy`: other news comes first, as in a real stream; `cold`: the example is the first that Storywire sees."""


class Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An article as it stands in a file."""

    title: str
    text: str
    id: str = ""
    source: str = "The Example"
    published: str | None = None
    """"day 3, 14:05"; None for an undated one."""
    fetched: str | None = None
    """When it was seen, where that is not when it was published; an undated one needs it."""


class Example(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Some articles, and what a careful reader expects of their stories."""

    name: str
    guards: str
    """The failure that it guards against, in one sentence."""
    articles: tuple[Written, ...]
    """In the order in which they come."""
    together: tuple[tuple[str, ...], ...] = ()
    """Articles that share one story, by line."""
    apart: tuple[tuple[str, ...], ...] = ()
    """Articles of which no two share a story, by line."""
    streams: tuple[Stream, ...] = ("busy",)
    fails_today: dict[Stream, str] = {}
    """Why it is expected to fail, by stream; the test fails as soon as it does not."""


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file: examples of one kind of failure."""

    kind: str
    examples: tuple[Example, ...]
    lang: str = "en"


def kinds() -> list[Kind]:
    """All files."""
    return [_read(path, Kind) for path in sorted(HERE.glob("*.yaml"))]


def incoming(example: Example, lang: str, stream: Stream) -> list[Article]:
    """What comes in: the example's articles, after the rest of the stream where that is busy."""
    articles: list[Article] = []
    for written in example.articles:
        published = None if written.published is None else _time(written.published)
        fetched = _time(written.fetched or written.published or "")
        articles.append(_article(written, written.id, lang, published, fetched))
    return articles if stream == "cold" else [*_others(lang, articles[0].fetched), *articles]


def _others(lang: str, until: datetime) -> Iterator[Article]:
    """The rest of the stream, evenly over a week."""
    others = _read(HERE / "stream" / f"{lang}.yaml", tuple[Written, ...])
    for number, written in enumerate(others):
        published = until - AHEAD + AHEAD * number / len(others)
        yield _article(written, f"other-{number}", lang, published, published)


def _article(written: Written, id: str, lang: str, published: datetime | None, fetched: datetime) -> Article:  # noqa: A002
    return Article(
        id=id,
        title=written.title,
        text=written.text,
        lang=lang,
        source=written.source,
        published=published,
        fetched=fetched,
    )


def _time(written: str) -> datetime:
    match = _TIME.fullmatch(written)
    if match is None:
        raise ValueError(f"a time is written as 'day 3, 14:05', not as {written!r}")
    day, hour, minute = map(int, match.groups())
    return MONDAY + timedelta(days=day - 1, hours=hour, minutes=minute)


def _read(path: Path, type: type[T]) -> T:  # noqa: A002
    try:
        return msgspec.yaml.decode(path.read_bytes(), type=type)
    except msgspec.MsgspecError as error:
        raise ValueError(f"{path}: {error}") from error
