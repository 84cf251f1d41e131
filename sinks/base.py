"""What a sink is: it takes story updates in the log's order and keeps, with them, how far it has come.

The offsets belong to the flush. A sink that stores (files, a database) writes updates and offsets in one atomic
step and so takes every update exactly once, however it dies; what the log's consumer group says is only its lag.
A sink that stores nothing (the console) leaves its position to the group, and may repeat a batch after a death.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from streams.messages import StoryUpdate


class SinkError(Exception):
    """A sink that cannot work until a person acts; the message names its URL, the reason and the remedy."""


class SinkDown(Exception):
    """A sink that cannot write now (disk full, database locked) and may again: back off, lose nothing."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a sink is filled from. Offsets of one source mean nothing in another."""

    log: str
    """`Log.identity`."""
    topic: str
    """Full name of the topic, with its namespace."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A story update and where it stood."""

    partition: int
    offset: int
    update: StoryUpdate


class Sink(Protocol):
    """A place where story updates go. One thread uses it."""

    @property
    def name(self) -> str:
        """Names its consumer group: the same for the same place, for good."""

    def __str__(self) -> str:
        """Its URL, without secrets."""

    def resume(self, source: Source, partitions: Iterable[int]) -> dict[int, int | None]:
        """For each partition the offset of the next update it wants; None: wherever its consumer group stands.

        Raises SinkError when it was filled from another source, SinkDown.
        """

    def add(self, deliveries: Sequence[Delivery]) -> None:
        """Take updates, in offset order within each partition. They count only once flushed."""

    def flush(self, offsets: Mapping[int, int]) -> None:
        """Write what was added and, with it, the next offset of each partition.

        Called at least once per poll, also with nothing to write. After an exception what was added and not
        written is forgotten, and `resume` tells where to go on. Raises SinkDown, SinkError.
        """

    def close(self) -> None:
        """Let go of files and connections. What was added and not flushed is forgotten."""
