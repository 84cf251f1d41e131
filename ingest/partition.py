"""The feeds of one partition: which are followed, what is known of each, and what to append about them."""

import uuid
from collections.abc import Iterator
from datetime import datetime

from ingest.decide import Decision
from ingest.state import Followed, Restored, records, tombstones
from streams.dead_letters import dead_letter
from streams.headers import TRACE, place
from streams.log import Append, Log, LogError, Record, TopicPartition
from streams.messages import BadMessage, Decoder, Feed, encode
from streams.topics import Topics

_feed = Decoder(Feed)


class Partition:
    """What the poller holds of one partition of topic `feeds`."""

    def __init__(self, tp: TopicPartition, topics: Topics, restored: Restored) -> None:
        self.tp, self._topics, self._restored = tp, topics, restored
        self.feeds: dict[str, Followed] = {}
        self.position = 0
        """Offset of the next record of `feeds` to take in."""

    @classmethod
    def restore(cls, log: Log, topics: Topics, tp: TopicPartition, committed: int) -> "Partition":
        """The partition as its changelog and the records of `feeds` before `committed` have it.

        Raises LogError for a changelog record that this version cannot read.
        """
        restored = Restored()
        for record in log.read(topics.changelog("poller"), tp.partition):
            try:
                restored.apply(record)
            except BadMessage as error:
                remedy = "start the version of Storywire that wrote it, or use another --namespace"
                raise LogError(f"changelog record {place(record)}: {error}; {remedy}") from error
        partition = cls(tp, topics, restored)
        latest = {record.key: record for record in log.read(tp.topic, tp.partition, 0, committed)}
        for record in latest.values():  # only these: what is known of a feed that came back is not to be forgotten
            partition.follow(record)
        partition.position = committed
        return partition

    def follow(self, record: Record) -> list[Append]:
        """Take in a record of `feeds`: a feed to follow, or a tombstone. Returns what to append about it."""
        self.position = record.offset + 1
        url = record.key or ""
        if record.value is None:
            self._restored.forget(url)
            self.feeds.pop(url, None)
            return tombstones(self._topics.changelog("poller"), self.tp.partition, url)
        try:
            feed = _feed(record.value)
            if feed.url != url:
                raise BadMessage(f"the feed {feed.url} under the key {url!r}; the key is to be its URL")
        except BadMessage as error:
            letters = self._topics.name("dead-letters")
            return [dead_letter(letters, "poller", record, type(error).__name__, str(error))]
        if url in self.feeds:
            self.feeds[url].feed, self.feeds[url].source = feed, record
        else:
            self.feeds[url] = self._restored.followed(feed, record)
        return []

    def due(self, now: datetime) -> Iterator[Followed]:
        """The feeds whose next poll has come."""
        for followed in self.feeds.values():
            if not followed.feed.disabled and (followed.poll is None or followed.poll.next <= now):
                yield followed

    def appends(self, followed: Followed, decision: Decision) -> list[Append]:
        """All that is to be written about a poll."""
        topics = self._topics
        articles = [
            Append(topics.name("articles"), topics.partition(a.lang), a.lang, encode(a), {TRACE: uuid.uuid4().hex})
            for a in decision.articles
        ]
        letters = [self._letter(followed.source, item.raw.encode(), item.reason) for item in decision.rejected]
        changes = records(
            topics.changelog("poller"), self.tp.partition, followed.feed.url, decision.poll, decision.known
        )
        return [*articles, *letters, *changes]

    def _letter(self, source: Record, raw: bytes, reason: str) -> Append:
        """A dead letter about an entry: under the feed's URL, with the entry in the place of the feed's record."""
        headers = {TRACE: uuid.uuid4().hex}
        entry = Record(source.topic, source.partition, source.offset, source.key, raw, headers)
        return dead_letter(self._topics.name("dead-letters"), "poller", entry, "Unusable", reason)
