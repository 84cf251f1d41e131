"""The embedded log: the contract, its owners, and the room it takes."""

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from multiprocessing import SimpleQueue
from pathlib import Path

import pytest

from streams.connect import connect as open_log
from streams.log import Append, CommitFailed, Fenced, Log, LogError, TopicPartition, TopicSpec
from streams.sqlite.log import SqliteLog
from tests.streams.contract import Connect, LogContract, owned, received, values
from tests.streams.processes import ended, forked, kill
from tests.waiting import wait_for

HOUR, DAY = 3_600.0, 86_400.0
TP = TopicPartition("t", 0)


class TestContract(LogContract):
    """The embedded log keeps the contract."""

    @pytest.fixture
    def connect(self, tmp_path: Path) -> Connect:
        return lambda: open_log(f"sqlite:///{tmp_path}/log.db")


def test_two_logs_have_two_identities(tmp_path: Path) -> None:
    logs = [open_log(f"sqlite:///{tmp_path}/{name}.db") for name in "ab"]
    assert logs[0].identity != logs[1].identity


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.db"


@pytest.fixture
def url(path: Path) -> str:
    return f"sqlite:///{path}"


@pytest.fixture
def log(path: Path, url: str, clock: Clock) -> Iterator[SqliteLog]:
    """A log with a topic `t` of two partitions, and a clock of its own."""
    with closing(SqliteLog(path, url, clock)) as log:
        log.create([TopicSpec("t", 2)])
        yield log


def fill(log: Log, topic: str, count: int, partition: int = 0, size: int = 4) -> None:
    log.append([Append(topic, partition, "en", f"{n}".encode().ljust(size)) for n in range(count)])


def stored(path: Path) -> int:
    """Records in the file, whatever the log's interface shows."""
    with closing(sqlite3.connect(path)) as raw:
        return int(raw.execute("SELECT count(*) FROM records").fetchone()[0])


# --- owners --------------------------------------------------------------------------------------------


def own_until_killed(url: str, owns: "SimpleQueue[str]") -> None:
    log = open_log(url)
    member = log.member("g", "t", str(os.getpid()))
    owned(member, 2)
    member.commit([], {TP: 7})
    owns.put("owned")
    while True:
        member.poll(10, 1.0)


def test_a_killed_owner_is_succeeded_at_once(log: SqliteLog, url: str) -> None:
    owns: SimpleQueue[str] = SimpleQueue()
    with forked(own_until_killed, url, owns) as owner:
        owns.get()
        member = log.member("g", "t", "successor")
        assert not member.poll(10, 0.1).assigned, "two owners of one partition"
        kill(owner)
        began = time.monotonic()
        owned(member, 2)
        assert time.monotonic() - began < 2
        assert member.committed(TP) == 7
        member.close()


def own_with_child(url: str, owns: "SimpleQueue[int]") -> None:
    log = open_log(url)
    member = log.member("g", "t", "0")
    owned(member, 2)
    child = os.fork()
    if child == 0:
        time.sleep(60)
        os._exit(0)
    owns.put(child)
    time.sleep(60)


def test_a_child_that_outlives_its_killed_parent_does_not_keep_the_partitions(log: SqliteLog, url: str) -> None:
    owns: SimpleQueue[int] = SimpleQueue()
    with forked(own_with_child, url, owns) as owner:
        orphan = owns.get()
        kill(owner)
        try:
            member = log.member("g", "t", "0")
            owned(member, 2)
            member.close()
        finally:
            os.kill(orphan, 9)


def take_turns(url: str, name: str, total: int) -> None:
    """Copy `t` to `copy`; give the partition up after every few records, and let another one go on from there."""
    log = open_log(url)

    def done() -> int:
        return log.committed("g", "t").get(0, 0)

    while done() < total:
        member = log.member("g", "t", name)
        while not (assigned := member.poll(10, 0.0).assigned) and done() < total:
            pass
        for tp in assigned:
            member.start(tp, member.committed(tp))
        for record in member.poll(3, 0.0).records:
            member.commit([Append("copy", 0, record.key, record.value, {"by": name})], {TP: record.offset + 1})
        member.close()
        mine = done()
        wait_for(lambda mine=mine: done() > mine or done() == total)  # type: ignore[misc]


def test_processes_that_fight_over_a_partition_do_the_work_once(log: SqliteLog, url: str) -> None:
    log.create([TopicSpec("copy", 1)])
    fill(log, "t", 120)
    names = ("a", "b", "c")
    with ExitStack() as stack:
        fighters = [stack.enter_context(forked(take_turns, url, name, 120)) for name in names]
        assert [ended(fighter) for fighter in fighters] == [0, 0, 0]
    copies = list(log.read("copy", 0))
    assert values(copies) == values(log.read("t", 0))
    assert len({record.headers["by"] for record in copies}) > 1, "nobody ever took over"


def test_a_member_whose_offset_was_moved_by_another_is_fenced_for_good(log: SqliteLog, path: Path) -> None:
    member = log.member("g", "t", "0")
    owned(member, 2)
    member.commit([], {TP: 3})
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("UPDATE offsets SET offset = 5")
    with pytest.raises(Fenced, match="from 3"):
        member.commit([Append("t", 1, "en", b"lost")], {TP: 4})
    with pytest.raises(Fenced):
        member.poll(10, 0.0)
    with pytest.raises(Fenced):
        member.commit([], {TP: 6})
    assert log.committed("g", "t") == {0: 5}
    assert list(log.read("t", 1)) == []
    successor = log.member("g", "t", "1")
    owned(successor, 2)
    successor.commit([], {TP: 6})
    successor.close()
    member.close()


