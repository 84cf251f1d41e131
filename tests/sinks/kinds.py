"""The storing sinks under test, each real, and each with one store in a folder of the test."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy

from sinks.base import Sink
from sinks.database import open_database
from sinks.jsonl import JsonlSink
from sinks.loop import SinkLoop
from sinks.open import open_sink, sink_name
from sinks.sql_schema import metadata
from streams.log import Log
from tests.postgres.databases import Databases
from tests.sinks.world import TOPICS, WORKER

Dump = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """A storing sink under test."""

    url: Callable[[Path], str]
    """Of its store in a folder of the test."""
    open: Callable[[Path], Sink]
    """Open it, and create what it stores in if need be."""
    dump: Callable[[Path], Dump]
    """All that it has stored, comparable between two of them."""
    remove: Callable[[Path], None]
    """Remove what it has stored."""

    def group(self, folder: Path) -> str:
        """Its consumer group."""
        return f"sink-{sink_name(self.url(folder))}"

    def feed(self, log: Log, folder: Path) -> None:
        """Deliver all that is on the log."""
        SinkLoop(log, self.open(folder), TOPICS, WORKER).drain()


@dataclass(frozen=True)
class SqlKind(Kind):
    """One that stores in tables."""

    ask: Callable[[Path, str], list[tuple[Any, ...]]]
    """The rows of the answer to a query, as any other program would get it; times as text, in UTC."""


def tables(url: str) -> Dump:
    """All rows of all tables but the offsets."""
    database = open_database(url, create=False)
    with database.begin() as connection:
        rows = {
            table.name: sorted(map(str, connection.execute(sqlalchemy.select(table)).mappings()))
            for table in metadata.sorted_tables
            if table.name != "sink_offsets"
        }
    database.close()
    return rows


# --- SQLite --------------------------------------------------------------------------------------------


def _ask_sqlite(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(folder / "stories.db") as connection:
        return connection.execute(query).fetchall()


def _remove_sqlite(folder: Path) -> None:
    for path in folder.glob("stories.db*"):
        path.unlink()


def _sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder}/stories.db"


SQLITE = SqlKind(
    url=_sqlite_url,
    open=lambda folder: open_sink(_sqlite_url(folder)),
    dump=lambda folder: tables(_sqlite_url(folder)),
    remove=_remove_sqlite,
    ask=_ask_sqlite,
)


# --- PostgreSQL ----------------------------------------------------------------------------------------


def postgresql(databases: Databases) -> SqlKind:
    """The sink with the databases of a test."""

    def ask(folder: Path, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(databases.url(folder)) as connection:
            return [tuple(map(_as_sqlite, row)) for row in connection.execute(query.encode())]

    return SqlKind(
        url=databases.url,
        open=lambda folder: open_sink(databases.made(folder)),
        dump=lambda folder: tables(databases.url(folder)),
        remove=databases.drop,
        ask=ask,
    )


def _as_sqlite(value: Any) -> Any:
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}" if isinstance(value, datetime) else value


# --- JSONL ---------------------------------------------------------------------------------------------


def segments(folder: Path) -> Sequence[Path]:
    """The finished segments, in order."""
    return sorted((folder / "stories").glob("*.jsonl"))


def _lines(folder: Path) -> Dump:
    """The updates of each partition, in order."""
    found: dict[str, list[Any]] = {}
    for path in segments(folder):
        found.setdefault(path.name.split("-")[1], []).extend(map(json.loads, path.read_text().splitlines()))
    return found


def _jsonl_url(folder: Path) -> str:
    return f"jsonl:{folder}/stories"


JSONL = Kind(
    url=_jsonl_url,
    # Small segments, so that every test sees many of them.
    open=lambda folder: JsonlSink(sink_name(_jsonl_url(folder)), folder / "stories", segment_bytes=20_000),
    dump=_lines,
    remove=lambda folder: shutil.rmtree(folder / "stories"),
)
