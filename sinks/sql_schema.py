"""The tables of the SQL sink, for every database that SQLAlchemy speaks to. `docs/schema.md` explains them."""

from datetime import UTC, datetime

from sqlalchemy import JSON, BigInteger, Column, DateTime, Float, Index, Integer, MetaData, Table, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

VERSION = 1
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
    Index("articles_of_url", "url"),
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
    Column("lang", Text, nullable=False),
    Column("articles", Integer, nullable=False),
    Column("sources", Integer, nullable=False),
    Column("independent_texts", Integer, nullable=False),
    Column("first_published", Utc),
    Column("last_published", Utc),
    Column("last_fetched", Utc, nullable=False),
    Column("version", Integer, nullable=False),
    Column("merged_into", Text),
    Index("stories_by_time", "last_published"),
    Index("stories_merged", "merged_into"),
)

sink_offsets = Table(
    "sink_offsets",
    metadata,
    Column("log", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
)
