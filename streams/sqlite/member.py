"""A member of a consumer group on the embedded log."""

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from streams.file_lock import FileLock
from streams.log import Append, CommitFailed, Fenced, LogError, Polled, Record, TopicPartition
from streams.sqlite.database import Database
from streams.sqlite.records import append, locate, prune, read

TICK = 0.05
"""Seconds between two looks at the file while waiting: 0.3 % of a core (`bench.embedded_log`)."""

PRUNE_SECONDS = 60.0
"""How often a member looks for records that retention lets go; soon again while there are more."""
PRUNE_AGAIN_SECONDS = 1.0
PRUNE_CHUNK = 1_000
"""Records deleted at a time. Others wait that long to write: 3 to 8 ms at 4 KB (`bench.embedded_log`)."""


def lock_path(folder: Path, group: str, number: int) -> Path:
    """The lock of a group's partition."""
    return folder / f"{number}@{quote(group, safe='')}"  # no quoted name has an @ of its own


def lock_paths(folder: Path, group: str) -> list[Path]:
    """All locks that the group ever had."""
    return sorted(folder.glob(f"*@{quote(group, safe='')}"))


class SqliteMember:
    """`streams.log.Member` on the embedded log. It owns its connection; one thread uses it."""

    def __init__(
        self,
        database: Database,
        group: str,
        topic: str,
        partitions: int,
        instance: str,
        clock: Callable[[], float],
    ) -> None:
        """Join: from now on a living predecessor of the same `instance` is fenced. The topic has `partitions`."""
        self._database, self._group, self._topic = database, group, topic
        self._instance, self._clock = instance, clock
        self._locks = {n: FileLock(lock_path(database.locks, group, n)) for n in range(partitions)}
        self._expected: dict[TopicPartition, int | None] = {}
        """Of each owned partition the committed offset, by our own knowledge: only we may move it."""
        self._positions: dict[TopicPartition, int] = {}
        self._turns: deque[TopicPartition] = deque()
        self._fenced = ""
        """Why this member must not go on."""
        self._next_prune = clock()
        with database.transaction() as connection:
            (self._epoch,) = connection.execute(
                """INSERT INTO members VALUES (?, ?, 1)
                   ON CONFLICT DO UPDATE SET epoch = epoch + 1 RETURNING epoch""",
                (group, instance),
            ).fetchone()

    # --- reading ---------------------------------------------------------------------------------------

    def poll(self, max_records: int, timeout: float) -> Polled:
        """As in `Member`."""
        deadline = time.monotonic() + timeout
        self._prune()
        while True:
            seen = self._database.version()
            self._check_current()
            polled = Polled(assigned=self._acquire(), records=self._fetch(max_records))
            if polled.assigned or polled.records or not self._wait(seen, deadline):
                return polled

    def _wait(self, seen: int, deadline: float) -> bool:
        """Sleep until something may have changed; False when the deadline has come first."""
        while (left := deadline - time.monotonic()) > 0:
            time.sleep(min(TICK, left))
            if self._database.version() != seen or not all(lock.held for lock in self._locks.values()):
                return True
        return False

    def _acquire(self) -> list[TopicPartition]:
        """Partitions whose lock could be had just now."""
        assigned = []
        for number, lock in self._locks.items():
            if not lock.held and self._acquired(lock):
                tp = TopicPartition(self._topic, number)
                self._expected[tp] = self._committed(tp)
                assigned.append(tp)
        return assigned

    def _acquired(self, lock: FileLock) -> bool:
        try:
            return lock.acquire()
        except OSError as error:
            reason = f"{self._who()} cannot lock its partitions: {error}"
            raise LogError(
                f"{reason}; the folder belongs to the log: leave it alone while one is in use"
            ) from error

    def _fetch(self, max_records: int) -> list[Record]:
        """Records of started partitions, which take turns in being first, so that none is starved."""
        records: list[Record] = []
        for tp in self._turns:
            found = read(self._database, tp, self._positions[tp], None, max_records - len(records))
            if found:
                self._positions[tp] = found[-1].offset + 1
                records += found
        self._turns.rotate(-1)
        return records

    def committed(self, tp: TopicPartition) -> int:
        """As in `Member`."""
        return self._committed(tp) or 0

    def _committed(self, tp: TopicPartition) -> int | None:
        row, _, _ = locate(self._database, tp)
        sql = "SELECT offset FROM offsets WHERE consumer_group = ? AND partition = ?"
        return next((int(offset) for (offset,) in self._database.rows(sql, (self._group, row))), None)

    def start(self, tp: TopicPartition, offset: int) -> None:
        """As in `Member`."""
        if tp not in self._positions:
            self._turns.append(tp)
        self._positions[tp] = offset

    # --- writing ---------------------------------------------------------------------------------------

    def commit(self, appends: Sequence[Append], offsets: Mapping[TopicPartition, int]) -> None:
        """As in `Member`."""
        try:
            with self._database.transaction():
                self._check_current()
                append(self._database, appends, self._clock())
                for tp, offset in offsets.items():
                    self._move(tp, offset)
        except Fenced as fenced:
            self._give_up(str(fenced))
            raise
        self._expected.update(offsets)

    def _move(self, tp: TopicPartition, offset: int) -> None:
        """Move a committed offset, if it still stands where we left it."""
        if tp not in self._expected:
            raise Fenced(f"{self._who()} does not own partition {tp.partition} of topic {tp.topic!r}")
        row, _, _ = locate(self._database, tp)
        expected = self._expected[tp]
        if expected is None:
            sql = "INSERT INTO offsets (offset, consumer_group, partition) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
            moved = self._database.connection.execute(sql, (offset, self._group, row)).rowcount
        else:
            sql = "UPDATE offsets SET offset = ? WHERE consumer_group = ? AND partition = ? AND offset = ?"
            moved = self._database.connection.execute(sql, (offset, self._group, row, expected)).rowcount
        if not moved:
            where = f"of partition {tp.partition} of topic {tp.topic!r}"
            raise Fenced(f"{self._who()}: the committed offset {where} was moved from {expected} by someone else")

    def _check_current(self) -> None:
        """Raise Fenced when a successor of the same name has joined, or when this member was fenced before."""
        sql = "SELECT epoch FROM members WHERE consumer_group = ? AND instance = ?"
        if not self._fenced and self._database.rows(sql, (self._group, self._instance)) != [(self._epoch,)]:
            self._give_up(f"{self._who()} was replaced by a newer member of the same name")
        if self._fenced:
            raise Fenced(self._fenced)

    def _give_up(self, why: str) -> None:
        """Be fenced for good, and let others have the partitions."""
        self._fenced = why
        for lock in self._locks.values():
            lock.release()

    def _who(self) -> str:
        return f"member {self._instance!r} of group {self._group!r} on the log {self._database.url}"

    # --- duties ----------------------------------------------------------------------------------------

    def _prune(self) -> None:
        now = self._clock()
        if now >= self._next_prune:
            deleted = 0
            with suppress(CommitFailed):  # another process is writing for long: next time
                deleted = prune(self._database, now, PRUNE_CHUNK)
            self._next_prune = now + (PRUNE_AGAIN_SECONDS if deleted else PRUNE_SECONDS)

    def close(self) -> None:
        """As in `Member`."""
        for lock in self._locks.values():
            lock.release()
        self._database.close()
