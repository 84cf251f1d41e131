"""Committed records of a partition, read from outside of any group."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from kafka import KafkaConsumer
from kafka import TopicPartition as KafkaTopicPartition

from streams.kafka.cluster import Cluster
from streams.log import LogDown, LogError, Record, TopicPartition

POLL_MS = 20
"""How long the client waits for records at once, and the broker before it says that there are none. Both wait to
the end where there is only the mark of a transaction, and the next reading would wait for the answer to this one:
with 1 s and the client's own 500 ms, reading a mark took 1 s."""

CONSUMER: dict[str, Any] = {
    "isolation_level": "read_committed",
    "enable_auto_commit": False,
    "auto_offset_reset": "earliest",
    "allow_auto_create_topics": False,
    "metrics_enabled": False,
}
"""What every consumer of ours is made with."""

PATIENCE_SECONDS = 30.0
"""How long to wait for a record beyond the time that an open transaction may take."""


def records_of(found: Iterable[Any]) -> list[Record]:
    """Records as the log's interface has them."""
    return [
        Record(
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            key=None if record.key is None else record.key.decode(),
            value=record.value,
            headers={name: value.decode() for name, value in record.headers},
            timestamp=record.timestamp / 1000,
        )
        for record in found
    ]


class Readers:
    """Reads spans of partitions. Consumers are kept and used again: making one takes several round trips.

    They fetch what the client would, 1 MB at once. 16 MB are no faster (`bench.kafka_log`), and as they are
    decoded only when all has come, half as fast on a busy machine.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._idle: list[KafkaConsumer] = []

    def read(self, tp: TopicPartition, start: int, end: int) -> Iterator[Record]:
        """The committed records from offset `start` up to `end`, waiting for transactions still open there.

        Raises LogDown when that takes too long.
        """
        if start >= end:
            return
        with self._borrowed() as consumer, self._cluster.problems(f"read {tp.topic}/{tp.partition} on"):
            where = KafkaTopicPartition(*tp)
            consumer.assign([where])
            consumer.seek(where, start)
            patience = self._cluster.section.transaction_seconds + PATIENCE_SECONDS
            deadline, position = time.monotonic() + patience, start
            while position < end:
                polled = consumer.poll(POLL_MS)
                for record in records_of(polled.get(where, ())):
                    if record.offset >= end:
                        break
                    yield record
                reached = consumer.position(where, timeout_ms=POLL_MS)  # passes the marks of transactions, too
                if reached is not None and reached > position:
                    deadline, position = time.monotonic() + patience, reached
                elif time.monotonic() > deadline:
                    what = f"waited {patience:.0f} s for offset {position} of {tp.topic}/{tp.partition} in vain"
                    raise LogDown(f"cannot read the log {self._cluster.url}: {what}; is a broker running there?")

    @contextmanager
    def _borrowed(self) -> Iterator[KafkaConsumer]:
        """A consumer, kept for the next time even by who stops reading early; one that failed is closed."""
        consumer = self._idle.pop() if self._idle else self._consumer()
        sound = True
        try:
            yield consumer
        except LogError:
            sound = False
            raise
        finally:
            if sound:
                self._idle.append(consumer)
            else:
                consumer.close(autocommit=False, timeout_ms=0)

    def _consumer(self) -> KafkaConsumer:
        with self._cluster.problems("read"):
            return KafkaConsumer(**self._cluster.options(), **CONSUMER, fetch_max_wait_ms=POLL_MS)

    def close(self) -> None:
        """Close the connections."""
        for consumer in self._idle:
            consumer.close(autocommit=False)
        self._idle.clear()
