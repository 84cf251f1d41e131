"""From the bytes of a feed to articles: all of the work on a feed that takes a processor's time."""

import hashlib
from dataclasses import replace
from datetime import datetime

import msgspec

from ingest.article import Unusable, Writer
from ingest.known import Listed
from ingest.parse import Entry, FeedError, parse_feed
from streams.messages import Article, Feed


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A body to make articles of."""

    feed: Feed
    url: str
    """Where the body came from in the end."""
    content_type: str | None
    body: bytes
    now: datetime
    """When it came: the articles' `fetched`."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one entry: an article, or the reason why there is none."""

    id: str
    digest: str
    """Of what makes a new version."""
    article: Article | None = None
    reason: str = ""
    raw: str = ""
    """What a rejected entry said."""

    @property
    def listed(self) -> Listed:
        """As `ingest.known` sees it."""
        return Listed(self.id, self.digest, self.article.published if self.article else None)


class Extracted(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a body."""

    items: tuple[Item, ...] = ()
    ttl_minutes: float | None = None
    truncated: bool = False
    error: str | None = None
    """Why it is no feed; then there is nothing else."""


def extract(job: Job, writer: Writer) -> Extracted:
    """The articles of a feed. What is wrong with one entry leaves the others alone."""
    headers = {"content-type": job.content_type} if job.content_type else {}
    try:
        parsed = parse_feed(job.body, headers, job.feed.url, job.url)
    except FeedError as error:
        return Extracted(error=f"{job.feed.url}: {error}")
    items = tuple(_item(entry, job, writer) for entry in parsed.entries)
    return Extracted(items=items, ttl_minutes=parsed.ttl_minutes, truncated=parsed.truncated)


def _item(entry: Entry, job: Job, writer: Writer) -> Item:
    feed = job.feed
    draft = replace(entry.draft, source=feed.source, declared_lang=feed.lang or entry.draft.declared_lang)
    try:
        article = writer.article(draft, job.now)
    except Unusable as error:
        reason = f"{feed.url}: entry {entry.number}: {error}"
        return Item(id=f"rejected:{_digest(entry.raw)}", digest="", reason=reason, raw=entry.raw)
    return Item(id=article.id, digest=_digest(article.title, article.text), article=article)


def _digest(*parts: str) -> str:
    """Hash of what stands in an entry: 64 bits, compared with that entry's own former one only."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
