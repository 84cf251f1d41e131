"""The broker of the tests does what tests of faults rely on."""

from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import KafkaTimeoutError

from tests.kafka.broker import Broker
from tests.kafka.fixtures import new_broker


def make_topic(name: str, **client: Any) -> None:
    admin = KafkaAdminClient(**client)
    admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=1)])
    admin.close()


def write(topic: str, value: bytes, **client: Any) -> None:
    producer = KafkaProducer(**client)
    producer.send(topic, value).get(timeout=20)
    producer.close()


def read(topic: str, count: int, **client: Any) -> list[bytes]:
    """The first values of a topic; fewer when nothing comes for 10 s."""
    consumer = KafkaConsumer(topic, auto_offset_reset="earliest", consumer_timeout_ms=10_000, **client)
    values = [record.value for _, record in zip(range(count), consumer, strict=False)]
    consumer.close()
    return values


def test_what_it_holds_outlives_its_end_by_any_signal(own_kafka: Broker) -> None:
    client = {"bootstrap_servers": own_kafka.address}
    make_topic("words", **client)
    write("words", b"before", **client)
    own_kafka.kill()
    own_kafka.start()
    write("words", b"between", **client)
    own_kafka.stop()
    own_kafka.start()
    write("words", b"after", **client)
    assert read("words", 3, **client) == [b"before", b"between", b"after"]


def test_frozen_it_answers_nobody_until_it_thaws(own_kafka: Broker) -> None:
    client = {"bootstrap_servers": own_kafka.address, "bootstrap_timeout_ms": 1_500}
    own_kafka.freeze()
    with pytest.raises(KafkaTimeoutError):
        KafkaAdminClient(**client)
    own_kafka.thaw()
    make_topic("words", bootstrap_servers=own_kafka.address)


def test_one_that_cannot_start_shows_its_log() -> None:
    broker = new_broker()
    (broker.folder / "data").mkdir()
    with pytest.raises(RuntimeError, match="ended by itself") as failed, broker:
        pass
    assert "No readable meta.properties files found" in "".join(failed.value.__notes__)
    assert not broker.folder.exists()


def test_the_secured_listener_lets_in_only_who_knows_the_password(secured_kafka: Broker) -> None:
    secured = secured_kafka.secured
    assert secured
    client = {
        "bootstrap_servers": secured.address,
        "security_protocol": "SASL_SSL",
        "ssl_cafile": str(secured.ca_file),
        "sasl_mechanism": secured.mechanism,
        "sasl_plain_username": secured.user,
        "sasl_plain_password": secured.password,
    }
    make_topic("secrets", **client)
    write("secrets", b"hush", **client)
    assert read("secrets", 1, **client) == [b"hush"]
    for wrong in [{"sasl_plain_password": "guessed"}, {"ssl_cafile": None}]:
        with pytest.raises(KafkaTimeoutError):  # kafka-python tries again and again, whatever the reason
            KafkaAdminClient(**{**client, "bootstrap_timeout_ms": 1_500, **wrong})
