"""A real log with story updates on it, and real sinks that are fed from it and compared with one another."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy

from config.sections import TopicsSection, WorkerSection
from sinks.base import Delivery, Sink, Source
from sinks.database import open_database
from sinks.jsonl import JsonlSink
from sinks.loop import SinkLoop
from sinks.open import open_sink, sink_name
from sinks.sql_schema import metadata
from streams.connect import connect
from streams.log import Append, Log
from streams.messages import StoryUpdate, encode
from streams.topics import Topics

TOPICS = Topics("", TopicsSection(partitions=2))
LANGS = ("en", "de")  # of different partitions, which a test asserts
WORKER = WorkerSection(batch=20, poll_seconds=0.05)
SOURCE = Source("log-1", "stories")

Dump = dict[str, Any]


def at(offset: int, update: StoryUpdate, partition: int = 0) -> Delivery:
    """An update and where it stood."""
    return Delivery(partition, offset, update)


def deliver(sink: Sink, *updates: StoryUpdate, batch: int | None = None) -> None:
    """Give a sink updates from offset 0 of partition 0 on, in one flush or in flushes of `batch`."""
    sink.resume(SOURCE, [0])
    size = batch or max(1, len(updates))
    for start in range(0, len(updates), size):
        part = updates[start : start + size]
        sink.add([at(start + n, update) for n, update in enumerate(part)])
        sink.flush({0: start + len(part)})


def new_log(folder: Path) -> Log:
    """The log of a test, with its topics."""
    log = connect(f"sqlite:///{folder}/log.db")
    log.create(TOPICS.specs())
    return log


def put(log: Log, updates: Iterable[StoryUpdate | bytes]) -> None:
    """Append updates to the topic `stories`; bytes are appended as they are, to the first language."""
    appends = [
        Append(TOPICS.name("stories"), TOPICS.partition(LANGS[0]), LANGS[0], update)
        if isinstance(update, bytes)
        else Append(
            TOPICS.name("stories"), TOPICS.partition(update.article.lang), update.article.lang, encode(update)
        )
        for update in updates
    ]
    log.append(appends)


def letters(log: Log) -> list[tuple[str, str]]:
    """The dead letters: where each stood, and why."""
    topic = TOPICS.name("dead-letters")
    return [
        (f"{record.headers['partition']}/{record.headers['offset']}", record.headers["error"])
        for partition in log.end_offsets(topic)
        for record in log.read(topic, partition)
    ]


@dataclass(frozen=True)
class Kind:
    """A storing sink under test."""

    scheme: str
    url: str
    """With `{}` for the folder of the test."""
    open: Callable[[Path], Sink]
    """Open it in a folder of the test."""
    dump: Callable[[Path], Dump]
    """All that it has stored, comparable between two of them."""

    def group(self, folder: Path) -> str:
        """Its consumer group."""
        return f"sink-{sink_name(self.url.format(folder))}"

    def feed(self, log: Log, folder: Path) -> None:
        """Deliver all that is on the log."""
        SinkLoop(log, self.open(folder), TOPICS, WORKER).drain()


def _open_sql(folder: Path) -> Sink:
    return open_sink(SQL.url.format(folder))


def _open_jsonl(folder: Path) -> Sink:
    # Small segments, so that every test sees many of them.
    return JsonlSink(sink_name(JSONL.url.format(folder)), folder / "stories", segment_bytes=20_000)


def tables(folder: Path) -> Dump:
    """All rows of all tables but the offsets."""
    engine = open_database(f"sqlite:///{folder}/stories.db", create=False)
    with engine.begin() as connection:
        rows = {
            table.name: sorted(map(str, connection.execute(sqlalchemy.select(table)).mappings()))
            for table in metadata.sorted_tables
            if table.name != "sink_offsets"
        }
    engine.dispose()
    return rows


def segments(folder: Path) -> list[Path]:
    """The finished segments, in order."""
    return sorted((folder / "stories").glob("*.jsonl"))


def _lines(folder: Path) -> Dump:
    """The updates of each partition, in order."""
    found: dict[str, list[Any]] = {}
    for path in segments(folder):
        found.setdefault(path.name.split("-")[1], []).extend(map(json.loads, path.read_text().splitlines()))
    return found


SQL = Kind("sqlite", "sqlite:///{}/stories.db", _open_sql, tables)
JSONL = Kind("jsonl", "jsonl:{}/stories", _open_jsonl, _lines)
STORING: Sequence[Kind] = (SQL, JSONL)
