"""What the poller knows of each feed, as it stands in `poller-changelog`.

Two records a feed, so that a poll that finds nothing new writes little: the small one changes with every poll, the
one with the known entries only when those do.
"""

from dataclasses import dataclass
from datetime import datetime

from ingest.fetch import Validators
from ingest.known import Known
from streams.log import Append, Record
from streams.messages import BadMessage, Decoder, Feed, Message, encode

_POLL, _KNOWN = "poll", "known"
"""How the keys begin; a colon and the feed's URL follow."""


class Poll(Message, frozen=True, kw_only=True):
    """How the last poll of a feed went, and when the next one is."""

    next: datetime
    failures: int = 0
    """In a row."""
    error: str | None = None
    """Of the last poll."""
    validators: Validators | None = None
    digest: str | None = None
    """Of the last body that was a feed."""
    whole: datetime | None = None
    """When that body came."""
    ttl_minutes: float | None = None
    """What that body asked for."""


class KnownEntries(Message, frozen=True, kw_only=True):
    """The entries of a feed that are no news."""

    entries: dict[str, Known]


@dataclass(slots=True)
class Followed:
    """A feed that is followed, and what is known of it."""

    feed: Feed
    source: Record
    """The record of topic `feeds` that says so."""
    poll: Poll | None = None
    """None before the first poll."""
    known: dict[str, Known] | None = None
    """None before the first poll that brought a feed."""


_poll = Decoder(Poll)
_known = Decoder(KnownEntries)


def records(
    topic: str, partition: int, url: str, poll: Poll | None, known: dict[str, Known] | None
) -> list[Append]:
    """Changelog records of a feed; None leaves out what has not changed."""
    appends = []
    if poll is not None:
        appends.append(Append(topic, partition, f"{_POLL}:{url}", encode(poll)))
    if known is not None:
        appends.append(Append(topic, partition, f"{_KNOWN}:{url}", encode(KnownEntries(entries=known))))
    return appends


def tombstones(topic: str, partition: int, url: str) -> list[Append]:
    """Changelog records that forget a feed."""
    return [Append(topic, partition, f"{prefix}:{url}", None) for prefix in (_POLL, _KNOWN)]


class Restored:
    """The state of a partition's feeds, gathered from the changelog."""

    def __init__(self) -> None:
        self._polls: dict[str, Poll] = {}
        self._known: dict[str, dict[str, Known]] = {}

    def apply(self, record: Record) -> None:
        """Put one record in. Raises BadMessage."""
        prefix, _, url = (record.key or "").partition(":")
        if prefix not in (_POLL, _KNOWN):
            raise BadMessage(f"unknown key {record.key!r}")
        if record.value is None:
            (self._polls if prefix == _POLL else self._known).pop(url, None)
        elif prefix == _POLL:
            self._polls[url] = _poll(record.value)
        else:
            self._known[url] = _known(record.value).entries

    def forget(self, url: str) -> None:
        """Drop what is known of a feed."""
        self._polls.pop(url, None)
        self._known.pop(url, None)

    def followed(self, feed: Feed, source: Record) -> Followed:
        """A feed with what is known of it, which is handed over."""
        return Followed(feed, source, self._polls.pop(feed.url, None), self._known.pop(feed.url, None))
