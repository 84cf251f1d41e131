"""A PostgreSQL database as that of the SQL sink: its connections and its errors in words."""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

import psycopg
import sqlalchemy
from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, Ping
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from sinks.base import SinkDown, SinkError
from sinks.postgresql_url import parse
from sinks.sql_schema import JSON_CODEC

DEFAULTS: Mapping[str, str] = {
    "application_name": "storywire",
    "client_encoding": "utf8",
    "connect_timeout": "10",
    # A server that is gone without a word is noticed within a minute, not after the two hours of the system.
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
"""What libpq is told unless the URL says otherwise."""

LOCK_SECONDS = 30
"""How long a transaction waits for another process's. Ours take milliseconds; a person's may take longer."""

IDLE_SECONDS = 10
"""The server ends a transaction that waits so long for its process. One that was stopped, or cut off, would hold
up the one that took over from it; between two statements of ours lie milliseconds."""

_BEST_COMPRESSION = """\
SELECT set_config(name, 'lz4', false) FROM pg_settings
WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)"""
"""For the texts, where the server was built with it (from version 14 on). Against PostgreSQL's own it took a third
off the server's work for an article: 96 instead of 150 µs."""

_ONE_WRITER = int.from_bytes(b"storywir")
"""Number of the advisory lock that a writing transaction holds; every database has its own."""

_WAITS = ("08", "25", "40", "53", "55", "57", "58")
"""Classes of errors that pass: connections, transactions (the server is a standby now; ended as idle), deadlocks,
resources, locks, operators, the system."""

_FULL = re.compile(r"too many|slots are reserved")
"""What the server says when all its connections are taken."""

_AT_ODDS = re.compile(r"SSL was required|certificate")
"""What libpq says when the server is there and lacks the encryption that the URL asks for."""

_REMEDIES = (
    ("password|authentication", "correct the user or the password (the file that ?password_file= names)"),
    ("pg_hba.conf", "let this user in there"),
    ("database .* does not exist", "create it, in the encoding UTF8, or correct the URL"),
    ("permission denied", "grant the user that right"),
)
"""What to do, by what the server says."""


class PostgresqlPlace:
    """The database that a `postgresql://` URL names."""

    what = "database"

    def __init__(self, url: str) -> None:
        """Raises SinkError for a URL that names none."""
        self._url = parse(url)

    def __str__(self) -> str:
        return self._url.shown

    @property
    def identity(self) -> str:
        """User, server and database."""
        return self._url.shown

    def engine(self, *, create: bool) -> Engine:
        """Nothing is asked of the server yet."""
        engine = sqlalchemy.create_engine(
            "postgresql+psycopg://",
            # Readers see one state of the tables, however many queries they ask.
            isolation_level="READ COMMITTED" if create else "REPEATABLE READ",
            pool_size=1,
            pool_pre_ping=True,  # a restart of the server between two transactions goes unnoticed
            use_native_hstore=False,
            **JSON_CODEC,
        )
        event.listen(engine, "do_connect", partial(self._connect, writing=create))
        if create:
            event.listen(engine, "begin", _begin_writing)
        return engine

    def explain(self, error: DBAPIError) -> Exception | None:
        """SinkDown where waiting may help, SinkError where only a person can, None for what was written."""
        state: str | None = getattr(error.orig, "sqlstate", None)
        reason = _words(error.orig)
        if state is None and isinstance(error, OperationalError | InterfaceError):
            return SinkDown(f"{self}: {reason}")  # the connection is gone
        if state is None:
            return None
        if state.startswith(_WAITS):
            return SinkDown(f"{self}: {reason}")
        if state == "42501":
            return SinkError(f"{self}: {reason}; grant the user that right, or make it the owner of the database")
        if state.startswith(("3F", "42")):
            return SinkError(f"{self}: {reason}; its tables are not as Storywire made them: name another database")
        if state.startswith("XX"):
            return SinkError(f"{self}: {reason}; restore it from a backup, or name another database")
        return None

    def _connect(
        self, dialect: Any, record: Any, positional: Any, driver: Mapping[str, Any], *, writing: bool
    ) -> psycopg.Connection[Any]:
        """A connection for SQLAlchemy, with what it tells the driver about types.

        Raises SinkDown where waiting may help, SinkError where only a person can.
        """
        connection = self._knock(driver)
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            connection.close()
            raise SinkError(f"{self}: stores text in {encoding}, which lacks letters; create one in UTF8")
        settings = {
            "DateStyle": "ISO",
            "TimeZone": "UTC",
            "lock_timeout": f"{LOCK_SECONDS}s",
            "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
            "default_transaction_read_only": "off" if writing else "on",
        }
        connection.execute("; ".join(f"SET {name} = '{value}'" for name, value in settings.items()))
        connection.execute(_BEST_COMPRESSION)
        connection.autocommit = False
        return connection

    def _knock(self, driver: Mapping[str, Any]) -> psycopg.Connection[Any]:
        """A bare connection, or what it means that we are not let in.

        libpq tells that in words only, and the server in its own language. But it can be asked whether it lets in
        anybody now, without logging in.
        """
        conninfo = make_conninfo("", **{**DEFAULTS, **self._url.parameters()})
        try:
            return psycopg.connect(conninfo, autocommit=True, **driver)
        except psycopg.Error as error:
            reason = _words(error)
        answer = PGconn.ping(conninfo.encode())
        if answer == Ping.OK:
            try:  # it may have come up between the two questions
                return psycopg.connect(conninfo, autocommit=True, **driver)
            except psycopg.Error as error:
                reason = _words(error)
        down = answer in (Ping.REJECT, Ping.NO_RESPONSE) and not _AT_ODDS.search(reason)
        if down or _FULL.search(reason):
            raise SinkDown(f"{self}: {reason}")
        remedies = (remedy for words, remedy in _REMEDIES if re.search(words, reason))
        raise SinkError(f"{self}: {reason}; {next(remedies, 'correct the URL, or what its user may do')}")


def _begin_writing(connection: Connection) -> None:
    """One writer at a time, as in SQLite: what a transaction has read is still so when it writes.

    So two processes may lay out the tables at once, and two members of a sink's group may have the same article in
    two languages.
    """
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ONE_WRITER})")


def _words(error: BaseException | None) -> str:
    """What the server or the driver says, in one line."""
    primary = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    return " ".join((primary or str(error)).split()).removeprefix("connection failed: ")