def test_only_an_owner_commits(log: SqliteLog) -> None:
    owner, other = log.member("g", "t", "0"), log.member("g", "t", "1")
    owned(owner, 2)
    with pytest.raises(Fenced, match="does not own partition 0"):
        other.commit([], {TP: 1})
    owner.close()
    other.close()


def test_a_full_partition_does_not_starve_its_neighbour(log: SqliteLog) -> None:
    fill(log, "t", 100)
    fill(log, "t", 1, partition=1)
    member = log.member("g", "t", "0")
    for tp in owned(member, 2):
        member.start(tp, 0)
    first = received(member, 20, at_once=10)
    assert {record.partition for record in first} == {0, 1}
    member.close()


def test_a_lock_folder_that_was_removed_is_told_with_the_remedy(log: SqliteLog, path: Path) -> None:
    member = log.member("g", "t", "0")
    shutil.rmtree(path.with_name("log.db.locks"))
    with pytest.raises(LogError, match=r"cannot lock its partitions: .*log\.db\.locks.*; .*leave it alone"):
        member.poll(1, 0.0)
    member.close()


# --- room ----------------------------------------------------------------------------------------------


def test_retention_deletes_by_append_time_in_bounded_steps(log: SqliteLog, clock: Clock, path: Path) -> None:
    log.create([TopicSpec("hour", 2, "delete", HOUR), TopicSpec("for ever", 1)])
    fill(log, "hour", 25)
    fill(log, "hour", 5, partition=1)
    fill(log, "for ever", 3)
    clock.now += HOUR / 2
    fill(log, "hour", 2)
    assert log.prune(10) == 0
    clock.now += HOUR / 2 + 1
    assert [log.prune(10) for _ in range(4)] == [10, 10, 10, 0]
    assert [record.offset for record in log.read("hour", 0)] == [25, 26]
    assert list(log.read("hour", 1)) == []
    assert log.end_offsets("hour") == {0: 27, 1: 5}
    fill(log, "hour", 1, partition=1)
    assert [record.offset for record in log.read("hour", 1)] == [5], "offsets begin again"
    assert stored(path) == 2 + 1 + 3


def test_a_member_prunes_by_itself_now_and_then(log: SqliteLog, clock: Clock) -> None:
    log.create([TopicSpec("t", 2, "delete", HOUR)])
    member = log.member("g", "t", "0")
    owned(member, 2)
    fill(log, "t", 1_500)
    clock.now += 2 * HOUR
    member.poll(0, 0.0)
    assert len(list(log.read("t", 0))) == 500, "not in one long step"
    member.poll(0, 0.0)
    assert len(list(log.read("t", 0))) == 500, "not in one go"
    clock.now += 1
    member.poll(0, 0.0)
    assert list(log.read("t", 0)) == []
    member.close()


def test_a_compacted_topic_holds_one_record_of_a_key_and_tombstones_for_a_day(
    log: SqliteLog, clock: Clock, path: Path
) -> None:
    log.create([TopicSpec("c", 1, "compact")])
    for n in range(5):
        log.append([Append("c", 0, "a", f"{n}".encode()), Append("c", 0, "b", f"{n}".encode())])
    assert stored(path) == 2
    log.append([Append("c", 0, "a", None)])
    clock.now += DAY - 1
    assert log.prune(10) == 0
    assert [(record.key, record.value) for record in log.read("c", 0)] == [("b", b"4"), ("a", None)]
    clock.now += 2
    assert log.prune(10) == 1
    assert [(record.key, record.value) for record in log.read("c", 0)] == [("b", b"4")]


def test_a_compacted_topic_refuses_a_record_without_a_key(log: SqliteLog) -> None:
    log.create([TopicSpec("c", 1, "compact")])
    with pytest.raises(LogError, match=r"'c'.*give it a key"):
        log.append([Append("c", 0, None, b"v")])


def test_dropping_topics_gives_their_disk_space_back(log: SqliteLog, path: Path) -> None:
    log.create([TopicSpec("big", 2)])
    before = path.stat().st_size
    for partition in (0, 1):
        fill(log, "big", 1_500, partition, size=4_096)
    log.drop(["big"])
    assert path.stat().st_size < before + 200_000
    assert path.with_name("log.db-wal").stat().st_size == 0
    assert stored(path) == 0


def test_what_a_killed_drop_left_behind_goes_later(log: SqliteLog, path: Path, url: str, clock: Clock) -> None:
    fill(log, "t", 30)
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("UPDATE partitions SET topic = NULL")
        raw.execute("DELETE FROM topics")
    log.create([TopicSpec("t", 2)])
    assert list(log.read("t", 0)) == []
    assert [log.prune(20) for _ in range(3)] == [20, 10, 0]
    assert log.end_offsets("t") == {0: 0, 1: 0}


def test_a_full_disk_is_a_failed_commit_that_leaves_nothing(log: SqliteLog, path: Path) -> None:
    member = log.member("g", "t", "0")
    owned(member, 2)
    pages = member._database.rows("PRAGMA page_count")[0][0]
    member._database.rows(f"PRAGMA max_page_count = {pages + 5}")
    with pytest.raises(CommitFailed, match=r"log\.db: database or disk is full; free some disk space"):
        member.commit([Append("t", 0, "en", bytes(4_096)) for _ in range(50)], {TP: 1})
    assert stored(path) == 0
    assert log.committed("g", "t") == {}
    member._database.rows(f"PRAGMA max_page_count = {pages + 1_000}")
    member.commit([Append("t", 0, "en", b"now")], {TP: 1})
    assert log.committed("g", "t") == {0: 1}
    member.close()
