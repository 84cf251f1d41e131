"""A member of a consumer group on Kafka.

Membership is static: the group remembers a member by its instance for `kafka.session_seconds`, so that one that
dies and comes back has its partitions at once, without a rebalance. Rebalances are cooperative: what stays with a
member is not taken away. Every commit carries the membership as it was when its records were polled: the group
refuses the commit of a member that was replaced in the meantime.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Literal

from kafka import ConsumerRebalanceListener, KafkaConsumer, errors
from kafka import TopicPartition as KafkaTopicPartition
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor

from streams.kafka.cluster import Cluster
from streams.kafka.producer import Transactions
from streams.kafka.records import CONSUMER, records_of
from streams.log import Append, CommitFailed, Polled, Record, TopicPartition

HEARTBEAT_SECONDS = 1.0

JOIN_SECONDS = 5.0
"""How long to wait for the group to form: others come when they have finished their batch. Nothing could be
committed in the meantime."""

FETCH_BYTES = 16 * 2**20
"""What is fetched of a partition at once. While the client holds records of one partition it asks for the others,
and where those are empty it asks for more of the first only 500 ms later: with its own 1 MB a stage stood still at
every 550 articles of a backlog, and 970 instead of 4,300 passed in a second (`bench.kafka_log`)."""

SLICE_SECONDS = 0.1
"""How long the client is left alone: it comes back late from a longer wait when a partition is assigned in it."""

COMMITTED_SECONDS = 10.0
"""How long to wait for a committed offset before saying so: a dead owner's transaction may be open."""

LEAVE_SECONDS = 2.0
"""How long leaving the group may take."""

Event = tuple[Literal["assigned", "revoked"], list[TopicPartition]]


