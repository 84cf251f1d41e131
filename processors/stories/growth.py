"""What becomes of a story with an article, and of two stories that turn out to be one."""

import hashlib
import math
from collections.abc import Sequence
from datetime import datetime

import msgspec

from processors.copies.window import micros
from processors.stories.rows import Row
from processors.stories.story_records import StoryRecord
from processors.stories.storyline import newest
from streams.messages import Article, First, StoryState

_DAY = 86_400_000_000
"""In microseconds."""


def story_id(article: Article, number: int) -> str:
    """The id of the story that an article opens, for good.

    Its number keeps ids apart where an article that was forgotten comes again and opens another story.
    """
    name = f"{article.lang}\n{article.id}\n{number}"
    return hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=8).hexdigest()


def opened(article: Article, number: int, clock: datetime) -> StoryRecord:
    """The story that an article opens."""
    return StoryRecord(
        id=story_id(article, number),
        lang=article.lang,
        opened=number,
        version=1,
        title=article.title,
        titled=article.id,
        terms=(),
        names=(),
        first=First(article=article.id, source=article.source, published=article.published),
        articles=1,
        sources=_sources(article.source),
        independent_texts=1,
        first_published=article.published,
        last_published=article.published,
        last_fetched=clock,
    )


def grown(story: StoryRecord, article: Article, independent: bool, clock: datetime) -> StoryRecord:
    """The story with one article more, which is a copy of none in it (`independent`) or of one."""
    new = First(article=article.id, source=article.source, published=article.published)
    return msgspec.structs.replace(
        story,
        version=story.version + 1,
        first=_earlier(story.first, new),
        articles=story.articles + 1,
        sources=_sources(*story.sources, article.source),
        independent_texts=story.independent_texts + independent,
        first_published=_first(story.first_published, article.published),
        last_published=_last(story.last_published, article.published),
        last_fetched=clock,
    )


def retitled(story: StoryRecord, holder: Row, clock: datetime) -> StoryRecord:
    """The story under another headline."""
    return msgspec.structs.replace(
        story, version=story.version + 1, title=holder.title, titled=holder.id, last_fetched=clock
    )


def seniority(story: StoryRecord) -> tuple[int, int]:
    """Of two stories that are one, that with the smaller value keeps its id: the larger; of equals, the older."""
    return -story.articles, story.opened


def united(kept: StoryRecord, gone: StoryRecord, rows: Sequence[Row], others: Sequence[Row]) -> StoryRecord:
    """The first story with all of the second; `rows` and `others` are their live articles."""
    twice = {row.family for row in rows} & {row.family for row in others}
    return msgspec.structs.replace(
        kept,
        first=_earlier(kept.first, gone.first),
        alarmed=max(kept.alarmed, gone.alarmed),
        related=newest(*(one for one in (*gone.related, *kept.related) if one not in (kept.id, gone.id))),
        articles=kept.articles + gone.articles,
        sources=_sources(*kept.sources, *gone.sources),
        independent_texts=kept.independent_texts + gone.independent_texts - len(twice),
        first_published=_first(kept.first_published, gone.first_published),
        last_published=_last(kept.last_published, gone.last_published),
    )


def state(story: StoryRecord) -> StoryState:
    """A story as it is told."""
    return StoryState(
        id=story.id,
        version=story.version,
        title=story.title,
        terms=story.terms,
        names=story.names,
        first=story.first,
        lang=story.lang,
        articles=story.articles,
        sources=len(story.sources),
        independent_texts=story.independent_texts,
        first_published=story.first_published,
        last_published=story.last_published,
        last_fetched=story.last_fetched,
        alarmed=story.alarmed,
    )


def _earlier(one: First, other: First) -> First:
    """Of two articles the one that was published earlier; if that cannot be said, the first of them."""
    return other if _published(other) < _published(one) else one


def _published(of: First) -> float:
    """Microseconds since 1970. Midnight is a date alone, which may mean any time until the day's end."""
    if of.published is None:
        return math.inf
    at = micros(of.published)
    return at if at % _DAY else at + _DAY


def _sources(*sources: str | None) -> tuple[str, ...]:
    return tuple(sorted({source for source in sources if source is not None}))


def _first(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), key=micros, default=None)


def _last(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment is not None), key=micros, default=None)
