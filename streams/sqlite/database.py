"""The file behind the embedded log: opening it, its schema, its transactions, its errors in words."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from streams.file_lock import FileLock
from streams.log import CommitFailed, LogError

APPLICATION_ID = 0x53544F57
"""`STOW`: marks the file as a Storywire log."""
VERSION = 1
"""Version of the schema below."""

BUSY_SECONDS = 30.0
"""How long to wait for another process's transaction. The longest of ours is a batch of 200 messages, which takes
milliseconds; only a stopped process holds the log for so long."""

WAL_BYTES = 64 * 2**20
"""The write-ahead file is cut back to this size after a transaction that made it larger."""

SHRINK_PAGES = 1_000
"""Pages given back to the file system at a time: 4 MB."""

SCHEMA = """
CREATE TABLE log (
    identity TEXT NOT NULL               -- those who keep offsets elsewhere know by it whose offsets they are
);
INSERT INTO log VALUES (lower(hex(randomblob(16))));
CREATE TABLE topics (
    id                INTEGER PRIMARY KEY,
    name              TEXT NOT NULL UNIQUE,
    partitions        INTEGER NOT NULL,
    cleanup           TEXT NOT NULL,
    retention_seconds REAL
);
CREATE TABLE partitions (
    id     INTEGER PRIMARY KEY,
    topic  INTEGER,                      -- NULL: the topic was dropped, and its records go in bounded steps
    number INTEGER NOT NULL,
    end    INTEGER NOT NULL DEFAULT 0,   -- offset of the next record; never goes back, whatever is deleted
    UNIQUE (topic, number)
);
CREATE TABLE records (
    partition INTEGER NOT NULL,
    offset    INTEGER NOT NULL,
    appended  REAL NOT NULL,
    compacted INTEGER NOT NULL,          -- 1 on topics that keep only the newest record of each key
    key       TEXT,
    headers   TEXT,                      -- a JSON object; NULL when empty
    value     BLOB                       -- NULL: a tombstone
);
CREATE UNIQUE INDEX records_in_order ON records (partition, offset);
CREATE UNIQUE INDEX newest_of_key ON records (partition, key) WHERE compacted;
CREATE INDEX tombstones ON records (appended) WHERE compacted AND value IS NULL;
CREATE TABLE offsets (
    consumer_group TEXT NOT NULL,
    partition      INTEGER NOT NULL,
    offset         INTEGER NOT NULL,     -- of the next record to process
    PRIMARY KEY (consumer_group, partition)
) WITHOUT ROWID;
CREATE TABLE members (
    consumer_group TEXT NOT NULL,
    instance       TEXT NOT NULL,
    epoch          INTEGER NOT NULL,     -- grows with every join; only the newest member of a name is current
    PRIMARY KEY (consumer_group, instance)
) WITHOUT ROWID;
"""

REMEDIES = {
    "SQLITE_BUSY": f"another process has held it for {BUSY_SECONDS:.0f} s: find one that is stopped, and end it",
    "SQLITE_FULL": "free some disk space",
    "SQLITE_READONLY": "make the file and its folder writable for this user",
    "SQLITE_CANTOPEN": "name a file in a folder where this user may create files",
    "SQLITE_PERM": "make the file and its folder writable for this user",
    "SQLITE_NOTADB": "name a new file, or the log's own",
    "SQLITE_CORRUPT": "the file is damaged: restore it from a backup, or start a new log",
    "SQLITE_IOERR": "look at the disk and at the kernel's messages",
}


class Database:
    """One connection to the file. It belongs to the thread that opened it."""

    def __init__(self, path: Path, url: str) -> None:
        """Open the log at `path`, creating it if need be. Raises LogError naming `url`, the reason, the remedy."""
        self.path, self.url = path, url
        self.locks = path.with_name(path.name + ".locks")
        try:
            if path.is_dir():
                raise self._unopenable("it is a folder", "name a file")
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = f"its folder cannot be created ({error.strerror})"
            raise self._unopenable(reason, "name a file in a folder where this user may create files") from error
        try:
            self.connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_SECONDS)
            try:
                self._prepare()
            except BaseException:
                self.connection.close()
                raise
        except sqlite3.Error as error:
            raise self._unopenable(str(error), _remedy(error)) from error
        except OSError as error:
            raise self._unopenable(str(error), REMEDIES["SQLITE_PERM"]) from error

    def _unopenable(self, reason: str, remedy: str) -> LogError:
        return LogError(f"cannot open the log {self.url}: {reason}; {remedy}")

    def _prepare(self) -> None:
        if self._is_blank():
            self.locks.mkdir(exist_ok=True)
            creating = FileLock(self.locks / "creating")
            creating.acquire(wait=True)  # not every step of it waits for another process's locks by itself
            try:
                if self._is_blank():
                    self._create()
            finally:
                creating.release()
        application, version = self._pragma("application_id"), self._pragma("user_version")
        if application != APPLICATION_ID:
            raise self._unopenable("the file is another program's database", "name a new file, or the log's own")
        if version != VERSION:
            reason = f"it was written by another version of Storywire (schema {version}, this one reads {VERSION})"
            raise self._unopenable(reason, "start that version, or name a new file")
        self.locks.mkdir(exist_ok=True)
        # The SQL sink is another file. After a power cut its offsets must not be ahead of this log, so every
        # commit is on the disk before anything is done about it. With that a transaction of one record takes
        # 0.4 ms, of 200 records 4 ms (`bench.embedded_log`).
        self.connection.execute("PRAGMA synchronous = FULL")
        self.connection.execute(f"PRAGMA journal_size_limit = {WAL_BYTES}")
        self.connection.execute("PRAGMA secure_delete = OFF")  # Debian's SQLite overwrites deleted rows by default
        self.connection.execute("BEGIN IMMEDIATE")
        self.connection.execute(f"PRAGMA user_version = {VERSION}")  # a file that may not be written fails now,
        self.connection.execute("ROLLBACK")  # and not at the first message

    def _is_blank(self) -> bool:
        known = self._pragma("application_id") or self._pragma("user_version")
        return not known and not self.rows("SELECT 1 FROM sqlite_master LIMIT 1")

    def _create(self) -> None:
        self.connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # only possible before the first table
        mode = self.connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        if mode != "wal":
            raise self._unopenable(
                "its file system has no shared memory for SQLite", "name a file on a local disk"
            )
        marks = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION};"
        self.connection.executescript(f"BEGIN; {SCHEMA} {marks} COMMIT;")

    def _pragma(self, name: str) -> int:
        return int(self.connection.execute(f"PRAGMA {name}").fetchone()[0])

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """All rows of a query. Raises LogError."""
        try:
            return self.connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise LogError(f"cannot read the log {self.url}: {error}; {_remedy(error)}") from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """`BEGIN IMMEDIATE` … `COMMIT`: all or nothing. Raises CommitFailed when it was nothing."""
        with self._writing():
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            finally:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise CommitFailed(f"cannot write to the log {self.url}: {error}; {_remedy(error)}") from error

    def version(self) -> int:
        """A number that changes when another connection has committed something."""
        return int(self.rows("PRAGMA data_version")[0][0])

    def shrink(self) -> None:
        """Give the pages that are free now back to the file system, a few at a time, so that others can write."""
        with self._writing():
            for _ in range(0, self._pragma("freelist_count"), SHRINK_PAGES):
                # As a script, because `execute` ends after one page.
                self.connection.executescript(f"PRAGMA incremental_vacuum({SHRINK_PAGES})")
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


def _remedy(error: sqlite3.Error) -> str:
    name = getattr(error, "sqlite_errorname", None) or ""
    for known, remedy in REMEDIES.items():
        if name.startswith(known):  # extended names such as SQLITE_IOERR_WRITE begin with the plain one
            return remedy
    return "this is unexpected: please report it"
