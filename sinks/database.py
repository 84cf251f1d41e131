"""The database of the SQL sink, wherever it is: transactions, its schema and version, its errors in words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from sqlalchemy import Connection, Engine, insert, inspect, select
from sqlalchemy.exc import DBAPIError

from sinks.base import SinkDown, SinkError
from sinks.sql_schema import VERSION, meta, metadata
from sinks.sql_sqlite import SqlitePlace


class Place(Protocol):
    """Where a database is: how it is opened, and what its errors mean. `str()` is its URL without secrets."""

    @property
    def what(self) -> str:
        """What a person would name another one of: a file, a database."""

    @property
    def identity(self) -> str:
        """The same for the same place, however its URL is written."""

    def engine(self, *, create: bool) -> Engine:
        """To write, and to create where there is nothing yet, or else only to read. Raises SinkError."""

    def explain(self, error: DBAPIError) -> Exception | None:
        """SinkDown where waiting may help, SinkError where only a person can, None for what was written."""


def place_of(url: str) -> Place:
    """Where the database is that a URL names. Raises SinkError."""
    if url.startswith("postgresql:"):
        from sinks.sql_postgresql import PostgresqlPlace  # takes 0.2 s, which the others need not wait

        return PostgresqlPlace(url)
    return SqlitePlace(url)


class Database:
    """Our tables at a place. One thread uses it."""

    def __init__(self, url: str, *, create: bool) -> None:
        """Nothing is asked of it yet. `create`: it is to be written, and laid out where it is empty.

        Raises SinkError: an impossible URL, a missing file (without `create`), a folder that cannot be written.
        """
        self._place = place_of(url)
        self._create = create
        self._engine = self._place.engine(create=create)

    def __str__(self) -> str:
        """Its URL, without secrets."""
        return str(self._place)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction. Raises SinkDown where waiting may help, SinkError where only a person can.

        Errors that concern what was written (a constraint, a value) are passed on as the driver's own: those of
        SQLAlchemy would bring the statement and all its rows into log lines and dead letters.
        """
        try:
            with self._engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            raise self._place.explain(error) or error.orig or error from error

    def prepare(self) -> None:
        """See to it that the tables are there, and that they are ours, in our version.

        Raises SinkDown; SinkError for another program's database or another schema.
        """
        with self.begin() as connection:
            self._check_schema(connection)

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _check_schema(self, connection: Connection) -> None:
        tables = inspect(connection).get_table_names()
        if not tables and self._create:
            metadata.create_all(connection, checkfirst=False)
            connection.execute(insert(meta).values(key="schema", value=str(VERSION)))
            return
        found = None
        if "meta" in tables and "sink_offsets" in tables:
            found = connection.scalar(select(meta.c.value).where(meta.c.key == "schema"))
        if found is None:
            raise SinkError(f"{self}: is no database of Storywire's; name another {self._place.what}")
        if found != str(VERSION):
            raise SinkError(
                f"{self}: was written by another version of Storywire (schema {found}, this one reads {VERSION}); "
                f"use that version, or name another {self._place.what} and it is filled from the log"
            )


def open_database(url: str, *, create: bool, patient: bool = False) -> Database:
    """A database with our schema in our version, laid out first where `create` says so.

    Raises SinkError: an impossible URL, a missing file (without `create`), a folder that cannot be written,
    another program's database, a newer schema. Raises SinkDown when the database does not answer now, unless
    `patient`: then whoever uses it asks again (`prepare`).
    """
    database = Database(url, create=create)
    try:
        database.prepare()
    except SinkDown:
        if not patient:
            database.close()
            raise
    except BaseException:
        database.close()
        raise
    return database
