"""The log, in Kafka's words and no larger than the job needs.

Everything else knows of Kafka, or of the embedded SQLite log, only what stands here. Implementations pass the
contract tests in `tests/streams/contract.py`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

Cleanup = Literal["delete", "compact"]


class TopicPartition(NamedTuple):
    """One partition of one topic."""

    topic: str
    partition: int


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """How a topic is to be created."""

    name: str
    partitions: int
    cleanup: Cleanup = "delete"
    """`delete`: records go when `retention_seconds` have passed since their append. `compact`: the newest
    record of each key stays for ever, older ones go at any time; a tombstone (value None) stays at least 24 h."""
    retention_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it was read."""

    topic: str
    partition: int
    offset: int
    """Grows within a partition, by one or more."""
    key: str | None
    value: bytes | None
    headers: Mapping[str, str] = field(default_factory=dict)
    timestamp: float = 0.0
    """When it was appended (epoch seconds, the log's own clock); no event time."""

    @property
    def tp(self) -> TopicPartition:
        """Where it stands."""
        return TopicPartition(self.topic, self.partition)


@dataclass(frozen=True, slots=True)
class Append:
    """A record to be appended. Key and partition are separate: changelog records go to the partition of the
    input they come from."""

    topic: str
    partition: int
    key: str | None
    value: bytes | None
    headers: Mapping[str, str] = field(default_factory=dict)


class LogError(Exception):
    """The log cannot be opened, reached or used; the message says which, why, and what to do."""


class TopicMismatch(LogError):
    """A topic exists with other properties than the settings ask for."""


class CommitFailed(LogError):
    """The transaction did not happen, or nobody knows: throw the partition's memory away, restore, go on."""


class LogDown(CommitFailed):
    """The log does not answer now, and may again: wait, then do as after a failed commit. Nothing is lost."""


class Fenced(LogError):
    """Another owner has taken over. End the process: nothing that it still holds is current."""


@dataclass(frozen=True, slots=True)
class Polled:
    """What a poll brought."""

    records: Sequence[Record] = ()
    """In offset order within each partition; only of partitions that were started."""
    assigned: Sequence[TopicPartition] = ()
    """Newly owned partitions. Nothing of them is delivered before `start`."""
    revoked: Sequence[TopicPartition] = ()
    """Partitions no longer owned; their state is to be forgotten."""


class Member(Protocol):
    """A member of a consumer group on one topic, together with its transactional producer. One thread uses it.

    Anything that needs the log may raise LogDown.
    """

    def poll(self, max_records: int, timeout: float) -> Polled:
        """Records of started partitions, waiting up to `timeout` seconds when there are none.

        With `max_records` 0 it looks after the membership only, as one must from time to time.
        """

    def committed(self, tp: TopicPartition) -> int:
        """The group's committed offset (0 when none): the offset of the next record to process. Waits for a dead
        owner's open transaction to end."""

    def start(self, tp: TopicPartition, offset: int) -> None:
        """Deliver records from `offset` on; also used to go back."""

    def commit(self, appends: Sequence[Append], offsets: Mapping[TopicPartition, int]) -> None:
        """Append the records and commit the offsets (of the next records to process) in one transaction.

        Raises CommitFailed when nothing was written, Fenced when this member no longer owns a partition.
        """

    def close(self) -> None:
        """Leave the group."""


class Log(Protocol):
    """A set of topics. Anything that needs the log may raise LogDown."""

    @property
    def identity(self) -> str:
        """A random id that the log got when it was created (Kafka: the cluster id). Who keeps offsets elsewhere
        keeps this with them: the offsets of one log mean nothing in another."""

    def create(self, specs: Iterable[TopicSpec]) -> None:
        """Create the topics that do not exist, and take over a changed retention of those that do. Raises
        TopicMismatch when one exists with other partitions or cleanup: those cannot be changed."""

    def topics(self) -> dict[str, TopicSpec]:
        """All topics."""

    def drop(self, names: Iterable[str]) -> None:
        """Delete topics with their records; unknown names are ignored."""

    def drop_groups(self, groups: Iterable[str]) -> None:
        """Delete the committed offsets of groups without members; unknown names are ignored."""

    def end_offsets(self, topic: str) -> dict[int, int]:
        """For each partition the offset that the next record will get at the least."""

    def committed(self, group: str, topic: str) -> dict[int, int]:
        """A group's committed offsets, from outside; partitions without one are left out."""

    def read(self, topic: str, partition: int, start: int = 0, end: int | None = None) -> Iterator[Record]:
        """Committed records from offset `start` up to `end` (default: the end at the time of the call)."""

    def append(self, appends: Sequence[Append]) -> None:
        """Append records outside of any group, all or none."""

    def member(self, group: str, topic: str, instance: str) -> Member:
        """Join a group on a topic. `instance` names the member for good: a successor with the same name takes over
        at once from a predecessor that died, and fences one that did not."""

    def close(self) -> None:
        """Release everything."""
