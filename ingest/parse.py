"""From the bytes of a feed to its entries. feedparser is handed bytes only, never an address or a file name."""

import calendar
import io
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import feedparser

from ingest.article import Draft
from ingest.dates import NO_CLAIM, Claim, utc
from ingest.markup import article_text, strip_markup
from ingest.urls import canonical_url
from streams.messages import storable

MAX_ENTRIES = 1_000
"""Entries read of a feed; the largest real ones list a few hundred."""

MAX_RAW_CHARS = 10_000
"""Characters kept of an entry that nothing can be made of."""


class FeedError(ValueError):
    """The bytes are no feed; the message says what they are."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, as feedparser gave it."""

    number: int
    """Its place in the feed, from 1."""
    draft: Draft
    raw: str
    """What it said, for people, where nothing can be made of it."""


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """What a feed says."""

    entries: tuple[Entry, ...]
    ttl_minutes: float | None
    """How long it asks to be left alone (`<ttl>`, `sy:updatePeriod`)."""
    truncated: bool
    """It breaks off: the entry that it breaks off in is left out."""


def parse_feed(body: bytes, headers: Mapping[str, str], feed: str, url: str) -> ParsedFeed:
    """The entries of a feed, in its order.

    `feed` names it in the drafts, `url` is what its relative links stand against, and of the `headers` of the
    response the content type counts. Raises FeedError.
    """
    if not body.strip():
        raise FeedError("is empty")
    typed = {name.lower(): value for name, value in headers.items() if name.lower() == "content-type"}
    parsed = feedparser.parse(
        io.BytesIO(body),  # bytes as such it would try to open as a file name first
        response_headers=typed | {"content-location": url},
        sanitize_html=False,  # the text is taken out of the markup anyway
        resolve_relative_uris=False,
    )
    if not parsed.entries and not parsed.version:
        raise FeedError(_what_else(body))
    truncated = bool(parsed.bozo) and _breaks_off(body)
    found = parsed.entries[:-1] if truncated and _breaks_off_in_entry(body) else parsed.entries
    found = found[:MAX_ENTRIES]
    shared = _shared_links(found)
    declared = parsed.feed.get("language")
    entries = tuple(
        Entry(number, _draft(entry, feed, declared, shared), _raw(entry)) for number, entry in enumerate(found, 1)
    )
    return ParsedFeed(entries, _ttl_minutes(parsed.feed), truncated)


# --- what is wrong with it -----------------------------------------------------------------------------

_ROOT_END = re.compile(rb"</\s*([\w.-]+:)?(rss|feed|rdf|channel)\s*>\s*(<!--.*?-->\s*)*\Z", re.I | re.S)
_ENTRY_START = re.compile(rb"<([\w.-]+:)?(item|entry)[\s>]", re.I)
_ENTRY_END = re.compile(rb"</([\w.-]+:)?(item|entry)\s*>", re.I)
_FEED_LINK = re.compile(rb"<link\b[^>]*application/(?:rss|atom)\+xml[^>]*>", re.I)
_HREF = re.compile(rb"""href\s*=\s*["']?([^"'\s>]+)""", re.I)


