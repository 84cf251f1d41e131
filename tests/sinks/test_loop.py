"""The loop around a sink: dead letters, sinks that are down, updates that a sink cannot take."""

import io
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from sinks import loop, sql_sqlite
from sinks.base import Delivery, SinkDown, Source
from sinks.console import ConsoleSink
from sinks.loop import SinkLoop, retry_delay
from streams.failures import StageStopped
from streams.log import Append, CommitFailed
from streams.sqlite.log import SqliteLog
from tests.builders import Wire, article, state, update
from tests.sinks.kinds import SQLITE
from tests.sinks.world import LANGS, TOPICS, WORKER, deliver, letters, new_log, put
from tests.waiting import wait_for

HUGE = 2**70
"""More than an integer column holds: an update that is valid and that the SQL sink cannot take."""


def poison(id: str) -> Any:  # noqa: A002
    return update(article(id), changed=[state("S1", 1, articles=HUGE)])


def rows(folder: Path, query: str) -> list[Any]:
    with sqlite3.connect(folder / "stories.db") as connection:
        return connection.execute(query).fetchall()


def test_an_update_the_sink_cannot_take_is_a_dead_letter_and_the_others_are_delivered(tmp_path):
    log = new_log(tmp_path)
    good = list(Wire(1).updates(50))
    put(log, [*good[:25], poison("bad"), *good[25:]])
    SQLITE.feed(log, tmp_path)
    assert letters(log) == [("0/25", "OverflowError")]
    assert not rows(tmp_path, "SELECT id FROM articles WHERE id = 'bad'")
    ids = {each.article.id for each in good}
    assert {key for (key,) in rows(tmp_path, "SELECT id FROM articles")} == ids
    assert log.committed(SQLITE.group(tmp_path), "stories") == {0: 51}
    SQLITE.feed(log, tmp_path)
    assert letters(log) == [("0/25", "OverflowError")]


def test_the_topic_does_not_drain_away_into_dead_letters(tmp_path):
    log = new_log(tmp_path)
    put(log, [update(article("a0")), *(poison(f"bad{n}") for n in range(10))])
    with pytest.raises(StageStopped, match=r"5 messages in a row failed .*, the last at stories/0/5: .*too large"):
        SQLITE.feed(log, tmp_path)
    assert [place for place, _ in letters(log)] == ["0/1", "0/2", "0/3", "0/4"]
    assert log.committed(SQLITE.group(tmp_path), "stories") == {0: 5}


def test_a_dead_letter_says_whence_and_why(tmp_path):
    log = new_log(tmp_path)
    log.append([Append("stories", 0, "en", b"{", {"trace": "t1"})])
    SQLITE.feed(log, tmp_path)
    (record,) = log.read("dead-letters", 0)
    assert record.headers["trace"] == "t1"
    assert record.value == b"{"
    assert record.headers["stage"] == SQLITE.group(tmp_path)
    assert (record.headers["topic"], record.headers["offset"]) == ("stories", "0")
    assert record.headers["message"].startswith("not a valid message: Input data was truncated")


