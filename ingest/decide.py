"""What a poll comes to: a pure function of what was known of the feed and of what the poll brought."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from config.sections import PollerSection
from ingest import known, schedule
from ingest.extract import Extracted, Item
from ingest.fetch import Failed, Fetched, NotModified, Validators
from ingest.known import Known
from ingest.state import Followed, Poll
from streams.messages import Article

WHOLE_AFTER = timedelta(days=1)
"""A feed is asked for without validators when its last whole body is older: some servers answer 304 for ever."""

Status = Literal["entries", "not modified", "same body", "truncated", "failed"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a poll brought."""

    answer: Fetched | NotModified | Failed
    at: datetime
    """When the answer was there."""
    extracted: Extracted | None = None
    """What was in a body that is not the last one again."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be written about a poll."""

    status: Status
    poll: Poll
    known: dict[str, Known] | None = None
    """The new record of known entries; None where it has not changed."""
    articles: tuple[Article, ...] = ()
    """To be emitted, the earliest first."""
    rejected: tuple[Item, ...] = ()
    """Entries of which no article could be made, and that are new."""
    revisions: int = 0
    """How many of the articles are new versions of known ones."""


def validators(followed: Followed, now: datetime) -> Validators | None:
    """What to ask with; None to have the whole feed."""
    poll = followed.poll
    recent = poll is not None and poll.whole is not None and now - poll.whole < WHOLE_AFTER
    return poll.validators if poll and recent else None


def is_same(followed: Followed, answer: Fetched) -> bool:
    """Whether a body is the last one again."""
    return followed.poll is not None and followed.poll.digest == answer.digest


def decide(followed: Followed, outcome: Outcome, section: PollerSection) -> Decision:
    """What to write about a poll."""
    answer, extracted = outcome.answer, outcome.extracted
    before = followed.poll or Poll(next=outcome.at)
    error = answer.reason if isinstance(answer, Failed) else extracted.error if extracted else None
    ttl = before.ttl_minutes if extracted is None else extracted.ttl_minutes
    failures = before.failures + 1 if error else 0
    said = schedule.wish(answer.headers, ttl, outcome.at)
    url, interval = followed.feed.url, followed.feed.interval_minutes
    after = msgspec.structs.replace(
        before,
        next=schedule.next_poll(url, interval, said, failures, section, outcome.at),
        failures=failures,
        error=error,
    )
    if error:
        return Decision("failed", after)
    if isinstance(answer, NotModified | Failed):
        return Decision("not modified", after)
    truncated = extracted is not None and extracted.truncated
    after = msgspec.structs.replace(
        after,
        validators=None if truncated else answer.validators,
        digest=answer.digest,
        whole=outcome.at,
        ttl_minutes=ttl,
    )
    if extracted is None:
        return Decision("same body", after)
    return _listed(followed, extracted, after, outcome.at, section)


def _listed(
    followed: Followed, extracted: Extracted, poll: Poll, now: datetime, section: PollerSection
) -> Decision:
    """What is new in a feed's list."""
    items = extracted.items
    days = section.first_poll_days
    update = known.update(
        followed.known,
        [item.listed for item in items],
        now=now,
        first_poll=None if days is None else timedelta(days=days),
        forget_after=timedelta(days=section.forget_after_days),
    )
    emitted = [items[index] for index, _ in update.emit]
    # Feeds list the newest first: reversed, what is undated or of one time comes in order too.
    articles = [item.article for item in reversed(emitted) if item.article]
    articles.sort(key=lambda article: article.published or article.fetched)
    return Decision(
        status="truncated" if extracted.truncated else "entries",
        poll=poll,
        known=None if update.known == followed.known else update.known,
        articles=tuple(articles),
        rejected=tuple(item for item in emitted if not item.article),
        revisions=sum(why == "revision" for _, why in update.emit),
    )
