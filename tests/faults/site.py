"""The service as it is run, in a folder of its own: real processes on a real log, with real sinks at the end."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import psycopg

from config.settings import Settings, load
from service.exits import Exit
from service.stages import processor, sinks_by_name, topics_of
from sinks.loop import SinkLoop
from sinks.open import open_sink, sink_name
from streams.connect import connect
from streams.log import Append, Log, Record
from streams.messages import encode
from streams.topics import FLOW, Topics
from streams.worker import Worker
from tests.conftest import ROOT
from tests.faults.newsroom import Item
from tests.faults.process import Process
from tests.service.command import Storywire
from tests.sinks.kinds import SqlKind
from tests.waiting import wait_for

SETTINGS = """
feeds: feeds.yaml
log_format: json
worker: {batch: 5, poll_seconds: 0.05}
poller:
  allow_private_networks: true
  host_spacing_seconds: 0
  first_poll_days: null
  interval_minutes: 0.002
  min_interval_minutes: 0.002
embed: {model: hashing}
supervisor: {restart_seconds: 0.1, max_restart_seconds: 1}
"""
"""Small batches, so that a kill meets all stages at work."""


@dataclass
class Site:
    """A folder with settings, and what a service there writes to."""

    folder: Path
    log_url: str
    sql: SqlKind
    """The database at the end; beside it the service writes files."""
    namespace: str = ""
    feeds: Sequence[str] = ()
    session_seconds: float = 6
    """The shortest that there may be."""

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.sql.open(self.folder).close()
        named = {
            "log": self.log_url,
            "namespace": self.namespace,
            "sinks": [self.sql.url(self.folder), f"jsonl:{self.folder}/stories"],
            "kafka": {"session_seconds": self.session_seconds},
        }
        lines = [f"{name}: {json.dumps(value)}" for name, value in named.items()]
        self._config.write_text("\n".join([SETTINGS, *lines]))
        feeds = {"feeds": [{"url": url} for url in self.feeds]}
        (self.folder / "feeds.yaml").write_text(json.dumps(feeds))

    @property
    def _config(self) -> Path:
        return self.folder / "storywire.yaml"

    @cached_property
    def settings(self) -> Settings:
        return load(self._config, {}).settings

    @property
    def topics(self) -> Topics:
        return topics_of(self.settings)

    @property
    def sinks(self) -> list[str]:
        """The names of the sinks."""
        return list(sinks_by_name(self.settings))

    @property
    def database(self) -> str:
        """The name of the sink that writes to the database."""
        return sink_name(self.sql.url(self.folder))

    # --- the log and the sinks -------------------------------------------------------------------------

    @cached_property
    def log(self) -> Log:
        """A handle on the log, for looking on; `close` it."""
        return connect(self.log_url, self.settings.kafka)

    def close(self) -> None:
        if "log" in self.__dict__:
            self.log.close()

    def create_topics(self) -> Self:
        """Have the topics there before a service is."""
        self.log.create(self.topics.specs())
        return self

    def records(self, topic: str) -> list[Record]:
        """All records of a topic."""
        name = self.topics.name(topic)
        return [record for partition in self.log.end_offsets(name) for record in self.log.read(name, partition)]

    def publish(self, items: Sequence[Item]) -> None:
        """Put items on the topic `articles`, as a poller would."""
        made = [item.article() for item in items]
        topic = self.topics.name("articles")
        self.log.append([Append(topic, self.topics.partition(a.lang), a.lang, encode(a)) for a in made])

    def drain(self) -> None:
        """Run all stages and sinks, one after the other in this process, until nothing is left to do."""
        for stage in FLOW:
            Worker(self.log, processor(stage, self.settings), self.topics, self.settings.worker).drain()
        for url in self.settings.sinks:
            SinkLoop(self.log, open_sink(url), self.topics, self.settings.worker).drain()

    def arrived(self) -> int:
        """Articles in the database; none while it is down."""
        try:
            return int(self.sql.ask(self.folder, "SELECT count(*) FROM articles")[0][0])
        except (psycopg.OperationalError, sqlite3.OperationalError):
            return 0

    def lines(self) -> int:
        """Lines in the files."""
        try:
            return sum(path.read_bytes().count(b"\n") for path in self.folder.glob("stories/stories-*"))
        except FileNotFoundError:
            return 0  # the sink renamed a segment while we looked

    @staticmethod
    def awaits(condition: Callable[[], object], what: str, seconds: float = 60.0) -> None:
        """Wait for something at the site, where each look at it costs the machine more than a moment."""
        wait_for(condition, seconds, what, every=0.1)

    # --- processes -------------------------------------------------------------------------------------

    @contextmanager
    def running(
        self, *arguments: str, name: str = "service", tampering: str | None = None, **settings: str
    ) -> Iterator[Process]:
        """`storywire run …`, with these settings in its environment; `tampering`: see `tampered.py`.

        At the end it ends in order, if it has not ended before. What it said is shown with a test that fails.
        """
        command = ["service.cli"] if tampering is None else ["tests.faults.tampered", tampering]
        process = self._start([*command, "run", *arguments], name, settings)
        try:
            yield process
            assert process.has_ended or process.terminate() == Exit.OK
        except BaseException:
            print(f"--- {name} said:\n{process.output.read_text(errors='replace')}")
            raise
        finally:
            if not process.has_ended:
                process.kill()
            print(f"--- {name} ended with exit code {process.popen.returncode}; its log: {process.output}")

    def _start(self, command: Sequence[str], name: str, settings: Mapping[str, str]) -> Process:
        output = self.folder / f"{name}.log"
        variables = {f"STORYWIRE_{key.upper()}": value for key, value in settings.items()}
        environment = Storywire(self.folder).environment(PYTHONPATH=str(ROOT), **variables)
        with output.open("ab") as file:
            popen = subprocess.Popen(
                [sys.executable, "-m", *command], cwd=self.folder, env=environment, stdout=file, stderr=file
            )
        return Process(name, popen, output)


MakeSite = Callable[..., Site]
"""What the fixtures give: it takes the fields of a Site that are a test's own."""
