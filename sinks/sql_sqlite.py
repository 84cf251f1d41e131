"""A SQLite file as the database of the SQL sink: its URL, its connections, its errors in words."""

from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, InterfaceError, OperationalError

from sinks.base import SinkDown, SinkError
from sinks.sql_schema import JSON_CODEC

BUSY_SECONDS = 30
"""How long a transaction waits for another process's. Ours take milliseconds; a person's may take longer."""

_FORMS = "use sqlite:///relative/path or sqlite:////absolute/path"
_DAMAGED = "move it away, and it is filled again from the log, or restore it from a backup"


class SqlitePlace:
    """The file that a `sqlite:///` URL names."""

    what = "file"

    def __init__(self, url: str) -> None:
        """Raises SinkError for a URL that names no file."""
        try:
            self._parsed = sqlalchemy.make_url(url)
        except ArgumentError as error:
            raise SinkError(f"{url}: is no database URL; {_FORMS}") from error
        if self._parsed.host or not self._parsed.database or self._parsed.database == ":memory:":
            raise SinkError(f"{url}: names no file; {_FORMS}")
        self._url = url
        self._path = Path(self._parsed.database)

    def __str__(self) -> str:
        return self._url

    @property
    def identity(self) -> str:
        """The file's absolute path."""
        return str(self._path.absolute())

    def engine(self, *, create: bool) -> Engine:
        """Raises SinkError: a missing file (without `create`), a folder that cannot be written."""
        if self._path.is_dir():
            raise SinkError(f"{self}: is a folder; name a file")
        if create:
            self._prove_writable()
        elif not self._path.exists():
            raise SinkError(f"{self}: there is no such database; it comes into being when the sink first runs")
        engine = sqlalchemy.create_engine(self._parsed, connect_args={"timeout": BUSY_SECONDS}, **JSON_CODEC)
        event.listen(engine, "connect", _set_up_writing if create else _set_up_reading)
        event.listen(engine, "begin", _begin_writing if create else _begin_reading)
        return engine

    def explain(self, error: DBAPIError) -> Exception | None:
        """SinkDown where waiting may help, SinkError where only a person can, None for what was written."""
        if isinstance(error, OperationalError | InterfaceError):
            return SinkDown(f"{self}: {error.orig}")
        if type(error) is DatabaseError:  # neither data nor programming: the file itself
            return SinkError(f"{self}: {error.orig}; if it is not another program's, {_DAMAGED}")
        return None

    def _prove_writable(self) -> None:
        """SQLite calls every such failure `unable to open database file`; the system says which it is."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab"):
                pass
        except OSError as error:
            reason = error.strerror or error
            remedy = "name a file that this user may write"
            raise SinkError(f"{self}: cannot write there ({reason}); {remedy}") from error


def _set_up_writing(connection: SqliteConnection, record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: the driver's own begins come too late
    if not connection.execute("PRAGMA page_count").fetchone()[0]:
        # Readers do not wait for the sink. It stays so for good; a file that is not ours is left as it is.
        connection.execute("PRAGMA journal_mode = WAL")
    # A power cut may take the last transactions, rows and offsets alike: they are then read from the log again.
    connection.execute("PRAGMA synchronous = NORMAL")


def _set_up_reading(connection: SqliteConnection, record: Any) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA query_only = ON")


def _begin_writing(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_reading(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