class KafkaMember:
    """`streams.log.Member` on Kafka. One thread uses it."""

    def __init__(
        self, cluster: Cluster, group: str, topic: str, instance: str, check: Callable[[Sequence[Append]], None]
    ) -> None:
        """Join. `check`: refuses appends to what does not exist. Raises LogDown, LogError."""
        self._cluster, self._group, self._instance, self._check = cluster, group, instance, check
        self._transactions = Transactions(cluster, f"{group}/{instance}")
        self._events: deque[Event] = deque()
        self._owned: set[TopicPartition] = set()
        self._started: set[TopicPartition] = set()
        self._delivered: dict[TopicPartition, int] = {}
        """Of each partition the last offset that a poll has brought."""
        with cluster.problems(f"join group {group!r} on"):
            self._consumer = KafkaConsumer(
                **cluster.options(),
                **CONSUMER,
                max_partition_fetch_bytes=FETCH_BYTES,
                group_id=group,
                group_instance_id=instance,
                session_timeout_ms=round(cluster.section.session_seconds * 1000),
                heartbeat_interval_ms=round(HEARTBEAT_SECONDS * 1000),
                partition_assignment_strategy=[CooperativeStickyAssignor],
            )
            self._consumer.subscribe([topic], listener=_Listener(self._events))
            # Have the topic's metadata before joining: a leader without it assigns nothing, and when it comes in
            # the middle, the group forms twice.
            self._consumer.topics()
        self._membership = self._consumer.group_metadata()

    # --- reading ---------------------------------------------------------------------------------------

    def poll(self, max_records: int, timeout: float) -> Polled:
        """As in `Member`. Raises Fenced, LogError."""
        deadline = time.monotonic() + timeout
        while True:
            left = max(0.0, deadline - time.monotonic())
            with self._cluster.problems(f"poll as {self._instance!r} of group {self._group!r} on"):
                self._join()
                records = self._fetch(max_records, min(left, SLICE_SECONDS))
                self._keep_place()
            assigned, revoked = self._changes()
            kept = [record for record in records if record.tp in self._started]
            self._delivered |= {record.tp: record.offset for record in kept}
            self._membership = self._consumer.group_metadata()
            if kept or assigned or revoked or not left:
                return Polled(kept, assigned, revoked)

    def _join(self) -> None:
        """Take part when the group forms, and wait for it.

        kafka-python 3.0.12 drops the answer to a join that comes while it is not waiting for one, and joins again:
        with short waits, two members may keep their group forming for ever.
        """
        coordinator = self._consumer._coordinator
        if coordinator.need_rejoin():
            coordinator.poll(timeout_ms=round(JOIN_SECONDS * 1000))

    def _keep_place(self) -> None:
        """Raises FencedInstanceIdError when another process has taken this one's place.

        kafka-python 3.0.12 keeps that to itself: it ends its heartbeats, stays a member in its own eyes and brings
        records as before, so that a stage with nothing to commit would never hear of it.
        """
        coordinator = self._consumer._coordinator
        with coordinator._lock:
            silent = coordinator.stable() and not coordinator.rejoin_needed and not coordinator._heartbeat_enabled
        if silent:
            raise errors.FencedInstanceIdError(f"group {self._group!r} has another member {self._instance!r}")

    def _fetch(self, max_records: int, timeout: float) -> list[Record]:
        if max_records:
            found = self._consumer.poll(round(timeout * 1000), max_records)
            return [record for part in found.values() for record in records_of(part)]
        started = [KafkaTopicPartition(*tp) for tp in self._started]
        self._consumer.pause(*started)  # what the client holds of them already stays there
        self._consumer.poll(round(timeout * 1000), 1)
        self._consumer.resume(*[tp for tp in started if tp in self._consumer.assignment()])
        return []

    def _changes(self) -> tuple[list[TopicPartition], list[TopicPartition]]:
        """What was assigned and what was revoked since the last poll."""
        assigned: set[TopicPartition] = set()
        revoked: set[TopicPartition] = set()
        while self._events:
            what, partitions = self._events.popleft()
            if what == "assigned":
                assigned |= set(partitions)
            else:
                assigned -= set(partitions)
                revoked |= set(partitions) & self._owned
        self._owned = (self._owned - revoked) | assigned
        self._started -= revoked | assigned
        with suppress(errors.IllegalStateError):  # taken away again just now: the next poll tells
            self._consumer.pause(*[KafkaTopicPartition(*tp) for tp in assigned])
        return sorted(assigned), sorted(revoked)

    def committed(self, tp: TopicPartition) -> int:
        """As in `Member`."""
        self._transactions.ready()  # first: it ends a transaction of ours of which nobody knows how it ended
        with self._cluster.problems(f"find the committed offset of {tp.topic}/{tp.partition} on"):
            timeout_ms = round(COMMITTED_SECONDS * 1000)
            return self._consumer.committed(KafkaTopicPartition(*tp), timeout_ms=timeout_ms) or 0

    def start(self, tp: TopicPartition, offset: int) -> None:
        """As in `Member`."""
        where = KafkaTopicPartition(*tp)
        with suppress(errors.IllegalStateError, ValueError):  # taken away just now: the next poll tells
            self._consumer.seek(where, offset)
            self._consumer.resume(where)
        self._delivered.pop(tp, None)
        self._started.add(tp)

    # --- writing ---------------------------------------------------------------------------------------

    def commit(self, appends: Sequence[Append], offsets: Mapping[TopicPartition, int]) -> None:
        """As in `Member`. Raises LogError for an unknown topic or partition, or a record that is too large."""
        self._check(appends)
        if lost := offsets.keys() - self._owned:
            names = ", ".join(f"{tp.topic}/{tp.partition}" for tp in sorted(lost))
            raise CommitFailed(f"member {self._instance!r} of group {self._group!r} no longer owns {names}")
        positions = {tp: self._position(tp, offset) for tp, offset in offsets.items()}
        self._transactions.commit(appends, positions, self._membership)

    def _position(self, tp: TopicPartition, offset: int) -> int:
        """The offset to commit: behind the marks of transactions, where only those stand between it and the next
        record, so that a group that has processed everything has no lag."""
        if offset - 1 == self._delivered.get(tp):
            with suppress(errors.KafkaError):
                return max(offset, self._consumer.position(KafkaTopicPartition(*tp), timeout_ms=0) or 0)
        return offset

    def close(self) -> None:
        """As in `Member`."""
        self._transactions.close()
        # A static member never leaves by itself, and its partitions would be nobody's for a session.
        self._consumer._coordinator.is_dynamic_member = lambda: True
        with suppress(errors.KafkaError):
            self._consumer.close(autocommit=False, timeout_ms=round(LEAVE_SECONDS * 1000))


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """Notes what happens, and no more: it is called on the client's own thread."""

    def __init__(self, events: deque[Event]) -> None:
        self._events = events

    def on_partitions_assigned(self, assigned: Sequence[KafkaTopicPartition]) -> None:
        self._events.append(("assigned", [TopicPartition(*tp) for tp in assigned]))

    def on_partitions_revoked(self, revoked: Sequence[KafkaTopicPartition]) -> None:
        self._events.append(("revoked", [TopicPartition(*tp) for tp in revoked]))

    def on_partitions_lost(self, lost: Sequence[KafkaTopicPartition]) -> None:
        self.on_partitions_revoked(lost)
