"""What the reading commands ask the database of the SQL sink."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import Any, Literal, TypeVar

from sqlalchemy import Connection, Select, Table, and_, func, or_, select
from sqlalchemy.engine import RowMapping

from service.deciding import usual
from service.exits import Exit, UserError
from service.kept_evidence import all_evidence, evidence_in, evidence_of, sample
from service.links import in_order, weighed
from service.lookup import NotFound, find_article, find_story
from service.pair_sample import Weighed
from service.pair_sample import weighed as weighed_pairs
from service.records import Article, Coverage, Explanation, Lead, Link, Match, Member, Pair, Story
from sinks.base import SinkDown, SinkError
from sinks.database import open_database
from sinks.sql_schema import article_feeds, articles, related_stories, relations, stories
from streams.messages import Evidence

Row = TypeVar("Row", Story, Article)
Sort = Literal["recent", "size"]


class Reader:
    """Reads one database; several processes may read while the sink writes."""

    def __init__(self, url: str) -> None:
        """Raises UserError for a database that is missing, not ours, or does not answer."""
        try:
            self._database = open_database(url, create=False)
        except (SinkError, SinkDown) as error:
            raise UserError(str(error), Exit.STORE) from error

    def close(self) -> None:
        """Close the connections."""
        self._database.close()

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        """A transaction: everything read in it belongs together."""
        try:
            with self._database.begin() as connection:
                yield connection
        except (SinkError, SinkDown) as error:
            raise UserError(str(error), Exit.STORE) from error

    def article_ids(self) -> set[str]:
        """The ids of all articles."""
        with self._read() as connection:
            return set(connection.scalars(select(articles.c.id)))

    def stories(self, limit: int | None = None, offset: int = 0, sort: Sort = "recent") -> list[Story]:
        """A page of the stories that exist now: the latest coverage first, or the largest."""
        with self._read() as connection:
            return _stories(connection, sort, limit, offset)

    def story(self, reference: str) -> Coverage:
        """A story by its id or the unique beginning of it; one that was merged away leads on. Raises NotFound."""
        with self._read() as connection:
            asked = find_story(connection, reference)
            into = connection.scalar(select(stories.c.merged_into).where(stories.c.id == asked))
            (story,) = _by_id(Story, connection, stories, [into or asked])
            (found,) = _coverage(connection, [story], asked=asked)
            return replace(found, related=_links(connection, story.id))

    def coverage(self) -> list[Coverage]:
        """All stories with their articles, the largest first: for replays, which are small."""
        with self._read() as connection:
            return _coverage(connection, _stories(connection, "size"))

    def copies(self) -> list[Member]:
        """All articles that copy another one, by publication."""
        with self._read() as connection:
            return _members(connection, articles.c.verdict.in_(("exact", "near", "excerpt")))

    def explain(self, reference: str) -> Explanation:
        """What was decided about an article: by its id, the unique beginning of it, or its URL.

        Raises NotFound.
        """
        with self._read() as connection:
            return _explain(connection, find_article(connection, reference))

    def explain_pair(self, reference: str, other: str) -> Pair:
        """What was decided about two articles, the one that came first before the other. Raises NotFound."""
        with self._read() as connection:
            found = {find_article(connection, each) for each in (reference, other)}
            if len(found) == 1:
                raise NotFound(f"{reference!r} and {other!r} are the same article; name two")
            first, second = in_order(*(_explain(connection, article) for article in sorted(found)))
            return _pair(connection, first, second)

    def weighed(self) -> list[Weighed]:
        """All decisions between joining a story and opening one."""
        with self._read() as connection:
            return list(weighed_pairs(all_evidence(connection)))

    def leads(self, ids: Sequence[str]) -> dict[str, Lead]:
        """Articles with their texts, those that are there."""
        with self._read() as connection:
            texts = _texts(connection, ids)
            return {one.id: Lead(one, texts[one.id]) for one in _by_id(Article, connection, articles, ids)}


# --- queries -------------------------------------------------------------------------------------------


def _explain(connection: Connection, id: str) -> Explanation:  # noqa: A002
    (article,) = _by_id(Article, connection, articles, [id])
    evidence = next(iter(evidence_of(connection, [article.id]).values()), None)
    matches = _matches(connection, article.id)
    mentioned = {article.family, article.duplicate_of, *(match.other_id for match in matches)}
    others = (mentioned | _members_in(evidence)) - {article.id}
    return Explanation(
        article=article,
        matches=matches,
        copies=_count_copies(connection, article.id),
        feeds=_feeds(connection, article.id),
        story=next(iter(_by_id(Story, connection, stories, [article.story_id])), None),
        evidence=evidence,
        articles={other.id: other for other in _by_id(Article, connection, articles, others)},
        stories=_stories_in(connection, evidence),
        usual=usual(sample(connection), vector=evidence.vector) if evidence is not None else None,
    )


def _pair(connection: Connection, first: Explanation, second: Explanation) -> Pair:
    ids = [first.article.id, second.article.id]
    texts = _texts(connection, ids)
    story = first.article.story_id
    together = evidence_in(connection, story) if story is not None and story == second.article.story_id else {}
    known = _by_id(Article, connection, articles, {*together} | {*first.articles} | {*second.articles} | {*ids})
    return Pair(
        first=first,
        second=second,
        texts=(texts[ids[0]], texts[ids[1]]),
        matches=[
            (one.article.id, match)
            for one, other in ((first, second), (second, first))
            for match in one.matches
            if match.other_id == other.article.id
        ],
        evidence=together,
        articles={article.id: article for article in known},
    )


def _texts(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    rows = connection.execute(select(articles.c.id, articles.c.text).where(articles.c.id.in_(ids)))
    return {row.id: row.text for row in rows}


def _of(kind: type[Row], table: Table) -> Select[Any]:
    return select(*(table.c[field.name] for field in fields(kind)))


def _all(kind: type[Row], connection: Connection, query: Select[Any]) -> list[Row]:
    return [kind(**row) for row in connection.execute(query).mappings()]


def _stories(connection: Connection, sort: Sort, limit: int | None = None, offset: int = 0) -> list[Story]:
    latest = func.coalesce(stories.c.last_published, stories.c.last_fetched).desc()
    first = stories.c.first_published
    order = {
        "recent": (latest, stories.c.id),
        "size": (stories.c.articles.desc(), first.is_(None), first, stories.c.id),
    }
    query = _of(Story, stories).where(stories.c.merged_into.is_(None))
    return _all(Story, connection, query.order_by(*order[sort]).limit(limit).offset(offset))


def _by_id(kind: type[Row], connection: Connection, table: Table, ids: Iterable[str | None]) -> list[Row]:
    wanted = sorted({known for known in ids if known is not None})
    return _all(kind, connection, _of(kind, table).where(table.c.id.in_(wanted)).order_by(table.c.id))


def _coverage(connection: Connection, found: Sequence[Story], asked: str | None = None) -> list[Coverage]:
    members: dict[str | None, list[Member]] = {story.id: [] for story in found}
    where = articles.c.story_id == found[0].id if len(found) == 1 else articles.c.story_id.is_not(None)
    for member in _members(connection, where):
        members.setdefault(member.article.story_id, []).append(member)
    return [Coverage(story, members[story.id], asked or story.id) for story in found]


def _links(connection: Connection, story: str) -> list[Link]:
    """The links of a story and of those that were merged into it, in both directions.

    Of several with one story the nearest.
    """
    one, other = stories.alias(), stories.alias()
    ends = [func.coalesce(end.c.merged_into, end.c.id) for end in (one, other)]
    query = (
        select(*(end.label(name) for end, name in zip(ends, ("here", "there"), strict=True)), related_stories)
        .join_from(related_stories, one, one.c.id == related_stories.c.story_id)
        .join(other, other.c.id == related_stories.c.other_id)
        .where(or_(*(end == story for end in ends)))
        .order_by(related_stories.c.score.desc(), related_stories.c.story_id, related_stories.c.other_id)
    )
    nearest: dict[str, RowMapping] = {}
    for row in connection.execute(query).mappings():
        nearest.setdefault(row["there"] if row["here"] == story else row["here"], row)
    nearest.pop(story, None)  # a link of two that became one
    known = {found.id: found for found in _by_id(Story, connection, stories, nearest)}
    return [
        Link(known[id], **{name: row[name] for name in ("score", "names", "terms", "gap_days")})
        for id, row in nearest.items()  # noqa: A001
    ]


def _members(connection: Connection, where: Any) -> list[Member]:
    copied = and_(
        relations.c.article_id == articles.c.id,
        relations.c.other_id == articles.c.duplicate_of,
        relations.c.kind == articles.c.verdict,
    )
    query = (
        _of(Article, articles)
        .add_columns(relations.c.other_id, relations.c.kind, relations.c.jaccard, relations.c.containment)
        .join_from(articles, relations, copied, isouter=True)
        .where(where)
        .order_by(articles.c.published.is_(None), articles.c.published, articles.c.fetched, articles.c.id)
    )
    return [_member(row) for row in connection.execute(query).mappings()]


def _member(row: RowMapping) -> Member:
    article = Article(**{field.name: row[field.name] for field in fields(Article)})
    return Member(article, None if row["other_id"] is None else _match(row))


def _match(row: RowMapping) -> Match:
    return Match(**{field.name: row[field.name] for field in fields(Match)})


def _matches(connection: Connection, article: str) -> list[Match]:
    query = select(relations).where(relations.c.article_id == article)
    best = (relations.c.jaccard.desc(), relations.c.containment.desc(), relations.c.other_id, relations.c.kind)
    return [_match(row) for row in connection.execute(query.order_by(*best)).mappings()]


def _count_copies(connection: Connection, article: str) -> int:
    of_family = (articles.c.family == article) & (articles.c.id != article)
    copies = select(func.count()).select_from(articles).where((articles.c.duplicate_of == article) | of_family)
    return connection.scalar(copies) or 0


def _feeds(connection: Connection, article: str) -> list[str]:
    """In the order in which it was seen there."""
    query = select(article_feeds.c.feed).where(article_feeds.c.article_id == article)
    return list(connection.scalars(query.order_by(article_feeds.c.fetched, article_feeds.c.feed)))


def _members_in(evidence: Evidence | None) -> set[str | None]:
    follows = {evidence.follows} if evidence is not None else set()
    return follows | {member.id for compared in weighed(evidence) for member in compared.members}


def _stories_in(connection: Connection, evidence: Evidence | None) -> dict[str, Story]:
    mentioned = {compared.story for compared in weighed(evidence)}
    merged = select(stories.c.id, stories.c.merged_into).where(
        stories.c.id.in_(sorted(mentioned)), stories.c.merged_into.is_not(None)
    )
    now = dict(zip(mentioned, mentioned, strict=True))
    now |= {row.id: row.merged_into for row in connection.execute(merged)}
    known = {story.id: story for story in _by_id(Story, connection, stories, now.values())}
    return {then: known[current] for then, current in now.items() if current in known}