def _what_else(body: bytes) -> str:
    start = body[:2_000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if re.match(rb"<(!doctype\s+html|html)\b", start, re.I):
        link = _FEED_LINK.search(body)
        href = _HREF.search(link[0]) if link else None
        hint = f", which names the feed {href[1].decode('utf-8', 'replace')}" if href else ""
        return f"is an HTML page and no feed{hint}"
    return f"is no feed; it begins with {start[:40].decode('utf-8', 'replace')!r}"


def _ascii(body: bytes) -> bytes:
    """The body with its tags readable as ASCII, in UTF-16 and UTF-32 too."""
    return body.replace(b"\0", b"")


def _breaks_off(body: bytes) -> bool:
    return _ROOT_END.search(_ascii(body)[-2_000:]) is None


def _breaks_off_in_entry(body: bytes) -> bool:
    """Whether the last entry begins and does not end."""
    text = _ascii(body)
    last_end = max((m.end() for m in _ENTRY_END.finditer(text)), default=0)
    return _ENTRY_START.search(text, last_end) is not None


# --- what it says --------------------------------------------------------------------------------------

_PERIOD_MINUTES = {"hourly": 60, "daily": 1_440, "weekly": 10_080, "monthly": 43_200, "yearly": 525_600}


def _ttl_minutes(channel: Mapping[str, Any]) -> float | None:
    asked = [_number(channel.get("ttl"))]
    period = _PERIOD_MINUTES.get(str(channel.get("sy_updateperiod", "")).strip().lower())
    if period:
        asked.append(period / max(1.0, _number(channel.get("sy_updatefrequency")) or 1.0))
    return max((minutes for minutes in asked if minutes), default=None)


def _number(text: object) -> float | None:
    """A positive number of at most six digits, where the text is one."""
    match = re.fullmatch(r"\s*(\d{1,6}(\.\d{0,6})?)\s*", str(text))
    return float(match[1]) if match else None


def _shared_links(entries: list[Any]) -> frozenset[str]:
    """Links of more than one entry: live blogs and podcasts link all entries to one page, told apart by GUID."""
    entries = list({_guid(entry) or str(i): entry for i, entry in enumerate(entries)}.values())
    links = Counter(canonical_url(entry.get("link")) for entry in entries)
    return frozenset(link for link, count in links.items() if link and count > 1)


def _draft(entry: Mapping[str, Any], feed: str, declared: str | None, shared: frozenset[str]) -> Draft:
    content = max((_value(part) for part in _list(entry, "content")), key=len, default="")
    text = article_text(content) or article_text(str(entry.get("summary", "")))
    link = entry.get("link")
    detail = entry.get("title_detail") or {}
    return Draft(
        title=strip_markup(str(entry.get("title", ""))).replace("\n", " "),
        text=text,
        url=link,
        url_identifies=canonical_url(link) not in shared,
        guid=_guid(entry),
        feed=feed,
        published=_published(entry),
        declared_lang=detail.get("language") or declared,
        authors=tuple(str(a.get("name", "")) for a in _list(entry, "authors")),
        categories=tuple(str(t.get("term") or t.get("label") or "") for t in _list(entry, "tags")),
        image=_image(entry),
    )


def _published(entry: Mapping[str, Any]) -> Claim:
    for name in ("published", "created", "updated"):
        if text := entry.get(name):
            return Claim(str(text), _time(entry.get(f"{name}_parsed")) or _odd_time(str(text)))
    return NO_CLAIM


def _time(parsed: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    except (TypeError, ValueError, OverflowError, OSError):  # None; a year that datetime has not
        return None


def _odd_time(text: str) -> datetime | None:
    """The time in a spelling of RFC 822 that feedparser does not know: `Thu,28 Jul 2022 4:35:5 GMT+9`."""
    zoned = re.sub(r"(?:GMT|UTC)([+-])(\d{1,2})$", lambda m: f"{m[1]}{int(m[2]):02}00", text.strip())
    try:
        return utc(parsedate_to_datetime(zoned))
    except (ValueError, OverflowError):
        return None


def _image(entry: Mapping[str, Any]) -> str | None:
    media = [*_list(entry, "media_thumbnail"), *_list(entry, "media_content"), *_list(entry, "enclosures")]
    for part in media:
        kind = str(part.get("type") or part.get("medium") or "image")
        if kind.startswith("image") and (part.get("url") or part.get("href")):
            return str(part.get("url") or part.get("href"))
    return None


def _guid(entry: Mapping[str, Any]) -> str | None:
    return entry.get("id") or None


def _list(entry: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return [part for part in entry.get(name) or [] if isinstance(part, Mapping)]


def _value(part: Mapping[str, Any]) -> str:
    return str(part.get("value") or "")


def _raw(entry: Mapping[str, Any]) -> str:
    said = ((name, value) for name, value in sorted(entry.items()) if isinstance(value, str) and value)
    return storable("\n".join(f"{name}: {value}" for name, value in said))[:MAX_RAW_CHARS]
