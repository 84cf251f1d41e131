"""The evidence that the database keeps with each article."""

from collections.abc import Collection, Iterator
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, select

from sinks.sql_schema import articles
from streams.messages import Evidence

SAMPLE = 500
"""Articles that tell what is usual. Ids are hashes, so the first of them are as good as any; medians of 500 lie
within a few hundredths of a unit of log odds of those of all."""


def evidence_of(connection: Connection, ids: Collection[str]) -> dict[str, Evidence]:
    """Of articles, by id; those that have none are left out."""
    return _evidence(connection, articles.c.id.in_(sorted(ids)))


def evidence_in(connection: Connection, story: str) -> dict[str, Evidence]:
    """Of the articles of a story, by id."""
    return _evidence(connection, articles.c.story_id == story)


def sample(connection: Connection) -> list[Evidence]:
    """Of some articles, always the same ones."""
    return list(_evidence(connection, articles.c.evidence.is_not(None), SAMPLE).values())


def all_evidence(connection: Connection) -> Iterator[tuple[str, Evidence]]:
    """Of all articles, one after the other."""
    query = select(articles.c.id, articles.c.evidence).where(articles.c.evidence.is_not(None))
    for article, raw in connection.execution_options(yield_per=1_000).execute(query):
        yield article, msgspec.convert(raw, Evidence)


def _evidence(connection: Connection, where: ColumnElement[Any], most: int | None = None) -> dict[str, Evidence]:
    query = select(articles.c.id, articles.c.evidence).where(where).order_by(articles.c.id).limit(most)
    return {
        article: msgspec.convert(raw, Evidence) for article, raw in connection.execute(query) if raw is not None
    }
