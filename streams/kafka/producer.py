"""Transactions with kafka-python 3.0.12, made safe.

Its transactional producer has three bugs that lose or repeat records silently, or hang (found and measured with
Kafka 4.3.0):

A. `commit_transaction()` returns normally for a transaction that the broker has aborted: after an
   InvalidProducerEpoch or OutOfOrderSequence the client bumps its epoch and takes the pending end for a success.
B. Batches that were left over when that happened join the next transaction.
C. A request that is pending when a broker goes away is dropped, and whoever waits for its answer waits for ever.

So the bump is forbidden, which makes the error of A a fatal one; connecting never raises inside the client, which
was the cause of C; every wait has a deadline; after a commit each record's own result is looked at; and a producer
that has failed once, however, is never used again. The version is pinned in `pyproject.toml`, and
`tests/streams/test_kafka_producer.py` fails where a new one no longer has or needs these places.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from kafka import ConsumerGroupMetadata, KafkaProducer, OffsetAndMetadata, errors
from kafka import TopicPartition as KafkaTopicPartition

from streams.kafka.cluster import Cluster
from streams.log import Append, CommitFailed, Fenced, LogError, TopicPartition

RECORD_BYTES = 16 * 2**20
"""The largest record. The texts of articles are capped far below it; what is larger the broker would refuse, and
kafka-python's producer would be lost with it."""

BATCH_BYTES = 256 * 1024
"""With the client's own 16 KB a commit of 200 messages takes two and a half times as long; 1 MB gains nothing
(these and the next: `bench.kafka_log`)."""

LINGER_MS = 5
"""A commit waits for none of it: from 0 to 20 ms, 200 messages take the same time. With 0 a busy machine sends
more and smaller batches, and took a sixth longer."""

RETRY_BACKOFF_MS = 20
"""Right after a commit the broker may ask for patience (CONCURRENT_TRANSACTIONS), and the client sleeps so long: a
small commit behind another takes 6 ms, or else 108 with the client's own 100 ms, 28 with this, 13 with 5. But a
broker in trouble is asked as often."""

COMPRESSION = "lz4"
"""Of 3 KB of news 1.8 KB are left. zstd takes a third longer; without compression a commit is a tenth faster."""

COMMIT_SECONDS = 25.0
"""The longest wait for a transaction. It ends before the broker would abort it (kafka.transaction_seconds)."""

OPEN_SECONDS = 20.0
"""The longest wait for a producer's first answer."""

ROOM_BYTES = 64 * 1024
"""Left of RECORD_BYTES for key, headers and what wraps a record."""

PAUSE_SECONDS = 0.05
"""How long the client waits after a connection could not be made (bug C)."""


class Transactions:
    """Commits transactions under one transactional id, for as long as nobody else takes it."""

    def __init__(self, cluster: Cluster, transactional_id: str) -> None:
        """Take the id: a predecessor's open transaction is aborted, and if it lives, it is fenced.

        Raises LogDown, LogError.
        """
        self._cluster, self._id = cluster, transactional_id
        self._producer: KafkaProducer | None = None
        self._fenced: Fenced | None = None
        self.ready()

    def ready(self) -> None:
        """Have a sound producer. After a commit that failed this settles whether it has happened.

        Raises Fenced, LogDown, LogError.
        """
        if self._fenced is not None:
            raise self._fenced
        if self._producer is None:
            with self._cluster.problems(f"open transactions as {self._id!r} on"):
                self._producer = _opened(self._cluster, self._id)

    def commit(
        self,
        appends: Sequence[Append],
        offsets: Mapping[TopicPartition, int],
        membership: ConsumerGroupMetadata | None = None,
    ) -> None:
        """Append the records, and commit the offsets of the group, all or nothing.

        `membership`: of the consumer, as it was when the records that led here were polled. Raises LogError for a
        record that is too large, Fenced, LogDown, CommitFailed.
        """
        _check_sizes(appends)
        self.ready()
        assert self._producer is not None
        try:
            _transact(self._producer, appends, offsets, membership)
        except errors.KafkaError as error:
            meaning = self._cluster.meaning(_cause(self._producer, error), "commit to", CommitFailed)
            self._abandon()
            if isinstance(meaning, Fenced):
                self._fenced = meaning
            raise meaning from error
        except BaseException:  # half of the records are in the client: its next commit would bring them along
            self._abandon()
            raise

    def _abandon(self) -> None:
        """Drop a producer that has failed, without a word to the broker: its successor ends what it began."""
        if self._producer is not None:
            self._producer._sender.force_close()
            with suppress(errors.KafkaError):
                self._producer.close(timeout=0)
            self._producer = None

    def close(self) -> None:
        """Give the producer up; no transaction is open between two commits."""
        self._abandon()


