"""Opening the database of the SQL sink: its URL, its connections, its schema version, its errors in words."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Any

import msgspec
import sqlalchemy
from sqlalchemy import URL, Connection, Engine, create_engine, event, insert, inspect, select
from sqlalchemy.exc import ArgumentError, DatabaseError, InterfaceError, OperationalError

from sinks.base import SinkDown, SinkError
from sinks.sql_schema import VERSION, meta, metadata

BUSY_SECONDS = 30
"""How long a transaction waits for another process's. Ours take milliseconds; a person's may take longer."""

_FORMS = "use sqlite:///relative/path or sqlite:////absolute/path"
_DAMAGED = "move it away, and it is filled again from the log, or restore it from a backup"


def open_database(url: str, *, create: bool) -> Engine:
    """The engine of a database with our schema in our version, laid out first where `create` says so.

    Raises SinkError: an impossible URL, a missing file (without `create`), a folder that cannot be written,
    another program's file, a newer schema. Raises SinkDown when the database does not answer now.
    """
    engine = _sqlite(url, create=create)
    try:
        with problems(url), engine.begin() as connection:
            _check_schema(connection, url, create=create)
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def problems(url: str) -> Iterator[None]:
    """Turns the database's errors into SinkDown where waiting may help, into SinkError where only a person can.

    Errors that concern what was written (a constraint, a value) are passed on.
    """
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise SinkDown(f"{url}: {error.orig}") from error
    except DatabaseError as error:
        if type(error) is DatabaseError:  # neither data nor programming: the file itself
            raise SinkError(f"{url}: {error.orig}; if it is not another program's, {_DAMAGED}") from error
        raise


def database_path(url: str) -> Path:
    """The file that a `sqlite:///` URL names, as an absolute path. Raises SinkError."""
    return _path(_parse(url), url).absolute()


def _parse(url: str) -> URL:
    try:
        return sqlalchemy.make_url(url)
    except ArgumentError as error:
        raise SinkError(f"{url}: is no database URL; {_FORMS}") from error


def _path(parsed: URL, url: str) -> Path:
    if parsed.host or not parsed.database or parsed.database == ":memory:":
        raise SinkError(f"{url}: names no file; {_FORMS}")
    return Path(parsed.database)


def _sqlite(url: str, *, create: bool) -> Engine:
    parsed = _parse(url)
    path = _path(parsed, url)
    if path.is_dir():
        raise SinkError(f"{url}: is a folder; name a file")
    if create:
        _prove_writable(path, url)
    elif not path.exists():
        raise SinkError(f"{url}: there is no such database; it comes into being when the sink first runs")
    engine = create_engine(
        parsed,
        json_serializer=lambda value: msgspec.json.encode(value).decode(),
        json_deserializer=msgspec.json.decode,
        connect_args={"timeout": BUSY_SECONDS},
    )
    event.listen(engine, "connect", _set_up_writing if create else _set_up_reading)
    event.listen(engine, "begin", _begin_writing if create else _begin_reading)
    return engine


def _prove_writable(path: Path, url: str) -> None:
    """SQLite calls every such failure `unable to open database file`; the system says which it is."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab"):
            pass
    except OSError as error:
        reason = error.strerror or error
        raise SinkError(f"{url}: cannot write there ({reason}); name a file that this user may write") from error


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


def _check_schema(connection: Connection, url: str, *, create: bool) -> None:
    tables = inspect(connection).get_table_names()
    if not tables and create:
        metadata.create_all(connection)
        connection.execute(insert(meta).values(key="schema", value=str(VERSION)))
        return
    found = None
    if "meta" in tables and "sink_offsets" in tables:
        found = connection.scalar(select(meta.c.value).where(meta.c.key == "schema"))
    if found is None:
        raise SinkError(f"{url}: is no database of Storywire's; name another file")
    if found != str(VERSION):
        raise SinkError(
            f"{url}: was written by another version of Storywire (schema {found}, this one reads {VERSION}); "
            f"use that version, or name another file and it is filled from the log"
        )
