"""`storywire topics …`: the topics of a namespace, and how far its groups have come."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console

from config.settings import Settings
from service.rendering import plain_table, put, terminal
from service.stages import sinks_by_name, topics_of
from streams.lag import lag
from streams.log import Log, TopicSpec
from streams.topics import FLOW

DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class TopicState:
    """A topic as it is; `exists` is false for one that the settings ask for and the log lacks."""

    name: str
    exists: bool
    partitions: int
    cleanup: str
    retention_days: float | None
    end: int
    """Offsets given out so far, in all partitions."""


@dataclass(frozen=True, slots=True)
class GroupLag:
    """How many records of its topic a consumer group has not processed, by partition."""

    group: str
    topic: str
    lag: dict[int, int]

    @property
    def total(self) -> int:
        """In all partitions."""
        return sum(self.lag.values())


def describe(log: Log, settings: Settings) -> list[TopicState]:
    """The topics of the settings' namespace."""
    known = log.topics()
    return [_state(log, known.get(spec.name), spec) for spec in topics_of(settings).specs()]


def _state(log: Log, has: TopicSpec | None, wanted: TopicSpec) -> TopicState:
    spec = has or wanted
    days = None if spec.retention_seconds is None else spec.retention_seconds / DAY
    end = sum(log.end_offsets(spec.name).values()) if has else 0
    return TopicState(spec.name, has is not None, spec.partitions, spec.cleanup, days, end)


def lags(log: Log, settings: Settings) -> list[GroupLag]:
    """The groups of all stages and configured sinks, in the order of the pipeline.

    Raises LogError where a topic is missing.
    """
    topics = topics_of(settings)
    reads = {"poller": "feeds"} | {stage: source for stage, (source, _) in FLOW.items()}
    reads |= {f"sink-{name}": "stories" for name in sinks_by_name(settings)}
    named = [(topics.name(group), topics.name(topic)) for group, topic in reads.items()]
    return [GroupLag(group, topic, lag(log, group, topic)) for group, topic in named]


def topics_json(states: Sequence[TopicState]) -> dict[str, Any]:
    """For programs."""
    return {"topics": [asdict(state) for state in states]}


def print_topics(states: Sequence[TopicState], console: Console | None = None) -> None:
    """A table, one topic per row."""
    table = plain_table()
    table.add_column("topic")
    table.add_column("partitions", justify="right")
    table.add_column("kept")
    table.add_column("end offsets", justify="right")
    for state in states:
        kept = "the newest of each key" if state.cleanup == "compact" else _days(state.retention_days)
        table.add_row(state.name, str(state.partitions), kept, f"{state.end:,}" if state.exists else "missing")
    put(console or terminal(), table)


def _days(days: float | None) -> str:
    return "for ever" if days is None else f"{days:g} days"


def lags_json(groups: Sequence[GroupLag]) -> dict[str, Any]:
    """For programs."""
    return {"groups": [asdict(group) for group in groups]}


def print_lags(groups: Sequence[GroupLag], console: Console | None = None) -> None:
    """A table, one group per row."""
    table = plain_table()
    table.add_column("group")
    table.add_column("topic")
    table.add_column("lag", justify="right")
    table.add_column("by partition")
    for group in groups:
        parts = ", ".join(f"{partition}: {count:,}" for partition, count in group.lag.items() if count)
        table.add_row(group.group, group.topic, f"{group.total:,}", parts)
    put(console or terminal(), table)
