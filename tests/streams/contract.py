"""What every implementation of `streams.log.Log` must do.

A test module makes a class of `LogContract` and supplies the fixture `connect`, which opens one more handle on
one log, as another process would. Nothing here knows how a log is built: offsets may have gaps, compaction may
come at any time, joining a group may take a while.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from uuid import uuid4

import pytest

from streams.log import (
    Append,
    Fenced,
    Log,
    LogError,
    Member,
    Record,
    TopicMismatch,
    TopicPartition,
    TopicSpec,
)

PATIENCE = 30.0
"""Longest wait for something that must happen; a Kafka group may need seconds to form."""

Connect = Callable[[], Log]


def owned(member: Member, count: int) -> list[TopicPartition]:
    """Poll until `count` partitions were assigned."""
    deadline = time.monotonic() + PATIENCE
    assigned: list[TopicPartition] = []
    while len(assigned) < count:
        assert time.monotonic() < deadline, f"assigned only {assigned}"
        polled = member.poll(100, 0.1)
        assert not polled.records, "records before start"
        assigned += polled.assigned
    return assigned


def received(member: Member, count: int, at_once: int = 100) -> list[Record]:
    """Poll until `count` records came."""
    deadline = time.monotonic() + PATIENCE
    records: list[Record] = []
    while len(records) < count:
        assert time.monotonic() < deadline, f"received only {len(records)} of {count} records"
        polled = member.poll(at_once, 0.1)
        assert len(polled.records) <= at_once
        records += polled.records
    return records


def values(records: "Iterator[Record] | list[Record]") -> list[str]:
    """The values, as text."""
    return [(record.value or b"").decode() for record in records]


class LogContract:
    """The tests; see the module."""

    @pytest.fixture
    def connect(self) -> Connect:
        """One more handle on the same log; handles are closed by the test."""
        raise NotImplementedError

    @pytest.fixture
    def log(self, connect: Connect) -> Iterator[Log]:
        log = connect()
        yield log
        log.close()

    @pytest.fixture
    def topic(self, log: Log) -> str:
        """A new topic of two partitions."""
        return self.make(log)

    @staticmethod
    def make(log: Log, partitions: int = 2, **properties: object) -> str:
        name = f"contract-{uuid4().hex[:12]}.topic"
        log.create([replace(TopicSpec(name, partitions), **properties)])  # type: ignore[arg-type]
        return name

    @staticmethod
    def group() -> str:
        return f"contract-{uuid4().hex[:12]}.group"

    @staticmethod
    def fill(log: Log, topic: str, count: int, partition: int = 0) -> list[str]:
        texts = [f"{partition}/{n}" for n in range(count)]
        log.append([Append(topic, partition, "en", text.encode()) for text in texts])
        return texts

    # --- the log itself --------------------------------------------------------------------------------

    def test_a_log_is_known_by_one_identity_from_every_handle(self, log: Log, connect: Connect) -> None:
        other = connect()
        assert log.identity
        assert other.identity == log.identity
        other.close()

    # --- topics ----------------------------------------------------------------------------------------

    def test_created_topics_are_listed_with_their_properties(self, log: Log) -> None:
        kept = TopicSpec(f"{self.group()}.kept", 3, "delete", 3_600.0)
        compacted = TopicSpec(f"{self.group()}.compacted", 1, "compact")
        log.create([kept, compacted])
        topics = log.topics()
        assert (topics[kept.name], topics[compacted.name]) == (kept, compacted)
        assert log.end_offsets(kept.name).keys() == {0, 1, 2}

    def test_creating_again_keeps_what_is_there(self, log: Log, connect: Connect, topic: str) -> None:
        texts = self.fill(log, topic, 3)
        other = connect()
        other.create([TopicSpec(topic, 2)])
        assert values(other.read(topic, 0)) == texts
        other.close()

    @pytest.mark.parametrize("wanted", [{"partitions": 5}, {"cleanup": "compact"}])
    def test_a_topic_with_other_properties_is_refused(
        self, log: Log, topic: str, wanted: dict[str, object]
    ) -> None:
        (prop, value), spec = *wanted.items(), TopicSpec(topic, 2)
        with pytest.raises(TopicMismatch) as caught:
            log.create([replace(spec, **wanted)])  # type: ignore[arg-type]
        for word in (topic, prop, str(value), str(getattr(spec, prop))):
            assert word in str(caught.value)
        assert log.topics()[topic] == spec

    def test_a_changed_retention_is_taken_over(self, log: Log, topic: str) -> None:
        log.create([TopicSpec(topic, 2, "delete", 86_400.0)])
        assert log.topics()[topic].retention_seconds == 86_400.0

    def test_a_dropped_topic_is_gone_with_records_and_offsets(self, log: Log, topic: str) -> None:
        neighbour, group = self.make(log), self.group()
        self.fill(log, topic, 3)
        texts = self.fill(log, neighbour, 3)
        member = log.member(group, topic, "0")
        owned(member, 2)
        member.commit([], {TopicPartition(topic, 0): 2})
        member.close()
        log.drop([topic, "never-existed"])
        assert topic not in log.topics()
        log.create([TopicSpec(topic, 2)])
        assert list(log.read(topic, 0)) == []
        assert log.committed(group, topic) == {}
        assert values(log.read(neighbour, 0)) == texts

    @pytest.mark.parametrize("use", ["read", "end", "append", "partition"])
    def test_an_unknown_topic_or_partition_is_named(self, log: Log, topic: str, use: str) -> None:
        uses: Mapping[str, Callable[[], object]] = {
            "read": lambda: list(log.read("no-such-topic", 0)),
            "end": lambda: log.end_offsets("no-such-topic"),
            "append": lambda: log.append([Append("no-such-topic", 0, "k", b"v")]),
            "partition": lambda: log.append([Append(topic, 7, "k", b"v")]),
        }
        with pytest.raises(LogError, match="7" if use == "partition" else "no-such-topic"):
            uses[use]()

    # --- records ---------------------------------------------------------------------------------------

    def test_a_record_comes_back_as_it_was_appended(self, log: Log, topic: str) -> None:
        appends = [
            Append(topic, 0, "en", "naïve 新聞 \U0001f4f0".encode(), {"trace": "t1", "input": "articles/0/17"}),
            Append(topic, 0, None, bytes(range(256))),
            Append(topic, 0, "ключ", None, {"empty": "", "é": "ü"}),
            Append(topic, 0, "", b""),
            Append(topic, 1, "en", b"elsewhere"),
        ]
        before = time.time()
        log.append(appends)
        records = [*log.read(topic, 0), *log.read(topic, 1)]
        assert [Append(r.topic, r.partition, r.key, r.value, dict(r.headers)) for r in records] == appends
        assert all(before - 5 < r.timestamp < time.time() + 5 for r in records)

    def test_a_megabyte_fits(self, log: Log, topic: str) -> None:
        value = bytes(range(256)) * 3_600
        log.append([Append(topic, 0, "en", value)])
        assert [record.value for record in log.read(topic, 0)] == [value]

    def test_offsets_grow_and_reads_keep_to_their_bounds(self, log: Log, topic: str) -> None:
        texts = self.fill(log, topic, 700)
        records = list(log.read(topic, 0))
        offsets = [record.offset for record in records]
        assert values(records) == texts
        assert all(a < b for a, b in pairwise(offsets))
        assert log.end_offsets(topic)[0] > offsets[-1]
        assert list(log.read(topic, 0, offsets[3], offsets[600])) == records[3:600]
        assert list(log.read(topic, 0, log.end_offsets(topic)[0])) == []

    def test_a_read_ends_where_the_log_ended_when_it_was_asked_for(self, log: Log, topic: str) -> None:
        texts = self.fill(log, topic, 3)
        records = log.read(topic, 0)
        self.fill(log, topic, 3)
        assert values(records) == texts

    def test_an_append_is_all_or_nothing(self, log: Log, topic: str) -> None:
        with pytest.raises(LogError):
            log.append([Append(topic, 0, "en", b"lost"), Append("no-such-topic", 0, "en", b"lost")])
        texts = self.fill(log, topic, 1)
        assert values(log.read(topic, 0)) == texts

    def test_applying_a_compacted_topic_gives_the_newest_of_each_key(self, log: Log) -> None:
        topic = self.make(log, cleanup="compact")
        newest: dict[str | None, bytes | None] = {}
        for turn in range(4):
            appends = [Append(topic, 0, f"key{n % 7}", f"{turn}.{n}".encode()) for n in range(20)]
            appends += [Append(topic, 0, f"key{turn}", None), Append(topic, 1, "key0", b"other partition")]
            log.append(appends)
            newest |= {a.key: a.value for a in appends if a.partition == 0}
        state: dict[str | None, bytes | None] = {}
        for record in log.read(topic, 0):
            state[record.key] = record.value
        assert {k: v for k, v in state.items() if v is not None} == {
            k: v for k, v in newest.items() if v is not None
        }
        assert values(log.read(topic, 1))[-1:] == ["other partition"]

    # --- groups ----------------------------------------------------------------------------------------

    def test_a_lone_member_owns_every_partition(self, log: Log, topic: str) -> None:
        member = log.member(self.group(), topic, "0")
        assert sorted(owned(member, 2)) == [TopicPartition(topic, n) for n in range(2)]
        member.close()

    def test_a_member_gets_what_it_started_in_order_and_can_go_back(self, log: Log, topic: str) -> None:
        texts = self.fill(log, topic, 50)
        self.fill(log, topic, 5, partition=1)
        member = log.member(self.group(), topic, "0")
        owned(member, 2)
        tp = TopicPartition(topic, 0)
        assert member.committed(tp) == 0
        member.start(tp, 0)
        records = received(member, 50, at_once=7)
        assert values(records) == texts  # and nothing of partition 1, which was not started
        member.start(tp, records[20].offset)
        assert values(received(member, 30)) == texts[20:]
        member.close()

    def test_a_poll_wakes_up_for_a_new_record_and_else_ends_in_time(self, log: Log, topic: str) -> None:
        member = log.member(self.group(), topic, "0")
        for tp in owned(member, 2):
            member.start(tp, member.committed(tp))
        began = time.monotonic()
        assert not member.poll(10, 0.2).records
        assert 0.1 < time.monotonic() - began < 5
        began = time.monotonic()
        texts = self.fill(log, topic, 1, partition=1)
        assert values(received(member, 1)) == texts
        assert time.monotonic() - began < 5
        member.close()

    def test_outputs_and_offsets_are_committed_together(self, log: Log, connect: Connect, topic: str) -> None:
        output, group = self.make(log), self.group()
        self.fill(log, topic, 4)
        member = log.member(group, topic, "0")
        owned(member, 2)
        tp = TopicPartition(topic, 0)
        member.start(tp, member.committed(tp))
        third = received(member, 4)[2].offset
        assert log.committed(group, topic) == {}
        member.commit([Append(output, 1, "en", b"done", {"input": "x"})], {tp: third})
        other = connect()
        assert other.committed(group, topic) == {0: third}
        assert values(other.read(output, 1)) == ["done"]
        other.close()
        member.close()

    def test_a_failed_commit_leaves_neither_outputs_nor_offsets(self, log: Log, topic: str) -> None:
        output, group = self.make(log), self.group()
        self.fill(log, topic, 4)
        member = log.member(group, topic, "0")
        owned(member, 2)
        with pytest.raises(LogError):
            appends = [Append(output, 0, "en", b"lost"), Append("no-such-topic", 0, "en", b"lost")]
            member.commit(appends, {TopicPartition(topic, 0): 4})
        member.close()
        assert log.committed(group, topic) == {}
        assert list(log.read(output, 0)) == []

    def test_a_successor_goes_on_where_the_group_stood(self, log: Log, connect: Connect, topic: str) -> None:
        texts, group = self.fill(log, topic, 10), self.group()
        tp = TopicPartition(topic, 0)
        first = log.member(group, topic, "0")
        owned(first, 2)
        first.start(tp, 0)
        first.commit([], {tp: received(first, 10)[6].offset})
        first.close()
        other = connect()
        second = other.member(group, topic, "1")
        owned(second, 2)
        second.start(tp, second.committed(tp))
        assert values(received(second, 4)) == texts[6:]
        second.close()
        other.close()

    def test_a_successor_of_the_same_name_fences_a_living_member(
        self, log: Log, connect: Connect, topic: str
    ) -> None:
        texts, group, output = self.fill(log, topic, 10), self.group(), self.make(log)
        tp, elsewhere = TopicPartition(topic, 0), connect()
        old = log.member(group, topic, "0")
        owned(old, 2)
        offsets = [record.offset for record in log.read(topic, 0)]
        old.commit([Append(output, 0, "en", b"before")], {tp: offsets[3]})
        new = elsewhere.member(group, topic, "0")
        assigned = new.poll(10, 0.5).assigned
        with pytest.raises(Fenced):
            old.commit([Append(output, 0, "en", b"after")], {tp: offsets[5]})
        with pytest.raises(Fenced):
            old.commit([], {tp: offsets[5]})
        owned(new, 2 - len(assigned))
        new.start(tp, new.committed(tp))
        assert values(received(new, 7)) == texts[3:]
        assert values(log.read(output, 0)) == ["before"]
        old.close()
        new.close()
        elsewhere.close()

    def test_groups_do_not_see_one_another(self, log: Log, topic: str) -> None:
        texts = self.fill(log, topic, 5)
        members = [log.member(self.group(), topic, "0") for _ in range(2)]
        for member in members:
            owned(member, 2)
            member.start(TopicPartition(topic, 0), 0)
        for member in members:
            assert values(received(member, 5)) == texts
            member.commit([], {TopicPartition(topic, 0): 5})
            member.close()

    def test_a_dropped_group_begins_anew(self, log: Log, topic: str) -> None:
        group, other = self.group(), self.group()
        for name in (group, other):
            member = log.member(name, topic, "0")
            owned(member, 2)
            member.commit([], {TopicPartition(topic, 0): 3})
            member.close()
        log.drop_groups([group, "never-existed"])
        assert log.committed(group, topic) == {}
        assert log.committed(other, topic) == {0: 3}
        member = log.member(group, topic, "0")
        owned(member, 2)
        assert member.committed(TopicPartition(topic, 0)) == 0
        member.close()

    def test_a_group_with_a_member_is_not_dropped(self, log: Log, topic: str) -> None:
        group = self.group()
        member = log.member(group, topic, "0")
        owned(member, 2)
        member.commit([], {TopicPartition(topic, 0): 3})
        with pytest.raises(LogError, match=group):
            log.drop_groups([group])
        assert log.committed(group, topic) == {0: 3}
        member.close()
