"""Names, keys and partitions: which stage reads and writes what."""

import zlib
from dataclasses import dataclass

from config.sections import TopicsSection
from streams.log import TopicSpec

STAGES = ("poller", "dedup", "embed", "cluster", "sinks")
"""In the order of the pipeline."""

FLOW = {"dedup": ("articles", "deduped"), "embed": ("deduped", "embedded"), "cluster": ("embedded", "stories")}
"""The topic that a stage run by the worker reads, and the one it writes."""

_DELETED = ("articles", "deduped", "embedded", "stories", "dead-letters")
_CHANGELOGS = ("poller", "dedup", "embed", "cluster")


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one namespace (empty: production)."""

    namespace: str
    section: TopicsSection

    def name(self, plain: str) -> str:
        """The full name of a topic or consumer group."""
        return f"{self.namespace}.{plain}" if self.namespace else plain

    def reads(self, stage: str) -> str:
        """The full name of the topic that a stage reads."""
        return self.name(FLOW[stage][0])

    def writes(self, stage: str) -> str:
        """The full name of the topic that a stage writes."""
        return self.name(FLOW[stage][1])

    def changelog(self, stage: str) -> str:
        """The full name of a stage's changelog."""
        return self.name(f"{stage}-changelog")

    def specs(self) -> list[TopicSpec]:
        """All topics of the namespace."""
        days = 86_400.0
        partitions, retention = self.section.partitions, self.section.retention_days * days
        deleted = [TopicSpec(self.name(t), partitions, "delete", retention) for t in _DELETED]
        compacted = [TopicSpec(self.changelog(stage), partitions, "compact") for stage in _CHANGELOGS]
        return [*deleted, TopicSpec(self.name("feeds"), partitions, "compact"), *compacted]

    def partition(self, key: str) -> int:
        """The partition of a key. The same everywhere, so that one language keeps one order on every topic."""
        return zlib.crc32(key.encode()) % self.section.partitions
