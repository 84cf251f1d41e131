"""Brings the tables to where a batch of story updates leads; the caller holds the transaction."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Table, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from sinks.sql_rows import Batch, Row, fold
from sinks.sql_schema import article_feeds, articles, related_stories, relations, stories
from streams.messages import StoryState, StoryUpdate

_INSERTS: dict[str, Callable[[Table], Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
"""INSERT … ON CONFLICT is all that differs between the databases."""


def insert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows; those whose key is there already stay as they are."""
    if rows:
        connection.execute(_INSERTS[connection.dialect.name](table).on_conflict_do_nothing(), rows)


def upsert(
    connection: Connection, table: Table, rows: Sequence[Row], *, keep: str | None = None, newer: str | None = None
) -> None:
    """Insert rows, and replace those whose key is there already.

    `keep`: a column that a replacement leaves alone. `newer`: a column that must grow for a replacement to happen.
    """
    if not rows:
        return
    statement = _INSERTS[connection.dialect.name](table)
    replaced = [column.name for column in table.c if not column.primary_key and column.name != keep]
    statement = statement.on_conflict_do_update(
        index_elements=[column.name for column in table.primary_key],
        set_={name: statement.excluded[name] for name in replaced},
        where=None if newer is None else table.c[newer] < statement.excluded[newer],
    )
    connection.execute(statement, rows)


def write(connection: Connection, updates: Sequence[StoryUpdate]) -> None:
    """Write what the updates say. The result is the same however they are cut into batches."""
    batch = fold(updates, _existing(connection, updates))
    _write_articles(connection, batch)
    states = [_state(state) for state in batch.stories.values()]
    upsert(connection, stories, states, keep="merged_into", newer="version")
    insert(connection, stories, list(batch.redirects.values()))
    insert(connection, related_stories, list(batch.related.values()))
    for merged in batch.merged:
        _merge(connection, merged.old, merged.into)


def _existing(connection: Connection, updates: Sequence[StoryUpdate]) -> dict[str, Row]:
    ids = sorted({update.article.id for update in updates})
    rows = connection.execute(select(articles).where(articles.c.id.in_(ids)))
    return {row["id"]: dict(row) for row in rows.mappings()}


def _write_articles(connection: Connection, batch: Batch) -> None:
    rows = list(batch.articles.values())
    final = _redirects(connection, {row["story_id"] for row in rows})
    placed = [{**row, "story_id": final.get(row["story_id"], row["story_id"])} for row in rows]
    upsert(connection, articles, placed)
    insert(connection, article_feeds, list(batch.feeds.values()))
    if batch.decided:
        connection.execute(delete(relations).where(relations.c.article_id.in_(sorted(batch.decided))))
    upsert(connection, relations, [row for known in batch.relations.values() for row in known.values()])


def _redirects(connection: Connection, ids: set[str | None]) -> dict[str | None, str]:
    """Those of the stories that were merged away, and where to. Redirects are kept one step long."""
    merged = select(stories.c.id, stories.c.merged_into).where(
        stories.c.id.in_(sorted(filter(None, ids))), stories.c.merged_into.is_not(None)
    )
    return {row.id: row.merged_into for row in connection.execute(merged)}


def _state(state: StoryState) -> Row:
    return {
        "id": state.id,
        "title": state.title,
        "terms": state.terms,
        "names": state.names,
        "first_article": state.first.article,
        "first_source": state.first.source,
        "lang": state.lang,
        "articles": state.articles,
        "sources": state.sources,
        "independent_texts": state.independent_texts,
        "first_published": state.first_published,
        "last_published": state.last_published,
        "last_fetched": state.last_fetched,
        "alarmed": state.alarmed,
        "version": state.version,
        "merged_into": None,
    }


def _merge(connection: Connection, old: str, into: str) -> None:
    """Move the articles of `old`, and let it and all that led to it lead to where they are now."""
    gone = _redirects(connection, {old, into})
    final = gone.get(into, into)
    if old in gone or final == old:
        return  # an id disappears once, and never into itself
    connection.execute(update(articles).where(articles.c.story_id == old).values(story_id=final))
    led_here = (stories.c.id == old) | (stories.c.merged_into == old)
    connection.execute(update(stories).where(led_here).values(merged_into=final))