def test_a_sink_that_is_down_waits_says_so_and_loses_nothing(tmp_path, monkeypatch, events):
    monkeypatch.setattr(sql_sqlite, "BUSY_SECONDS", 0.05)
    monkeypatch.setattr(loop, "RETRY_SECONDS", 0.05)
    log = new_log(tmp_path)
    put(log, Wire(1, LANGS).updates(30))
    SQLITE.feed(log, tmp_path)
    blocker = sqlite3.connect(tmp_path / "stories.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    put(log, Wire(2, ("fr",)).updates(30))
    stop = threading.Event()

    def run() -> None:  # with a log of its own: a log belongs to one thread
        SinkLoop(new_log(tmp_path), SQLITE.open(tmp_path), TOPICS, WORKER).run(stop.is_set)

    with pytest.raises(SinkDown):
        SQLITE.open(tmp_path)  # cannot even be opened now
    blocker.execute("ROLLBACK")
    thread = threading.Thread(target=run)
    thread.start()
    try:
        wait_for(lambda: rows(tmp_path, "SELECT count(*) FROM articles WHERE lang = 'fr'") != [(0,)])
        blocker.execute("BEGIN IMMEDIATE")
        put(log, Wire(3, ("es",)).updates(30))
        wait_for(lambda: len(events.named("sink waits, nothing is lost")) >= 3, what="three waits")
        assert "database is locked" in events.lines[-1]["reason"]
        assert rows(tmp_path, "SELECT count(*) FROM articles WHERE lang = 'es'") == [(0,)]
        blocker.execute("ROLLBACK")
        wait_for(lambda: events.named("sink delivers again"), what="the sink to be back")
        wait_for(lambda: sum(log.committed(SQLITE.group(tmp_path), "stories").values()) == 90, what="all updates")
    finally:
        stop.set()
        thread.join()
    other = tmp_path / "undisturbed"
    other.mkdir()
    SQLITE.feed(log, other)
    assert SQLITE.dump(tmp_path) == SQLITE.dump(other)


def test_waits_double_up_to_the_longest():
    assert [retry_delay(n) for n in (1, 2, 3, 7, 100_000)] == [1.0, 2.0, 4.0, 60.0, 60.0]


def test_a_wait_ends_when_the_process_shall_end(tmp_path, events):
    class Down(ConsoleSink):
        def resume(self, source: Source, partitions: Any) -> Any:
            raise SinkDown("away")

    log = new_log(tmp_path)
    told = iter([False, False, True, True, True])
    SinkLoop(log, Down(io.StringIO()), TOPICS, WORKER).run(lambda: next(told))
    assert [line["retry_in_s"] for line in events.named("sink waits, nothing is lost")] == [1.0]


def test_the_console_tells_each_batch_and_goes_on_where_its_group_stands(tmp_path):
    log = new_log(tmp_path)
    put(log, Wire(1, LANGS).updates(60))
    first, second = io.StringIO(), io.StringIO()
    SinkLoop(log, ConsoleSink(first), TOPICS, WORKER).drain()
    put(log, [update(article("late", title="Late news"))])
    SinkLoop(log, ConsoleSink(second), TOPICS, WORKER).drain()
    assert len(first.getvalue().splitlines()) >= 50
    assert [line.split("  ")[-1].strip() for line in second.getvalue().splitlines()] == ["The Example"]


def test_a_commit_that_failed_is_tried_again_and_nothing_is_told_to_the_group_twice(tmp_path, monkeypatch, events):
    monkeypatch.setattr(loop, "RETRY_SECONDS", 0.01)
    log = new_log(tmp_path)
    put(log, [*Wire(1).updates(10), b"bad", *Wire(2).updates(10)])
    failures = iter([True, True])

    class Failing(type(log.member("other", "stories", "other"))):
        def commit(self, appends: Sequence[Any], offsets: Mapping[Any, int]) -> None:
            if next(failures, False):
                raise CommitFailed("the disk is full")
            super().commit(appends, offsets)

    member = log.member(SQLITE.group(tmp_path), "stories", SQLITE.group(tmp_path))
    member.__class__ = Failing
    monkeypatch.setattr(log, "member", lambda *_: member)
    end = log.end_offsets("stories")[0]
    watching = new_log(tmp_path)
    SinkLoop(log, SQLITE.open(tmp_path), TOPICS, WORKER).run(
        lambda: watching.committed(SQLITE.group(tmp_path), "stories").get(0) == end
    )
    assert len(events.named("sink waits, nothing is lost")) == 2
    assert [place for place, _ in letters(log)] == ["0/10"]
    assert len(rows(tmp_path, "SELECT id FROM articles")) == 20 - 10  # both wires tell of the same articles


class Recording(ConsoleSink):
    """Notes what it is given."""

    def __init__(self) -> None:
        super().__init__(io.StringIO())
        self.given: list[tuple[int, int]] = []

    def add(self, deliveries: Sequence[Delivery]) -> None:
        self.given += [(delivery.partition, delivery.offset) for delivery in deliveries]


def test_updates_come_in_offset_order_within_each_partition(tmp_path):
    log = new_log(tmp_path)
    put(log, Wire(1, LANGS).updates(100))
    sink = Recording()
    SinkLoop(log, sink, TOPICS, WORKER).drain()
    for partition, end in log.end_offsets("stories").items():
        assert [offset for where, offset in sink.given if where == partition] == list(range(end))


def test_a_drain_ends_though_retention_has_deleted_the_end_of_the_topic(tmp_path):
    day = 86_400.0
    time = 0.0
    log = SqliteLog(tmp_path / "log.db", "sqlite:///log.db", lambda: time)
    log.create(TOPICS.specs())
    put(log, Wire(1, LANGS).updates(40))
    time = 1_000 * day
    assert log.prune(1_000) == 40
    SQLITE.feed(log, tmp_path)
    put(log, [update(article("new"))])
    SQLITE.feed(log, tmp_path)
    assert rows(tmp_path, "SELECT id FROM articles") == [("new",)]


def test_the_loop_closes_the_sink_also_when_it_fails(tmp_path):
    log = new_log(tmp_path)
    put(log, [b"{"])
    sink = SQLITE.open(tmp_path)
    deliver(sink, update(article()))  # from another log
    with pytest.raises(Exception, match="is filled from"):
        SinkLoop(log, sink, TOPICS, WORKER).drain()
    assert (tmp_path / "stories.db-wal").exists() is False
