"""Topics on Kafka: how ours are made, and whether those that exist are as the settings want them."""

from collections.abc import Mapping
from typing import Any

from streams.kafka.producer import RECORD_BYTES
from streams.log import TopicMismatch, TopicSpec

SEGMENT_BYTES = 64 * 2**20
"""Changelogs are compacted up to their newest segment: with Kafka's own 1 GB, every start would read hundreds of
thousands of records that were superseded long ago."""

DIRTY_RATIO = 0.2
"""A changelog is compacted when a fifth of it is new. Kafka's own half would have twice its records read."""

APPEND_TIME = "LogAppendTime"
"""A record's time is when it was appended. With the time of the news in its place, retention would delete a replay
of 2015 at once."""

Config = Mapping[str, str]


def config_of(spec: TopicSpec) -> dict[str, str]:
    """The configuration that a topic is created with."""
    config = {
        "cleanup.policy": spec.cleanup,
        "message.timestamp.type": APPEND_TIME,
        "max.message.bytes": str(RECORD_BYTES),
    }
    if spec.cleanup == "compact":
        return config | {"segment.bytes": str(SEGMENT_BYTES), "min.cleanable.dirty.ratio": str(DIRTY_RATIO)}
    return config | {"retention.ms": retention_ms(spec)}


def retention_ms(spec: TopicSpec) -> str:
    """A retention as Kafka has it."""
    return "-1" if spec.retention_seconds is None else str(round(spec.retention_seconds * 1000))


def spec_of(name: str, partitions: int, config: Config) -> TopicSpec:
    """A topic as it exists."""
    if config["cleanup.policy"] == "compact":
        return TopicSpec(name, partitions, "compact")
    retention = int(config["retention.ms"])
    # what is compacted and deleted both, as topics of others may be, counts as deleted
    return TopicSpec(name, partitions, "delete", None if retention < 0 else retention / 1000)


def check(has: TopicSpec, config: Config, wanted: TopicSpec, url: str) -> None:
    """Raise TopicMismatch where a topic that exists is not as it must be."""
    asked: dict[str, tuple[Any, Any]] = {
        "partitions": (has.partitions, wanted.partitions),
        "cleanup": (config["cleanup.policy"], wanted.cleanup),
        "message.timestamp.type": (config["message.timestamp.type"], APPEND_TIME),
    }
    for name, (old, new) in asked.items():
        if old != new:
            remedy = (
                f"set topics.partitions back to {old}, or use another --namespace"
                if name == "partitions"
                else "change the topic with Kafka's kafka-configs.sh, or use another --namespace"
            )
            raise TopicMismatch(f"topic {has.name!r} of the log {url} has {name} = {old}, not {new}; {remedy}")
    if int(config["max.message.bytes"]) < RECORD_BYTES:
        limit = f"max.message.bytes = {config['max.message.bytes']}, and records may have {RECORD_BYTES}"
        raise TopicMismatch(
            f"topic {has.name!r} of the log {url} has {limit}; change the topic with Kafka's kafka-configs.sh"
        )
