"""The log on a real Kafka broker: the contract, and what only Kafka has."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.errors import RetriableError

from config.sections import KafkaSection, TopicsSection, WorkerSection
from streams.connect import connect as open_log
from streams.lag import lag
from streams.log import Append, CommitFailed, Log, LogDown, LogError, TopicMismatch, TopicPartition, TopicSpec
from streams.topics import Topics
from streams.worker import Worker
from tests.kafka.broker import Broker
from tests.kafka.secured import Secured
from tests.processes import free_ports
from tests.streams.contract import LogContract, owned
from tests.streams.processes import forked, kill
from tests.streams.toys import Counter, feed, outputs
from tests.waiting import wait_for


class TestKafkaLog(LogContract):
    @pytest.fixture
    def connect(self, kafka: str) -> Callable[[], Log]:
        return lambda: open_log(f"kafka://{kafka}")


@pytest.fixture
def log(kafka: str) -> Iterator[Log]:
    with closing(open_log(f"kafka://{kafka}")) as log:
        yield log


@pytest.fixture
def admin(kafka: str) -> Iterator[KafkaAdminClient]:
    admin = KafkaAdminClient(bootstrap_servers=[kafka])
    yield admin
    admin.close()


def fresh_name() -> str:
    return f"kafka-{uuid4().hex[:12]}"


# --- topics --------------------------------------------------------------------------------------------


def test_topics_are_made_as_the_log_needs_them(log: Log, admin: KafkaAdminClient) -> None:
    plain, compacted = TopicSpec(fresh_name(), 3, "delete", 86_400.0), TopicSpec(fresh_name(), 1, "compact")
    log.create([plain, compacted])
    for spec, wanted in (
        (plain, {"cleanup.policy": "delete", "retention.ms": "86400000"}),
        (compacted, {"cleanup.policy": "compact", "segment.bytes": str(64 * 2**20)}),
    ):
        config = configuration(admin, spec.name)
        assert wanted.items() <= config.items()
        assert config["message.timestamp.type"] == "LogAppendTime"
        assert int(config["max.message.bytes"]) >= 16 * 2**20


def configuration(admin: KafkaAdminClient, topic: str) -> dict[str, str]:
    from kafka.admin import ConfigResource, ConfigResourceType

    found = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)], config_filter="all")
    return {name: entry["value"] for name, entry in found["topic"][topic].items()}


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({}, "message.timestamp.type = CreateTime, not LogAppendTime"),
        (
            {"message.timestamp.type": "LogAppendTime"},
            "max.message.bytes = 1048588, and records may have 16777216",
        ),
        ({"cleanup.policy": "compact,delete"}, "cleanup = compact,delete, not delete"),
    ],
)
def test_a_topic_that_others_made_otherwise_is_refused(
    log: Log, admin: KafkaAdminClient, config: dict[str, str], told: str
) -> None:
    name = fresh_name()
    admin.create_topics({name: {"num_partitions": 1, "configs": config}}, wait_for_metadata=True)
    with pytest.raises(TopicMismatch, match=f"topic '{name}' of the log kafka://.* has {told}.*kafka-configs"):
        log.create([TopicSpec(name, 1)])


def test_copies_that_the_brokers_cannot_make_are_refused(kafka: str) -> None:
    with closing(open_log(f"kafka://{kafka}", KafkaSection(replication=3))) as log:
        name = fresh_name()
        with pytest.raises(LogError, match=f"cannot create topic '{name}' .*[Rr]eplication"):
            log.create([TopicSpec(name, 1)])


# --- transactions --------------------------------------------------------------------------------------


def test_what_a_dead_process_left_in_an_open_transaction_is_never_read(log: Log, kafka: str) -> None:
    topic, group = fresh_name(), fresh_name()
    log.create([TopicSpec(topic, 1)])
    with forked(die_in_a_transaction, kafka, f"{group}/0", topic) as process:
        process.join(20)
    successor = log.member(group, topic, "0")  # takes the dead one's place, which ends its transaction
    log.append([Append(topic, 0, None, b"after")])
    assert [record.value for record in log.read(topic, 0)] == [b"after"]
    owned(successor, 1)
    tp = TopicPartition(topic, 0)
    successor.start(tp, successor.committed(tp))
    seen: list[Any] = []
    wait_for(lambda: seen.extend(successor.poll(10, 0.1).records) or seen, 20, "the record after it")
    assert [record.value for record in seen] == [b"after"]
    successor.close()


def die_in_a_transaction(kafka: str, name: str, topic: str) -> None:
    import os

    producer = KafkaProducer(bootstrap_servers=[kafka], transactional_id=name)
    producer.init_transactions()
    producer.begin_transaction()
    producer.send(topic, b"never committed", partition=0).get(10)
    os._exit(9)


def test_a_reading_that_was_given_up_leaves_no_connection_behind(log: Log) -> None:
    topic = fresh_name()
    log.create([TopicSpec(topic, 1)])
    log.append([Append(topic, 0, None, b"one"), Append(topic, 0, None, b"two")])
    next(log.read(topic, 0))
    threads = threading.active_count()  # each consumer of the client has one
    for _ in range(3):
        next(log.read(topic, 0))
    assert threading.active_count() == threads
    assert [record.value for record in log.read(topic, 0)] == [b"one", b"two"]


def test_where_only_the_mark_of_a_transaction_stands_nothing_is_waited_for(log: Log) -> None:
    topic = fresh_name()
    log.create([TopicSpec(topic, 1)])
    log.append([Append(topic, 0, None, b"one")])
    wait_for(lambda: log.end_offsets(topic)[0] == 2, what="the mark")
    assert [record.value for record in log.read(topic, 0)] == [b"one"]  # connects
    start = time.monotonic()
    assert [[*log.read(topic, 0, 1, 2)] for _ in range(5)] == [[]] * 5
    assert time.monotonic() - start < 3  # the client's own wait for records would be five times as long as one


def test_a_group_is_deleted_on_a_broker_that_has_only_just_begun(own_kafka: Broker) -> None:
    with closing(open_log(own_kafka.url)) as log:
        log.drop_groups(["never-existed"])


def test_a_group_that_has_processed_everything_has_no_lag(log: Log) -> None:
    topics = Topics(fresh_name(), TopicsSection(partitions=2))
    log.create(topics.specs())
    for start in range(0, 30, 10):
        feed(log, topics, [f"w{n}" for n in range(start, start + 10)])
    section = WorkerSection(batch=7, poll_seconds=0.1)
    group, topic = topics.name("dedup"), topics.reads("dedup")
    assert lag(log, group, topic) == {0: 30, 1: 0}
    Worker(log, Counter(), topics, section).drain()
    assert len(outputs(log, topics)) == 30
    assert lag(log, group, topic) == {0: 0, 1: 0}
    # Other tools count offsets, and the marks of transactions have some.
    assert log.end_offsets(topic)[0] - log.committed(group, topic)[0] <= 1


# --- membership ----------------------------------------------------------------------------------------


def hold(kafka: str, group: str, topic: str, instance: str) -> None:
    member = open_log(f"kafka://{kafka}").member(group, topic, instance)
    while True:
        member.poll(10, 0.2)


def test_a_member_that_was_killed_has_its_partitions_back_at_once_and_another_after_a_session(
    log: Log, kafka: str, admin: KafkaAdminClient
) -> None:
    topic, group = fresh_name(), fresh_name()
    log.create([TopicSpec(topic, 2)])
    for name, session in (("same", 4.0), ("other", 25.0)):
        with forked(hold, kafka, group, topic, "same") as process:
            wait_for(lambda: assigned(admin, group) == 2, 30, "the member to own its partitions")
            kill(process)
        member = log.member(group, topic, name)
        mine: list[TopicPartition] = []
        wait_for(lambda m=member, mine=mine: mine.extend(m.poll(10, 0.1).assigned) or len(mine) == 2, session)
        member.close()


def assigned(admin: KafkaAdminClient, group: str) -> int:
    """How many partitions the members of a group own."""
    try:
        members = admin.describe_groups([group])[group]["members"]
    except RetriableError:  # the broker has only just begun, and no group has a coordinator yet
        return 0
    given = [member["member_assignment"] for member in members if member["member_assignment"]]
    return sum(len(part["partitions"]) for assignment in given for part in assignment["assigned_partitions"])


def test_partitions_are_shared_and_only_those_that_move_are_taken_away(
    log: Log, kafka: str, admin: KafkaAdminClient
) -> None:
    topic, group = fresh_name(), fresh_name()
    log.create([TopicSpec(topic, 4)])
    member = log.member(group, topic, "0")
    held = set(owned(member, 4))
    revoked: set[TopicPartition] = set()
    with forked(hold, kafka, group, topic, "1"):

        def settled() -> bool:
            polled = member.poll(10, 0.1)
            revoked.update(polled.revoked)
            assert not polled.assigned
            return len(revoked) == 2 and assigned(admin, group) == 4

        wait_for(settled, 30, "the second member to own its share")
        assert revoked < held
        member.commit([], dict.fromkeys(held - revoked, 0))
        with pytest.raises(CommitFailed, match="no longer owns"):
            member.commit([], dict.fromkeys(revoked, 0))
    wait_for(lambda: revoked == set(member.poll(10, 0.1).assigned), 30, "the dead member's share")
    member.close()


# --- reaching a cluster --------------------------------------------------------------------------------


def section_of(secured: Secured, folder: Path, **changes: Any) -> KafkaSection:
    password = folder / "password"
    password.write_text(f"{secured.password}\n")
    given = {
        "security": "sasl_ssl",
        "mechanism": secured.mechanism,
        "user": secured.user,
        "password_file": password,
        "ca_file": secured.ca_file,
    }
    return KafkaSection(**{**given, **changes})


def test_user_password_and_encryption_are_taken_everywhere(secured_kafka: Broker, tmp_path: Path) -> None:
    secured = secured_kafka.secured
    assert secured is not None
    topics = Topics("", TopicsSection(partitions=1))
    with closing(open_log(f"kafka://{secured.address}", section_of(secured, tmp_path))) as log:
        log.create(topics.specs())
        feed(log, topics, ["one", "two"])
        Worker(log, Counter(), topics, WorkerSection(poll_seconds=0.1)).drain()
        assert [output.text for output in outputs(log, topics)] == ["one", "two"]


def test_who_may_not_come_in_is_told_so_and_no_password_is_shown(
    secured_kafka: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.kafka.cluster.BOOTSTRAP_SECONDS", 2.0)
    secured = secured_kafka.secured
    assert secured is not None
    url = f"kafka://{secured.address}"
    wrong = tmp_path / "wrong"
    wrong.write_text("swordfish")
    for changes in ({"password_file": wrong}, {"user": "nobody"}, {"ca_file": None}):
        with pytest.raises(LogError, match=f"cannot connect to the log {url}.*kafka.user, its password") as caught:
            open_log(url, section_of(secured, tmp_path, **changes))
        assert "swordfish" not in str(caught.value)
        assert secured.password not in str(caught.value)


def test_a_password_that_cannot_be_read_is_named_with_its_file(tmp_path: Path) -> None:
    missing = KafkaSection(security="sasl_plaintext", user="u", password_file=tmp_path / "nowhere")
    with pytest.raises(LogError, match=r"kafka.password_file .*/nowhere: cannot be read \(No such file"):
        open_log("kafka://127.0.0.1:9", missing)
    with pytest.raises(LogError, match=r"kafka.security = sasl_ssl needs kafka.user and kafka.password_file"):
        open_log("kafka://127.0.0.1:9", KafkaSection(security="sasl_ssl"))


def test_a_certificate_that_is_not_there_is_named(tmp_path: Path) -> None:
    section = KafkaSection(security="ssl", ca_file=tmp_path / "nowhere.pem")
    with pytest.raises(LogError, match=r"kafka.ca_file .*/nowhere.pem: cannot be read \(No such file"):
        open_log("kafka://127.0.0.1:9", section)


def test_no_broker_is_a_log_that_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.kafka.cluster.BOOTSTRAP_SECONDS", 0.5)
    (port,) = free_ports(1)
    with pytest.raises(
        LogDown, match=f"cannot connect to the log kafka://127.0.0.1:{port}: .*is a broker running"
    ):
        open_log(f"kafka://127.0.0.1:{port}")


@pytest.mark.parametrize(
    "url", ["kafka://", "kafka://host", "kafka://a:1,", "kafka://u:p@host:1", "kafka://h:1/x"]
)
def test_a_url_that_names_no_broker_is_refused_with_the_form_that_does(url: str) -> None:
    with pytest.raises(LogError, match=r"cannot open the log kafka://.*kafka://host:port,host:port"):
        open_log(url)
