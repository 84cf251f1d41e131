"""Ids as people give them: whole, as a unique beginning, or an article by its URL."""

import difflib

from sqlalchemy import Connection, Table, func, select

from service.exits import UserError
from sinks.sql_schema import articles, stories

LISTED = 10
"""Most ids listed when the beginning of an id fits several."""


class NotFound(UserError):
    """No such id, or a beginning that several ids share; the message helps on."""


def find_story(connection: Connection, reference: str) -> str:
    """The id of the story that is meant; it may have been merged away. Raises NotFound."""
    return _resolve(connection, stories, "story", reference)


def find_article(connection: Connection, reference: str) -> str:
    """The id of the article that is meant. Raises NotFound."""
    of_url = connection.scalar(select(func.min(articles.c.id)).where(articles.c.url == reference))
    return of_url or _resolve(connection, articles, "article", reference)


def _resolve(connection: Connection, table: Table, what: str, reference: str) -> str:
    """The id that is meant: exactly this one, or the only one that begins so."""
    if connection.scalar(select(table.c.id).where(table.c.id == reference)) is not None:
        return reference
    found = _beginning(connection, table, reference, LISTED + 1) if reference else []
    if len(found) == 1:
        return found[0]
    if found:
        more = " …" if len(found) > LISTED else ""
        raise NotFound(f"{reference!r} begins several ids, give more of it: {', '.join(found[:LISTED])}{more}")
    raise NotFound(f"there is no {what} {reference!r}; {_hint(connection, table, reference)}")


def _beginning(connection: Connection, table: Table, start: str, limit: int) -> list[str]:
    begins = func.substr(table.c.id, 1, len(start)) == start  # LIKE would not tell a from A in SQLite
    return list(connection.scalars(select(table.c.id).where(begins).order_by(table.c.id).limit(limit)))


def _hint(connection: Connection, table: Table, reference: str) -> str:
    """What to try instead."""
    if table is stories:
        of_article = connection.scalar(select(articles.c.story_id).where(articles.c.id == reference))
        if of_article is not None:
            return f"that is an article of the story {of_article}"
    elif connection.scalar(select(stories.c.id).where(stories.c.id == reference)) is not None:
        return f"that is a story: storywire story {reference}"
    alike = _beginning(connection, table, reference[: max(4, len(reference) // 2)], 1_000)
    near = difflib.get_close_matches(reference, alike, n=3)
    if near:
        return f"did you mean {' or '.join(near)}?"
    return "`storywire stories` lists the stories, `storywire story ID` their articles"
