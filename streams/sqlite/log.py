"""The embedded log: one SQLite file on one machine, for which Kafka would be too much.

A commit is one SQL transaction. A partition of a group has one owner, by a lock that the kernel releases when
the owner dies; there are no leases and no rebalancing, and a second member waits until the first one is gone.
The file belongs on a local disk: neither SQLite's shared memory nor the locks work across machines.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from streams.file_lock import FileLock
from streams.log import Append, LogError, Record, TopicMismatch, TopicPartition, TopicSpec
from streams.sqlite.database import Database
from streams.sqlite.member import SqliteMember, lock_paths
from streams.sqlite.records import append, prune, read

READ_CHUNK = 256
"""Records fetched at once by `read`: 1 MB at 4 KB a record."""

PRUNE_CHUNK = 1_000
"""Records deleted in one transaction by `drop`, as by members (`streams.sqlite.member`)."""

Clock = Callable[[], float]


class SqliteLog:
    """`streams.log.Log` in a SQLite file. One thread uses it; after a fork, the child opens its own."""

    def __init__(self, path: Path, url: str, clock: Clock = time.time) -> None:
        """Open or create the file. `clock` gives the time of appends (epoch seconds). Raises LogError."""
        self._path, self._url, self._clock = path, url, clock
        self._database = Database(path, url)

    @property
    def identity(self) -> str:
        """As in `Log`."""
        return str(self._database.rows("SELECT identity FROM log")[0][0])

    def create(self, specs: Iterable[TopicSpec]) -> None:
        """As in `Log`."""
        with self._database.transaction() as connection:
            known = self.topics()
            for spec in specs:
                if spec.name in known:
                    self._check(known[spec.name], spec)
                    sql = (
                        "UPDATE topics SET retention_seconds = ?1 WHERE name = ?2 AND retention_seconds IS NOT ?1"
                    )
                    connection.execute(sql, (spec.retention_seconds, spec.name))
                    continue
                topic = connection.execute(
                    "INSERT INTO topics (name, partitions, cleanup, retention_seconds) VALUES (?, ?, ?, ?)",
                    (spec.name, spec.partitions, spec.cleanup, spec.retention_seconds),
                ).lastrowid
                rows = [(topic, number) for number in range(spec.partitions)]
                connection.executemany("INSERT INTO partitions (topic, number) VALUES (?, ?)", rows)

    def _check(self, has: TopicSpec, wanted: TopicSpec) -> None:
        for name, old, new in (
            ("partitions", has.partitions, wanted.partitions),
            ("cleanup", has.cleanup, wanted.cleanup),
        ):
            if old != new:
                raise TopicMismatch(
                    f"topic {has.name!r} of the log {self._url} has {name} = {old}, the settings ask for {new}; "
                    f"set it back to {old}, or use another --namespace or a new log"
                )

    def topics(self) -> dict[str, TopicSpec]:
        """As in `Log`."""
        sql = "SELECT name, partitions, cleanup, retention_seconds FROM topics ORDER BY name"
        return {row[0]: TopicSpec(*row) for row in self._database.rows(sql)}

    def drop(self, names: Iterable[str]) -> None:
        """As in `Log`. They are gone at once; their records follow in bounded steps, and free their disk space."""
        doomed = [(name,) for name in names if name in self.topics()]
        if not doomed:
            return
        with self._database.transaction() as connection:
            partitions = "SELECT partitions.id FROM partitions JOIN topics ON topics.id = topic WHERE name = ?"
            connection.executemany(f"DELETE FROM offsets WHERE partition IN ({partitions})", doomed)
            connection.executemany(f"UPDATE partitions SET topic = NULL WHERE id IN ({partitions})", doomed)
            connection.executemany("DELETE FROM topics WHERE name = ?", doomed)
        while self.prune(PRUNE_CHUNK):
            pass
        self._database.shrink()

    def prune(self, limit: int) -> int:
        """Delete at most `limit` records that retention lets go; how many. Members do so by themselves."""
        return prune(self._database, self._clock(), limit)

    def drop_groups(self, groups: Iterable[str]) -> None:
        """As in `Log`. Raises LogError for a group that has a member with partitions."""
        for group in groups:
            locks = [FileLock(path) for path in lock_paths(self._database.locks, group)]
            try:
                if not all(lock.acquire() for lock in locks):
                    reason = f"group {group!r} of the log {self._url} is in use"
                    raise LogError(f"{reason}; stop the stage that is its member first")
                with self._database.transaction() as connection:
                    connection.execute("DELETE FROM offsets WHERE consumer_group = ?", (group,))
                    connection.execute("DELETE FROM members WHERE consumer_group = ?", (group,))
                for lock in locks:
                    lock.remove()
            finally:
                for lock in locks:
                    lock.release()

    def end_offsets(self, topic: str) -> dict[int, int]:
        """As in `Log`. Raises LogError for an unknown topic."""
        sql = "SELECT number, end FROM partitions JOIN topics ON topics.id = topic WHERE name = ? ORDER BY number"
        ends = dict(self._database.rows(sql, (topic,)))
        if not ends:
            raise LogError(f"the log {self._url} has no topic {topic!r}; `storywire topics create` creates it")
        return ends

    def committed(self, group: str, topic: str) -> dict[int, int]:
        """As in `Log`."""
        sql = """SELECT number, offset FROM offsets JOIN partitions ON partitions.id = partition
                 JOIN topics ON topics.id = topic WHERE consumer_group = ? AND name = ? ORDER BY number"""
        return dict(self._database.rows(sql, (group, topic)))

    def read(self, topic: str, partition: int, start: int = 0, end: int | None = None) -> Iterator[Record]:
        """As in `Log`. Raises LogError for an unknown topic or partition."""
        now = self.end_offsets(topic)
        if partition not in now:
            raise LogError(
                f"topic {topic!r} of the log {self._url} has partitions 0 to {len(now) - 1}: no {partition}"
            )
        return self._read(TopicPartition(topic, partition), start, now[partition] if end is None else end)

    def _read(self, tp: TopicPartition, start: int, end: int) -> Iterator[Record]:
        # In chunks: a query left open by a slow reader would keep the write-ahead file from being emptied.
        while records := read(self._database, tp, start, end, READ_CHUNK):
            yield from records
            start = records[-1].offset + 1

    def append(self, appends: Sequence[Append]) -> None:
        """As in `Log`. Raises CommitFailed when nothing was written, LogError for an unknown topic."""
        with self._database.transaction():
            append(self._database, appends, self._clock())

    def member(self, group: str, topic: str, instance: str) -> SqliteMember:
        """As in `Log`. Raises LogError for an unknown topic."""
        partitions = len(self.end_offsets(topic))
        return SqliteMember(Database(self._path, self._url), group, topic, partitions, instance, self._clock)

    def close(self) -> None:
        """As in `Log`. Members are closed by their owners."""
        self._database.close()
