"""The status line, from a real log."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from config.sections import TopicsSection
from ingest.state import Poll
from service.status import Status
from streams.connect import connect
from streams.log import Append, Log
from streams.messages import Alarm, Message, encode
from streams.topics import Topics
from tests.builders import article, copy_of, state, update

TOPICS = Topics("", TopicsSection())
NOW = datetime(2015, 9, 30, 12, 0, tzinfo=UTC)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with closing(connect(f"sqlite:///{tmp_path / 'log.db'}")) as opened:
        opened.create(TOPICS.specs())
        yield opened


def put(log: Log, topic: str, message: Message | None, key: str = "en") -> None:
    log.append([Append(topic, 1, key, None if message is None else encode(message))])


def test_it_counts_what_came_since_the_start_and_what_waits(log: Log) -> None:
    put(log, "articles", article("before"))
    status = Status(log, TOPICS, ["console"])
    assert status.line(NOW.timestamp(), []) == "articles 0 · copies 0 · new stories 0 · waiting: dedup 1"

    put(log, "articles", article("a1"))
    put(log, "stories", update(article("a1"), changed=[state("S1", version=1)]))
    put(log, "stories", update(article("a2"), verdict=copy_of("a1"), changed=[state("S1", version=2)]))
    line = status.line(NOW.timestamp(), ["embed"])
    assert line.startswith("articles 1 · copies 1 · new stories 1 · waiting: dedup 2, sink-console 2")
    assert line.endswith("NOT RUNNING: embed")
    assert "size alarms" not in line


def test_it_counts_size_alarms(log: Log) -> None:
    status = Status(log, TOPICS, [])
    alarm = Alarm(story="S1", independent_texts=40, coherence=0.5, least=0.7)
    put(log, "stories", msgspec.structs.replace(update(article("a1")), alarms=(alarm,)))
    assert status.line(NOW.timestamp(), []).endswith(" · size alarms 1")


def test_it_tells_when_the_next_feed_is_polled_and_which_fail(log: Log) -> None:
    status = Status(log, TOPICS, [])
    put(log, "poller-changelog", Poll(next=NOW + timedelta(minutes=29)), "poll:https://a.example/feed")
    put(log, "poller-changelog", Poll(next=NOW + timedelta(hours=2), failures=3), "poll:https://b.example/feed")
    assert status.line(NOW.timestamp(), []).startswith("feeds 2 (1 failing), next poll in 29 min · ")
    put(log, "poller-changelog", None, "poll:https://a.example/feed")
    assert status.line(NOW.timestamp(), []).startswith("feeds 1 (1 failing), next poll in 120 min · ")
