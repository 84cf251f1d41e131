"""Makes the topic `feeds` mirror a list of feeds."""

from collections.abc import Iterable

from config.feeds import FollowedFeed
from ingest.urls import host_of
from streams.log import Append, Log, Record
from streams.messages import BadMessage, Decoder, Feed, encode
from streams.topics import Topics

_feed = Decoder(Feed)


def sync_feeds(log: Log, topics: Topics, feeds: Iterable[FollowedFeed]) -> int:
    """Append what differs: changed and new feeds, and tombstones for those no longer listed.

    Returns how many records were appended; none when the topic mirrors the list already.
    """
    topic = topics.name("feeds")
    wanted = {feed.url: Feed(**feed.model_dump()) for feed in feeds}
    current = {record.key: record for record in _current(log, topic, topics.section.partitions)}
    changed = [
        Append(topic, partition_of(topics, url), url, encode(feed))
        for url, feed in wanted.items()
        if url not in current or _read(current[url]) != feed
    ]
    removed = [
        Append(topic, record.partition, url, None)
        for url, record in current.items()
        if url not in wanted and record.value is not None
    ]
    if changed or removed:
        log.append([*changed, *removed])
    return len(changed) + len(removed)


def partition_of(topics: Topics, url: str) -> int:
    """The partition of a feed: that of its host, so that one host is only ever asked by one poller."""
    return topics.partition(host_of(url))


def _current(log: Log, topic: str, partitions: int) -> Iterable[Record]:
    for partition in range(partitions):
        yield from log.read(topic, partition)


def _read(record: Record) -> Feed | None:
    """The feed in a record; None for a tombstone, and for what an older or newer version wrote."""
    try:
        return None if record.value is None else _feed(record.value)
    except BadMessage:
        return None
