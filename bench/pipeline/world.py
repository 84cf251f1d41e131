"""Where things are measured: a Kafka broker, a PostgreSQL server, and a site of its own for each measurement."""

import itertools
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from sqlalchemy import func, select

from bench.pipeline.news import WINDOW_DAYS
from bench.pipeline.processes import Processes, cpu_of, side_by_side
from config.settings import Settings, load
from service.stages import open_log, sinks_by_name, topics_of
from sinks.base import SinkError
from sinks.database import Database, open_database
from sinks.sql_schema import articles
from streams.headers import TRACE
from streams.log import Append, Log
from streams.topics import Topics
from tests.kafka.broker import Broker
from tests.postgres.databases import Databases
from tests.postgres.server import Server

LogKind = Literal["sqlite", "kafka"]
DatabaseKind = Literal["sqlite", "postgresql"]
LOGS: tuple[LogKind, ...] = ("sqlite", "kafka")

LANG = "en"
"""Of all articles: they take one partition, in one order, as the news of one language does."""

CHUNK = 500
"""Records appended in one transaction."""


@dataclass(frozen=True, slots=True)
class Site:
    """A namespace on a log, a database and a settings file that belong to one measurement alone."""

    file: Path
    settings: Settings
    log: Log

    @property
    def topics(self) -> Topics:
        """Of the namespace."""
        return topics_of(self.settings)

    @property
    def partition(self) -> int:
        """Where all articles are."""
        return self.topics.partition(LANG)

    def append(self, topic: str, values: Sequence[bytes]) -> None:
        """Put messages on a topic of the namespace."""
        name = self.topics.name(topic)
        for start in range(0, len(values), CHUNK):
            chunk = values[start : start + CHUNK]
            self.log.append([Append(name, self.partition, LANG, v, {TRACE: uuid.uuid4().hex}) for v in chunk])

    def times(self, topic: str) -> list[float]:
        """When the records of a topic were appended, in order, by the log's own clock."""
        name = self.topics.name(topic)
        return sorted(r.timestamp for p in self.log.end_offsets(name) for r in self.log.read(name, p))

    def passed(self, group: str, topic: str) -> int:
        """How many articles a group has processed; on Kafka the marks of transactions count, one in CHUNK."""
        return self.log.committed(self.topics.name(group), self.topics.name(topic)).get(self.partition, 0)

    @contextmanager
    def running(self, *stages: str) -> Iterator[Processes]:
        """Run stages as `storywire run STAGE` does, each in a process; `sinks` is the site's database."""
        (sink,) = sinks_by_name(self.settings)
        more = {"sinks": ["--sink", sink]}
        flags = ["--config", str(self.file)]
        commands = {stage: ["service.cli", "run", stage, *more.get(stage, []), *flags] for stage in stages}
        with side_by_side(self.file.parent, commands) as processes:
            yield processes


class World:
    """Makes sites."""

    def __init__(self, folder: Path, broker: Broker, server: Server) -> None:
        """Both servers run."""
        self._folder, self._broker, self._server = folder, broker, server
        self._databases = Databases(server.url)
        self._numbers = itertools.count(1)

    @property
    def broker(self) -> str:
        """The address of the broker."""
        return self._broker.address

    def cpu(self) -> dict[str, float]:
        """The processor time that the servers have used so far, in seconds."""
        return {"Kafka": cpu_of(self._broker.pid), "PostgreSQL": cpu_of(self._server.pid)}

    @contextmanager
    def site(self, name: str, log: LogKind, database: DatabaseKind = "sqlite", **settings: Any) -> Iterator[Site]:
        """A site, while the context lasts. `settings`: what is different from the defaults there."""
        namespace = f"{name}-{next(self._numbers)}"
        folder = self._folder / namespace
        folder.mkdir()
        values = {
            "log": self._broker.url if log == "kafka" else f"sqlite:///{folder}/log.db",
            "namespace": namespace,
            "data_dir": str(folder),
            "sinks": [self._databases.made(folder) if database == "postgresql" else f"sqlite:///{folder}/rows.db"],
            "dedup": {"window_days": WINDOW_DAYS},
            "cluster": {"window_days": WINDOW_DAYS},
        }
        file = folder / "storywire.yaml"
        file.write_text(yaml.safe_dump(values | settings), encoding="utf-8")
        loaded = load(file, {}).settings
        with closing(open_log(loaded)) as opened:
            yield Site(file, loaded, opened)


@contextmanager
def arrivals(site: Site, processes: Processes) -> Iterator[Callable[[], int]]:
    """Counts the articles in a site's database, which its sink lays out first."""
    (url,) = site.settings.sinks
    with ExitStack() as stack:
        opened: list[Database] = []

        def laid_out() -> bool:
            with suppress(SinkError):
                opened.append(stack.enter_context(closing(open_database(url, create=False))))
            return bool(opened)

        def count() -> int:
            with opened[0].begin() as connection:
                return int(connection.scalar(select(func.count()).select_from(articles)) or 0)

        processes.until(laid_out)
        yield count
