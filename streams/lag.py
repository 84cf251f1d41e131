"""How much a consumer group has still to process, seen from outside."""

from streams.log import Log

EXACT = 200
"""Up to so many offsets the records are counted: some offsets stand for none, such as the marks of transactions in
Kafka, and a group that has processed everything is to be told so. Beyond that it is the offsets that count."""


def lag(log: Log, group: str, topic: str) -> dict[int, int]:
    """For each partition of the topic how many records the group has not processed."""
    committed = log.committed(group, topic)
    return {
        partition: _left(log, topic, partition, committed.get(partition, 0), end)
        for partition, end in log.end_offsets(topic).items()
    }


def _left(log: Log, topic: str, partition: int, start: int, end: int) -> int:
    offsets = max(0, end - start)
    return offsets if offsets > EXACT else sum(1 for _ in log.read(topic, partition, start, end))
