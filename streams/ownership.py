"""The partitions that a worker owns, and their states."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from streams import deaths
from streams.changelog import Changelog
from streams.failures import Failures
from streams.log import Member, Record, TopicPartition

State = TypeVar("State")


STANDING_BY_POLLS = 10
"""Polls without a partition until that is worth a line: a group on Kafka takes seconds to form."""


class Abandoned(Exception):
    """A stop was asked for, or the partition was taken away, in the middle of restoring it."""


@dataclass(slots=True)
class Partition(Generic[State]):
    """What is known of an owned partition, all of it restored from the log."""

    tp: TopicPartition
    committed: int
    """The group's committed offset."""
    state: State
    failures: Failures
    run: deaths.Run
    spoilt: bool = False
    """A change was applied by half: the state is to be restored before it is used."""


class Ownership(Generic[State]):
    """Follows what the group assigns and revokes, and restores each partition before its records are delivered."""

    def __init__(
        self,
        member: Member,
        changelog: Changelog[State],
        batch: int,
        instance: str,
        stop: Callable[[], bool],
        say: Any,
    ) -> None:
        """`batch`: the most messages in a transaction. `instance`: the member's name. `stop` interrupts a restore.
        `say`: a structlog logger."""
        self._member, self._changelog, self._batch, self._instance = member, changelog, batch, instance
        self._stop, self._say = stop, say
        self._owned: dict[TopicPartition, Partition[State] | None] = {}
        """None: to be restored."""
        self._runs: dict[TopicPartition, deaths.Run] = {}
        """Runs of this process whose states were thrown away: beginning again is no death."""
        self._idle_polls = 0
        """Polls in a row that left us with nothing to own."""

    def __getitem__(self, tp: TopicPartition) -> Partition[State]:
        partition = self._owned[tp]
        assert partition is not None, f"{tp} was not started"
        return partition

    def poll(self, max_records: int, timeout: float) -> Sequence[Record]:
        """Records of the partitions that were started."""
        polled = self._member.poll(max_records, timeout)
        for tp in polled.revoked:
            self._owned.pop(tp, None)
            self._runs.pop(tp, None)
        self._owned |= dict.fromkeys(polled.assigned)
        if self._owned:
            self._idle_polls = 0
        else:
            self._idle_polls += 1
            if self._idle_polls == STANDING_BY_POLLS:
                self._say.info("standing by: other members of the group own the partitions")
        return polled.records

    @property
    def complete(self) -> bool:
        """Whether everything that is owned was started."""
        return all(self._owned.values())

    def begin(self) -> None:
        """Start what was assigned: restore it, note in its changelog that a run begins, let its records come.

        Raises Abandoned.
        """
        while missing := next((tp for tp, partition in self._owned.items() if partition is None), None):
            self._begin(missing)

    def _begin(self, tp: TopicPartition) -> None:
        self._attend(tp)  # where a commit failed, it is often because the group has moved on
        committed = self._member.committed(tp)  # first: it waits for a dead owner's transaction
        restored = self._changelog.restore(tp.partition, lambda: self._attend(tp))
        known = self._runs.get(tp)
        run = known or deaths.begun(restored.run, committed, self._batch, self._instance)
        partition = Partition(tp, committed, restored.state, restored.failures, run)
        if known is None:
            if restored.run is not None and restored.run.instance == self._instance:
                self._say.warning(
                    "owner before died", **position(tp, committed), deaths=run.deaths, alone=run.alone
                )
            elif restored.run is not None:
                self._say.info("taken over", **position(tp, committed), owner=restored.run.instance)
            self.note(partition, run)
        self._owned[tp] = partition
        self._member.start(tp, committed)
        say = self._say.info if restored.records else self._say.debug  # a fresh partition is no news
        say("restored", **position(tp, committed), changelog=restored.records)

    def rebuild(self, partition: Partition[State]) -> None:
        """Restore a spoilt state. Raises Abandoned."""
        restored = self._changelog.restore(partition.tp.partition, lambda: self._attend(partition.tp))
        partition.state, partition.failures, partition.spoilt = restored.state, restored.failures, False

    def _attend(self, tp: TopicPartition) -> None:
        """The duties during a long restore: listen for a stop, stay in the group."""
        self.poll(0, 0.0)
        if self._stop() or tp not in self._owned:
            raise Abandoned

    def note(self, partition: Partition[State], run: deaths.Run) -> None:
        """Write a run to the changelog, in a transaction of its own that only the owner can commit."""
        record = self._changelog.record(partition.tp.partition, deaths.KEY, run)
        self._member.commit([record], {partition.tp: partition.committed})
        partition.run = run

    def start_over(self) -> None:
        """Throw all states away; `begin` restores them."""
        self._runs |= {tp: partition.run for tp, partition in self._owned.items() if partition is not None}
        self._owned = dict.fromkeys(self._owned)

    def sign_off(self) -> None:
        """Note that the runs ended cleanly, so that nobody counts a death."""
        started = [partition for partition in self._owned.values() if partition is not None]
        if started:
            tombstones = [self._changelog.record(p.tp.partition, deaths.KEY, None) for p in started]
            self._member.commit(tombstones, {p.tp: p.committed for p in started})


def position(tp: TopicPartition, offset: int) -> dict[str, str | int]:
    """A place in the log, for a log line."""
    return {"topic": tp.topic, "partition": tp.partition, "offset": offset}
