"""Articles from files: JSONL, plain text and saved feeds, in the order in which a stream would bring them."""

import gzip
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from config.sections import PollerSection
from ingest.article import Draft, Unusable, Writer
from ingest.dates import iso_claim, utc
from ingest.language import Languages
from ingest.parse import FeedError, parse_feed
from streams.messages import Article

_JSONL = (".jsonl", ".ndjson")
_FEEDS = (".xml", ".rss", ".atom", ".rdf")
_GZIP = b"\x1f\x8b"
_MAX_TEXT_CHARS = PollerSection().max_text_chars


class FilesError(Exception):
    """A file cannot be read; the message names it and what to do."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A line or file of which no article could be made."""

    place: str
    """`file:line`; for an entry of a saved feed, the line is its number; for a whole file only the file."""
    reason: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class FromFiles:
    """What files hold."""

    articles: list[Article]
    """In stream order: by time of publication when everything is dated, else as given."""
    labels: dict[str, str]
    """The story of each labelled article, by its id."""
    rejected: list[Rejected]
    undated: int
    """Articles without a time of publication."""
    lines: list[str]
    """For each line or entry, in the order given, the id of its article; the place of one that was rejected."""
    line_of: list[int]
    """For each article, where in `lines` it stands."""


class _Line(msgspec.Struct, frozen=True):
    """A line of JSONL. `lang` is ignored: the language is told from the text."""

    id: str | int | None = None
    published: str | None = None
    source: str | None = None
    url: str | None = None
    title: str | None = None
    text: str | None = None
    story: str | int | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """A line or entry: a draft, or the reason why there is none."""

    place: str
    raw: bytes
    draft: Draft | None = None
    reason: str = ""
    story: str | None = None


@dataclass(slots=True)
class _Collected:
    articles: list[Article] = field(default_factory=list)
    line_of: list[int] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


def read_files(
    paths: Sequence[Path],
    *,
    published: datetime | None,
    now: datetime,
    default_lang: str,
    languages: Languages | None = None,
    max_text_chars: int = _MAX_TEXT_CHARS,
) -> FromFiles:
    """The articles in files.

    `published` dates what is undated. `languages`: loaded here where none is handed in. Raises FilesError for a
    file that cannot be read; what is wrong inside a file is rejected alone.
    """
    writer = Writer(languages or Languages(), default_lang, max_text_chars)
    collected = _Collected()
    for path in paths:
        for found in _read(path):
            _collect(collected, found, writer, published and utc(published), now)
    placed = list(zip(collected.articles, collected.line_of, strict=True))
    undated = sum(article.published is None for article, _ in placed)
    if not undated:
        placed.sort(key=lambda one: one[0].published or now)
    return FromFiles(
        articles=stamped([article for article, _ in placed], now),
        labels=collected.labels,
        rejected=collected.rejected,
        undated=undated,
        lines=collected.lines,
        line_of=[line for _, line in placed],
    )


def _collect(into: _Collected, found: _Found, writer: Writer, published: datetime | None, now: datetime) -> None:
    try:
        if found.draft is None:
            raise Unusable(found.reason)
        article = writer.article(found.draft, now)
    except Unusable as error:
        into.rejected.append(Rejected(found.place, str(error), found.raw))
        into.lines.append(found.place)
        return
    if article.published is None and published:
        article = msgspec.structs.replace(article, published=published)
    into.articles.append(article)
    into.line_of.append(len(into.lines))
    into.lines.append(article.id)
    if found.story is not None:
        into.labels[article.id] = found.story


def stamped(articles: Sequence[Article], now: datetime) -> list[Article]:
    """The articles with `fetched` as a stream would have it.

    A dated article was fetched when it was published. An undated one takes the stream's clock so far; before the
    first dated one, the earliest publication of all; when nothing is dated, `now`.
    """
    clock = min((a.published for a in articles if a.published), default=now)
    result = []
    for article in articles:
        clock = max(clock, article.published or clock)
        result.append(msgspec.structs.replace(article, fetched=article.published or clock))
    return result


# --- files ---------------------------------------------------------------------------------------------


def _read(path: Path) -> Iterator[_Found]:
    content = _content(path)
    suffix = path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix
    start = content[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    if suffix in _JSONL or (suffix not in (".txt", *_FEEDS) and start.startswith(b"{")):
        return _jsonl(path, content)
    if suffix in _FEEDS or (suffix != ".txt" and start.startswith(b"<")):
        return _saved_feed(path, content)
    return _plain_text(path, content)


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if content.startswith(_GZIP) else content
    except FileNotFoundError:
        raise FilesError(f"{path}: no such file; check the name and the working directory") from None
    except IsADirectoryError:
        raise FilesError(f"{path}: is a folder; name the files in it, for example {path}/*.jsonl") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise FilesError(f"{path}: damaged gzip file ({error}); fetch or compress it again") from None
    except OSError as error:
        raise FilesError(f"{path}: cannot be read ({error.strerror}); check its permissions") from None


def _jsonl(path: Path, content: bytes) -> Iterator[_Found]:
    for number, raw in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if raw.strip():
            yield _line(f"{path}:{number}", raw, str(path))


def _line(place: str, raw: bytes, feed: str) -> _Found:
    try:
        # json and not msgspec: it lets lone surrogates pass, which `storable` then mends
        value: Any = json.loads(raw.decode("utf-8", "replace"))
        line = msgspec.convert(value, _Line)
    except json.JSONDecodeError as error:
        return _Found(place, raw, reason=f"is not JSON: {error.msg} at character {error.pos + 1}")
    except (RecursionError, ValueError) as error:  # ValidationError is a ValueError
        return _Found(place, raw, reason=f"is no article: {error}")
    draft = Draft(
        id=None if line.id is None else str(line.id),
        title=line.title or "",
        text=line.text or "",
        url=line.url,
        feed=feed,
        source=line.source,
        published=iso_claim(line.published),
    )
    return _Found(place, raw, draft, story=None if line.story is None else str(line.story))


def _plain_text(path: Path, content: bytes) -> Iterator[_Found]:
    title, _, text = _decoded(content).strip().partition("\n")
    yield _Found(f"{path}:1", content, Draft(title=title, text=text, feed=str(path)))


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("windows-1252", "replace")  # what old text files are, where they are not UTF-8


def _saved_feed(path: Path, content: bytes) -> Iterator[_Found]:
    try:
        parsed = parse_feed(content, {}, str(path), "")
    except FeedError as error:
        yield _Found(str(path), content, reason=str(error))
        return
    for entry in parsed.entries:
        yield _Found(f"{path}:{entry.number}", entry.raw.encode(), entry.draft)
