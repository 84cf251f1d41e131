"""The broker of the tests does what tests of faults rely on."""

from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import KafkaTimeoutError, SaslAuthenticationFailedError

from tests.kafka.broker import Broker


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


def test_a_record_outlives_the_kill_of_its_broker(own_kafka: Broker) -> None:
    client = {"bootstrap_servers": own_kafka.address}
    make_topic("words", **client)
    write("words", b"before", **client)
    killed = own_kafka.pid
    own_kafka.kill()
    own_kafka.start()
    assert own_kafka.pid != killed
    write("words", b"after", **client)
    assert read("words", 2, **client) == [b"before", b"after"]


def test_a_stopped_broker_starts_again(own_kafka: Broker) -> None:
    client = {"bootstrap_servers": own_kafka.address}
    make_topic("words", **client)
    write("words", b"before", **client)
    own_kafka.stop()
    own_kafka.start()
    assert read("words", 1, **client) == [b"before"]


def test_the_secured_listener_takes_only_the_right_password(secured_kafka: Broker) -> None:
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
    with pytest.raises(SaslAuthenticationFailedError):
        KafkaAdminClient(**{**client, "sasl_plain_password": "guessed"})
    with pytest.raises(
        KafkaTimeoutError
    ):  # a stranger's certificate looks to the client like a broker that is down
        KafkaAdminClient(**{**client, "ssl_cafile": None, "bootstrap_timeout_ms": 1_000})