def _opened(cluster: Cluster, transactional_id: str) -> KafkaProducer:
    producer = KafkaProducer(
        **cluster.options(),
        transactional_id=transactional_id,
        transaction_timeout_ms=round(cluster.section.transaction_seconds * 1000),
        max_block_ms=round(OPEN_SECONDS * 1000),
        max_request_size=RECORD_BYTES,
        batch_size=BATCH_BYTES,
        linger_ms=LINGER_MS,
        compression_type=COMPRESSION,
        retry_backoff_ms=RETRY_BACKOFF_MS,
        metrics_enabled=False,
    )
    try:
        _guard(producer)
        producer.init_transactions()
    except BaseException:
        producer._sender.force_close()
        with suppress(errors.KafkaError):
            producer.close(timeout=0)
        raise
    return producer


def _guard(producer: KafkaProducer) -> None:
    """Close the places of bugs A and C."""
    producer._transaction_manager._supports_epoch_bump = lambda: False
    client = producer._sender._client
    client.await_ready = _never_raising(client.await_ready)


def _never_raising(await_ready: Callable[..., bool]) -> Callable[..., bool]:
    def guarded(*args: Any, **options: Any) -> bool:
        try:
            return await_ready(*args, **options)
        except errors.KafkaError:
            time.sleep(PAUSE_SECONDS)
            return False

    return guarded


def _cause(producer: KafkaProducer, error: errors.KafkaError) -> errors.KafkaError:
    """What lies behind an error: what has spoilt a producer, the client only quotes in all that fails after it.

    Taken for just any failure, one that was fenced would take its id back, and fence the rightful owner.
    """
    cause = producer._transaction_manager.last_error or error
    return next((inner for inner in cause.args if isinstance(inner, errors.KafkaError)), cause)


def _check_sizes(appends: Sequence[Append]) -> None:
    for append in appends:
        size = len(append.value or b"")
        if size > RECORD_BYTES - ROOM_BYTES:
            raise LogError(
                f"a record for topic {append.topic!r} with key {append.key!r} has {size:,} bytes, and "
                f"{RECORD_BYTES - ROOM_BYTES:,} is the most; lower poller.max_text_chars"
            )


def _transact(
    producer: KafkaProducer,
    appends: Sequence[Append],
    offsets: Mapping[TopicPartition, int],
    membership: ConsumerGroupMetadata | None,
) -> None:
    """One transaction. Raises KafkaError when it has not happened, or when nobody knows."""
    deadline = time.monotonic() + COMMIT_SECONDS
    manager = producer._transaction_manager
    producer.begin_transaction()
    sent = [
        producer.send(
            append.topic,
            append.value,
            key=None if append.key is None else append.key.encode(),
            headers=[(name, value.encode()) for name, value in append.headers.items()],
            partition=append.partition,
        )
        for append in appends
    ]
    if offsets:
        positions = {KafkaTopicPartition(*tp): OffsetAndMetadata(offset, "", -1) for tp, offset in offsets.items()}
        _await(producer, manager.send_offsets_to_transaction(positions, membership), deadline)
    _await(producer, manager.begin_commit(), deadline)
    for future in sent:
        future.get(timeout=max(0.0, deadline - time.monotonic()))


def _await(producer: KafkaProducer, result: Any, deadline: float) -> None:
    """What `send_offsets_to_transaction` and `commit_transaction` do, with a deadline."""
    producer._sender.wakeup()
    if not result.wait(timeout_ms=max(0.0, deadline - time.monotonic()) * 1000):
        raise errors.KafkaTimeoutError(f"the transaction was not answered within {COMMIT_SECONDS:.0f} s")
