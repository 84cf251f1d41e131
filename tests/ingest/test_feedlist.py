from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from config.feeds import DEFAULT_FEEDS, FollowedFeed, load_feeds
from config.sections import TopicsSection
from ingest.feedlist import sync_feeds
from ingest.urls import canonical_url, host_of
from streams.connect import connect
from streams.log import Append, Log
from streams.messages import Decoder, Feed
from streams.topics import Topics

TOPICS = Topics("test", TopicsSection())


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with closing(connect(f"sqlite:///{tmp_path}/log.db")) as log:
        log.create(TOPICS.specs())
        yield log


def feed(name: str, **changes: object) -> FollowedFeed:
    return FollowedFeed.model_validate({"url": f"https://{name}.example/rss"} | changes)


def mirrored(log: Log) -> dict[str, Feed]:
    """The feeds on the topic."""
    found: dict[str, Feed] = {}
    for partition in range(TOPICS.section.partitions):
        for record in log.read(TOPICS.name("feeds"), partition):
            assert record.key and record.partition == TOPICS.partition(host_of(record.key))
            found.pop(record.key, None)
            if record.value is not None:
                found[record.key] = Decoder(Feed)(record.value)
    return found


def test_the_topic_mirrors_the_list(log: Log) -> None:
    a, b = feed("a", source="A", lang="de", interval_minutes=5.0), feed("b")
    assert sync_feeds(log, TOPICS, [a, b]) == 2
    assert mirrored(log) == {each.url: Feed(**each.model_dump()) for each in (a, b)}


def test_an_equal_list_writes_nothing(log: Log) -> None:
    sync_feeds(log, TOPICS, [feed("a"), feed("b")])
    assert sync_feeds(log, TOPICS, [feed("b"), feed("a")]) == 0


def test_only_what_differs_is_written_and_what_is_gone_gets_a_tombstone(log: Log) -> None:
    sync_feeds(log, TOPICS, [feed("a"), feed("b"), feed("c")])
    assert sync_feeds(log, TOPICS, [feed("a"), feed("b", disabled=True)]) == 2
    assert mirrored(log) == {
        feed("a").url: Feed(url=feed("a").url),
        feed("b").url: Feed(url=feed("b").url, disabled=True),
    }
    assert sync_feeds(log, TOPICS, [feed("a"), feed("b", disabled=True)]) == 0, "a tombstone is written once"
    assert sync_feeds(log, TOPICS, [feed("a"), feed("b"), feed("c")]) == 2


def test_a_record_that_nobody_can_read_is_replaced(log: Log) -> None:
    url = feed("a").url
    log.append([Append(TOPICS.name("feeds"), TOPICS.partition(host_of(url)), url, b'{"schema": 99}')])
    assert sync_feeds(log, TOPICS, [feed("a")]) == 1


def test_the_feeds_followed_by_default_are_many_outlets_and_none_twice() -> None:
    feeds = load_feeds(DEFAULT_FEEDS)
    assert 20 <= len(feeds) <= 40
    assert len({canonical_url(each.url) for each in feeds}) == len(feeds)
    assert all(each.source and each.lang for each in feeds)
