"""The tables of the SQL sink, for every database that SQLAlchemy speaks to. `docs/schema.md` explains them."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy
from sqlalchemy import JSON, BigInteger, Column, DateTime, Float, Index, Integer, MetaData, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

VERSION = 2
"""Version of this schema, kept in `meta`."""


class Utc(TypeDecorator[datetime]):
    """A point in time: stored in UTC, returned aware. SQLite has no time zones and stores what it is given."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """A naive time is taken for UTC, as messages mean it."""
        return None if value is None else aware(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware, in UTC."""
        return None if value is None else aware(value)


def aware(time: datetime) -> datetime:
    """The time in UTC; a naive one is UTC already."""
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


Text = sqlalchemy.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
"""Compared by its bytes, as SQLite does. PostgreSQL would sort by the language of the database: ids in another
order than in SQLite, and indexes that an upgrade of the system's collations breaks."""

JSON_CODEC: Mapping[str, Callable[[Any], Any]] = {
    "json_serializer": lambda value: msgspec.json.encode(value).decode(),
    "json_deserializer": msgspec.json.decode,
}
"""How engines write and read the JSON columns. They are JSON and not JSONB on PostgreSQL: kept as they were
written, with the parts of a score in their order. Who queries them often may index `evidence::jsonb`."""

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

articles = Table(
    "articles",
    metadata,
    Column("id", Text, primary_key=True),
    Column("url", Text),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("source", Text),
    Column("lang", Text, nullable=False),
    Column("published", Utc),
    Column("published_claim", Text),
    Column("fetched", Utc, nullable=False),
    Column("authors", JSON, nullable=False),
    Column("categories", JSON, nullable=False),
    Column("image", Text),
    Column("story_id", Text),
    Column("verdict", Text, nullable=False),
    Column("duplicate_of", Text),
    Column("family", Text, nullable=False),
    Column("evidence", JSON(none_as_null=True)),
    Column("revised", Utc),
    Column("revisions", Integer, nullable=False),
    Index("articles_of_story", "story_id"),
    Index("articles_of_family", "family"),
    # A URL may be longer than an entry of PostgreSQL's other indexes (2,704 bytes).
    Index("articles_of_url", "url", postgresql_using="hash"),
)

article_feeds = Table(
    "article_feeds",
    metadata,
    Column("article_id", Text, primary_key=True),
    Column("feed", Text, primary_key=True),
    Column("fetched", Utc, nullable=False),
)

relations = Table(
    "relations",
    metadata,
    Column("article_id", Text, primary_key=True),
    Column("other_id", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("jaccard", Float, nullable=False),
    Column("containment", Float, nullable=False),
    Index("relations_of_other", "other_id"),
)

stories = Table(
    "stories",
    metadata,
    Column("id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("terms", JSON, nullable=False),
    Column("names", JSON, nullable=False),
    Column("first_article", Text),
    Column("first_source", Text),
    Column("lang", Text, nullable=False),
    Column("articles", Integer, nullable=False),
    Column("sources", Integer, nullable=False),
    Column("independent_texts", Integer, nullable=False),
    Column("first_published", Utc),
    Column("last_published", Utc),
    Column("last_fetched", Utc, nullable=False),
    Column("alarmed", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("merged_into", Text),
    Index("stories_by_time", "last_published"),
    Index("stories_merged", "merged_into"),
)

related_stories = Table(
    "related_stories",
    metadata,
    Column("story_id", Text, primary_key=True),
    Column("other_id", Text, primary_key=True),
    Column("article_id", Text, nullable=False),
    Column("score", Float, nullable=False),
    Column("names", JSON, nullable=False),
    Column("terms", JSON, nullable=False),
    Column("gap_days", Float),
    Index("related_stories_of_other", "other_id"),
)

sink_offsets = Table(
    "sink_offsets",
    metadata,
    Column("log", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
)
