"""Transactions on Kafka: what kafka-python gets wrong, and that ours do not.

Where a test about kafka-python itself fails, a new version has been installed: look which of the guards in
`streams/kafka/producer.py` it still needs, and run `make chaos`.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib.metadata import version
from typing import Any
from uuid import uuid4

import pytest
from kafka import KafkaProducer, errors

from config.sections import KafkaSection
from streams.kafka import producer as ours
from streams.kafka.cluster import Cluster
from streams.kafka.log import KafkaLog
from streams.kafka.producer import RECORD_BYTES, Transactions
from streams.log import Append, Fenced, LogDown, LogError, TopicSpec
from tests.kafka.broker import Broker
from tests.waiting import wait_for

HASTY = KafkaSection.model_construct(**{**KafkaSection().model_dump(), "transaction_seconds": 1.0})
"""Brokers abort our transactions after a second: shorter than the settings allow."""


@pytest.fixture
def log(kafka: str) -> Iterator[KafkaLog]:
    with closing(KafkaLog(Cluster(f"kafka://{kafka}", HASTY))) as log:
        yield log


@pytest.fixture
def topic(log: KafkaLog) -> str:
    name = f"producer-{uuid4().hex[:12]}"
    log.create([TopicSpec(name, 1)])
    return name


def values(log: KafkaLog, topic: str) -> list[bytes | None]:
    return [record.value for record in log.read(topic, 0)]


def aborted_by_the_broker(producer: KafkaProducer, log: KafkaLog, topic: str) -> None:
    """Leave the producer in the middle of a transaction that the broker has given up."""
    producer.begin_transaction()
    producer.send(topic, b"too late", partition=0).get(10)
    end = log.end_offsets(topic)[0]
    wait_for(lambda: log.end_offsets(topic)[0] > end, 20, "the mark of the abort")


def committed_after_an_abort(guard: bool, log: KafkaLog, kafka: str, topic: str) -> None:
    """Go on with a transaction that the broker has aborted, and commit it."""
    cluster = Cluster(f"kafka://{kafka}", HASTY)
    options = {} if guard else {"_guard": lambda producer: None}
    with pytest.MonkeyPatch.context() as patch:
        for name, replacement in options.items():
            patch.setattr(ours, name, replacement)
        producer = ours._opened(cluster, f"late-{uuid4().hex}")
    try:
        aborted_by_the_broker(producer, log, topic)
        producer.send(topic, b"after the abort", partition=0)
        producer.commit_transaction()
    finally:
        producer._sender.force_close()
        producer.close(timeout=0)


def test_the_client_is_the_one_that_the_guards_were_made_for() -> None:
    assert version("kafka-python") == "3.0.12"


def test_unguarded_the_client_commits_an_aborted_transaction_without_a_word(
    log: KafkaLog, kafka: str, topic: str
) -> None:
    committed_after_an_abort(False, log, kafka, topic)
    assert b"after the abort" not in values(log, topic), "bug A is mended: its guard can go"


def test_guarded_it_says_that_an_aborted_transaction_failed(log: KafkaLog, kafka: str, topic: str) -> None:
    with pytest.raises(errors.KafkaError):
        committed_after_an_abort(True, log, kafka, topic)
    assert values(log, topic) == []


def test_a_commit_after_one_that_failed_brings_nothing_of_it_along(
    log: KafkaLog, kafka: str, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Transactions(log._cluster, f"failing-{uuid4().hex}")) as transactions:
        sound = ours._await
        monkeypatch.setattr(ours, "_await", _raising)
        with pytest.raises(LogDown, match="cannot commit to the log"):
            transactions.commit([Append(topic, 0, None, b"lost")], {})
        monkeypatch.setattr(ours, "_await", sound)
        for n in range(5):
            transactions.commit([Append(topic, 0, None, b"%d" % n)], {})
    assert values(log, topic) == [b"0", b"1", b"2", b"3", b"4"]


def _raising(*args: object) -> None:
    raise errors.KafkaTimeoutError("nobody knows whether it was committed")


def test_a_record_that_is_too_large_is_named_and_harms_nothing(log: KafkaLog, topic: str) -> None:
    with pytest.raises(LogError, match=rf"topic '{topic}' with key 'k' has .* bytes, and .* is the most"):
        log.append([Append(topic, 0, "k", b"small"), Append(topic, 0, "k", bytes(RECORD_BYTES))])
    log.append([Append(topic, 0, "k", b"next")])
    assert values(log, topic) == [b"next"]


def test_the_largest_record_passes(log: KafkaLog, topic: str) -> None:
    largest = bytes(range(256)) * ((RECORD_BYTES - ours.ROOM_BYTES) // 256)
    log.append([Append(topic, 0, "k", largest)])
    assert values(log, topic) == [largest]


def test_who_was_replaced_stays_fenced(log: KafkaLog, topic: str) -> None:
    name = f"twice-{uuid4().hex}"
    with closing(Transactions(log._cluster, name)) as old, closing(Transactions(log._cluster, name)) as new:
        for _ in range(2):
            with pytest.raises(Fenced, match="`instance`"):
                old.commit([Append(topic, 0, None, b"old")], {})
        with pytest.raises(Fenced):
            old.ready()
        new.commit([Append(topic, 0, None, b"new")], {})
    assert values(log, topic) == [b"new"]


def test_who_learns_in_the_middle_of_a_transaction_that_he_was_replaced_does_not_strike_back(
    log: KafkaLog, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"twice-{uuid4().hex}"
    with closing(Transactions(log._cluster, name)) as old, closing(Transactions(log._cluster, name)) as new:
        producer = old._producer
        assert producer
        send = producer.send

        def sent(*arguments: Any, **options: Any) -> Any:
            future = send(*arguments, **options)
            wait_for(producer._transaction_manager.has_error, what="the broker's refusal")
            return future

        monkeypatch.setattr(producer, "send", sent)
        with pytest.raises(Fenced, match="`instance`"):
            old.commit([Append(topic, 0, None, b"old")] * 2, {})
        new.commit([Append(topic, 0, None, b"new")], {})
    assert values(log, topic) == [b"new"]


def test_a_commit_that_nobody_answers_ends_in_time_and_the_next_one_works(
    own_kafka: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ours, "COMMIT_SECONDS", 3.0)
    monkeypatch.setattr(ours, "OPEN_SECONDS", 3.0)
    cluster = Cluster(own_kafka.url, KafkaSection())
    with closing(KafkaLog(cluster)) as log:
        log.create([TopicSpec("t", 1)])
    with closing(Transactions(cluster, "unanswered")) as transactions:
        transactions.commit([Append("t", 0, None, b"1")], {})
        for away, back in ((own_kafka.freeze, own_kafka.thaw), (own_kafka.kill, own_kafka.start)):
            away()
            assert _seconds(lambda: _refused(transactions)) < 15
            back()
            wait_for(lambda: _ready(transactions), 30, "the producer to be ready")
            transactions.commit([Append("t", 0, None, b"back")], {})
    with closing(KafkaLog(cluster)) as log:  # a new one: a connection that saw the outage may still be waiting
        assert values(log, "t") == [b"1", b"back", b"back"]


def _refused(transactions: Transactions) -> None:
    with pytest.raises(LogDown):
        transactions.commit([Append("t", 0, None, b"lost")], {})


def _ready(transactions: Transactions) -> bool:
    try:
        transactions.ready()
    except LogDown:
        return False
    return True


def _seconds(action: Callable[[], object]) -> float:
    began = time.monotonic()
    action()
    return time.monotonic() - began


def commit_while_the_broker_restarts(broker: Broker, guard: bool) -> list[LogDown]:
    """Commit while there is no broker, which then starts; the errors."""
    failed: list[LogDown] = []

    def commit(transactions: Transactions) -> None:
        try:
            transactions.commit([Append("t", 0, None, b"patient")], {})
        except LogDown as error:
            failed.append(error)

    with pytest.MonkeyPatch.context() as patch, closing(KafkaLog(Cluster(broker.url, KafkaSection()))) as log:
        patch.setattr(ours, "COMMIT_SECONDS", 15.0)  # the broker is back after five
        if not guard:
            patch.setattr(ours, "_never_raising", lambda await_ready: await_ready)
        log.create([TopicSpec("t", 1)])
        with closing(Transactions(log._cluster, f"pending-{guard}")) as transactions:
            transactions.commit([Append("t", 0, None, b"before")], {})
            broker.kill()
            thread = threading.Thread(target=commit, args=[transactions])
            thread.start()
            time.sleep(1.0)  # the request is to be pending when the broker comes back
            broker.start()
            thread.join()
    return failed


def test_a_commit_survives_a_short_absence_of_the_broker(own_kafka: Broker) -> None:
    assert commit_while_the_broker_restarts(own_kafka, guard=True) == []


def test_unguarded_the_client_forgets_what_was_pending(own_kafka: Broker) -> None:
    assert commit_while_the_broker_restarts(own_kafka, guard=False), "bug C is mended: its guard can go"
