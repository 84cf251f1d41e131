"""The log on Kafka: the engine for more than one machine."""

import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from kafka import KafkaAdminClient, errors
from kafka import TopicPartition as KafkaTopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, OffsetSpec

from streams.kafka.cluster import Cluster
from streams.kafka.member import KafkaMember
from streams.kafka.producer import Transactions
from streams.kafka.records import Readers
from streams.kafka.topics import Config, check, config_of, retention_ms, spec_of
from streams.log import Append, LogError, Record, TopicPartition, TopicSpec

T = TypeVar("T")

TRY_SECONDS = 10.0
"""How long a question is asked again when the brokers say that they cannot answer it yet."""

RETRY_SECONDS = 0.1


class KafkaLog:
    """`streams.log.Log` on Kafka. One thread uses it; after a fork, the child opens its own."""

    def __init__(self, cluster: Cluster) -> None:
        """Connect. Raises LogDown when no broker answers, LogError."""
        self._cluster = cluster
        with cluster.problems("connect to"):
            self._admin = KafkaAdminClient(**cluster.options())
        self._readers = Readers(cluster)
        self._transactions: Transactions | None = None
        self._partitions: dict[str, int] = {}
        """Of the topics that were asked for. A topic's partitions never change; where one was dropped, the broker
        says so."""

    @property
    def identity(self) -> str:
        """As in `Log`."""
        return str(self._asked("connect to", self._admin.describe_cluster)["cluster_id"])

    # --- topics ----------------------------------------------------------------------------------------

    def create(self, specs: Iterable[TopicSpec]) -> None:
        """As in `Log`."""
        wanted = {spec.name: spec for spec in specs}
        known = self._described(wanted)
        missing = [spec for name, spec in wanted.items() if name not in known]
        if missing:
            self._create(missing)
            known |= self._described(spec.name for spec in missing)
        for name, (spec, config) in known.items():
            check(spec, config, wanted[name], self._cluster.url)
            if wanted[name].cleanup == "delete" and config["retention.ms"] != retention_ms(wanted[name]):
                retention = {"retention.ms": retention_ms(wanted[name])}
                resource = ConfigResource(ConfigResourceType.TOPIC, name, retention)
                self._asked("set a retention on", lambda: self._admin.alter_configs([resource], incremental=True))  # noqa: B023

    def _create(self, specs: Sequence[TopicSpec]) -> None:
        new = {
            spec.name: {
                "num_partitions": spec.partitions,
                "replication_factor": self._cluster.section.replication or -1,
                "configs": config_of(spec),
            }
            for spec in specs
        }
        answer = self._asked("create topics on", lambda: self._admin.create_topics(new, raise_errors=False))
        for topic in answer["topics"]:
            error = errors.for_code(topic["error_code"])
            if error not in (errors.NoError, errors.TopicAlreadyExistsError):  # another process was faster
                said = error(topic["error_message"])
                raise self._cluster.meaning(said, f"create topic {topic['name']!r} on")
        self._asked("create topics on", lambda: self._admin.wait_for_topics(list(new)))

    def topics(self) -> dict[str, TopicSpec]:
        """As in `Log`."""
        names = self._asked("list topics on", self._admin.list_topics)
        return {name: spec for name, (spec, _) in sorted(self._described(names).items())}

    def _described(self, names: Iterable[str]) -> dict[str, tuple[TopicSpec, Config]]:
        """Those of the topics that exist, with their configurations; Kafka's own are left out."""
        found = self._asked("look at topics on", lambda: self._admin.describe_topics(list(names)))
        partitions = {t["name"]: len(t["partitions"]) for t in found if not (t["error_code"] or t["is_internal"])}
        if not partitions:
            return {}
        resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in partitions]
        described = self._asked(
            "look at topics on", lambda: self._admin.describe_configs(resources, config_filter="all")
        )["topic"]
        configs = {name: {key: entry["value"] for key, entry in described[name].items()} for name in partitions}
        there = {name: config for name, config in configs.items() if config}  # none: deleted between the questions
        return {name: (spec_of(name, partitions[name], config), config) for name, config in there.items()}

    def drop(self, names: Iterable[str]) -> None:
        """As in `Log`."""
        doomed = [name for name in names if name in self._described([name])]
        if not doomed:
            return
        self._asked("delete topics on", lambda: self._admin.delete_topics(doomed, raise_errors=False))
        for name in doomed:
            self._partitions.pop(name, None)
        deadline = time.monotonic() + TRY_SECONDS
        while left := self._described(doomed):
            if time.monotonic() > deadline:
                raise LogError(
                    f"cannot delete {', '.join(left)} on the log {self._cluster.url}; does a broker forbid it "
                    "(delete.topic.enable)?"
                )
            time.sleep(RETRY_SECONDS)

    def drop_groups(self, groups: Iterable[str]) -> None:
        """As in `Log`. Raises LogError for a group that has members."""
        for group in groups:
            said = self._asked("delete a group on", lambda: self._deleted(group))  # noqa: B023
            if said == errors.NonEmptyGroupError.__name__:
                raise LogError(
                    f"group {group!r} of the log {self._cluster.url} is in use; stop the stage that is its member "
                    f"first (one that died is forgotten after {self._cluster.section.session_seconds:.0f} s)"
                )
            if said not in ("OK", errors.GroupIdNotFoundError.__name__):
                raise LogError(f"cannot delete group {group!r} on the log {self._cluster.url}: {said}")

    def _deleted(self, group: str) -> str:
        """What the brokers say to deleting a group. Raises what passes: a new broker knows no coordinator yet."""
        said = str(self._admin.delete_groups([group])[group])
        error = getattr(errors, said, None)
        if error is not None and error.retriable:
            raise error
        return said

    # --- records ---------------------------------------------------------------------------------------

    def end_offsets(self, topic: str) -> dict[int, int]:
        """As in `Log`: the high watermarks, which count what open transactions have written.

        Raises LogError for an unknown topic.
        """
        asked = {KafkaTopicPartition(topic, n): OffsetSpec.LATEST for n in range(self._count(topic))}
        found = self._asked(f"look at topic {topic!r} on", lambda: self._admin.list_partition_offsets(asked))
        return {tp.partition: found[tp].offset for tp in asked}

    def committed(self, group: str, topic: str) -> dict[int, int]:
        """As in `Log`."""
        groups = self._asked(f"look at group {group!r} on", lambda: self._admin.list_group_offsets({group: None}))
        found = sorted(groups.get(group, {}).items())
        return {tp.partition: at.offset for tp, at in found if tp.topic == topic and at.offset >= 0}

    def read(self, topic: str, partition: int, start: int = 0, end: int | None = None) -> Iterator[Record]:
        """As in `Log`. Raises LogError for an unknown topic or partition."""
        self._know(topic, partition)
        # The high watermark, not the last stable offset: just after a commit its marks may not be written yet.
        until = self.end_offsets(topic)[partition] if end is None else end
        return self._readers.read(TopicPartition(topic, partition), start, until)

    def append(self, appends: Sequence[Append]) -> None:
        """As in `Log`. Raises CommitFailed, and LogError for an unknown topic."""
        self._check(appends)
        if self._transactions is None:
            self._transactions = Transactions(self._cluster, f"append-{uuid.uuid4().hex}")
        self._transactions.commit(appends, {})

    def member(self, group: str, topic: str, instance: str) -> KafkaMember:
        """As in `Log`. Raises LogError for an unknown topic."""
        self._count(topic)
        return KafkaMember(self._cluster, group, topic, instance, self._check)

    def close(self) -> None:
        """As in `Log`. Members are closed by their owners."""
        if self._transactions is not None:
            self._transactions.close()
        self._readers.close()
        self._admin.close()

    # --- asking ----------------------------------------------------------------------------------------

    def _check(self, appends: Sequence[Append]) -> None:
        for topic, partition in {(append.topic, append.partition) for append in appends}:
            self._know(topic, partition)

    def _know(self, topic: str, partition: int) -> None:
        count = self._count(topic)
        if not 0 <= partition < count:
            raise LogError(
                f"topic {topic!r} of the log {self._cluster.url} has partitions 0 to {count - 1}: no {partition}"
            )

    def _count(self, topic: str) -> int:
        """How many partitions a topic has. Raises LogError for an unknown one."""
        if topic not in self._partitions:
            (found,) = self._asked("look at topics on", lambda: self._admin.describe_topics([topic]))
            if found["error_code"]:
                raise LogError(
                    f"the log {self._cluster.url} has no topic {topic!r}; `storywire topics create` creates it"
                )
            self._partitions[topic] = len(found["partitions"])
        return self._partitions[topic]

    def _asked(self, doing: str, ask: Callable[[], T]) -> T:
        """The answer of the brokers; asked again for a while when they say that they cannot answer yet."""
        deadline = time.monotonic() + TRY_SECONDS
        while True:
            try:
                return ask()
            except errors.KafkaError as error:
                again = isinstance(error, errors.BrokerResponseError) and error.retriable
                if not again or time.monotonic() > deadline:
                    raise self._cluster.meaning(error, doing) from error
            time.sleep(RETRY_SECONDS)
