"""The whole pipeline beside the naive script: a backlog of articles on one topic, until the last result is there.

Ours are the four stages as four processes that run already; the last result is a row, in SQLite for the embedded
log, in PostgreSQL for Kafka. The naive script is one process, and its last result a record. All share the machine
with broker and database.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bench.pipeline.figures import Row, Target
from bench.pipeline.news import News
from bench.pipeline.processes import Processes, side_by_side
from bench.pipeline.stages import ENCODED
from bench.pipeline.world import LOGS, DatabaseKind, LogKind, Site, World, arrivals

STAGES = ("dedup", "embed", "cluster", "sinks")

WARM = 64
"""Articles that go before, so that all processes run and have their models."""

LOOK_SECONDS = 0.1

DATABASE_OF: dict[LogKind, DatabaseKind] = {"sqlite": "sqlite", "kafka": "postgresql"}


@dataclass(frozen=True, slots=True)
class Passage:
    """How the articles went through."""

    per_second: float
    cpu: dict[str, float]
    """Milliseconds of processor time that each process and server used for an article."""


def whole(world: World, news: News) -> Iterator[Row]:
    """Without the encoder, and with it."""
    few = news.articles[: len(news.articles) // ENCODED]
    ours = {log: _ours(world, "plain", log, news.articles, {"model": "hashing"}) for log in LOGS}
    naive = _naive(world, "naive-plain", news.articles, "--no-encoder")
    yield _row("whole pipeline without the encoder", ours, naive, Target("times the naive script", 3))
    yield from _cpu(ours, naive)
    float32 = {log: _ours(world, "float32", log, few, {"processes": 2}) for log in LOGS}
    naive = _naive(world, "naive", few)
    yield _row(
        "whole pipeline, float32, two encoder processes", float32, naive, Target("times the naive script", 2)
    )
    embed = {"processes": 2, "precision": "bfloat16"}
    bfloat16 = {log: _ours(world, "bfloat16", log, few, embed) for log in LOGS}
    yield _row("whole pipeline, bfloat16, two encoder processes", bfloat16, naive)


def _row(what: str, ours: dict[LogKind, Passage], naive: Passage, target: Target | None = None) -> Row:
    sqlite, kafka = (ours[log].per_second for log in LOGS)
    return Row(what, target=target, sqlite=sqlite, kafka=kafka, naive=naive.per_second)


def _cpu(ours: dict[LogKind, Passage], naive: Passage) -> Iterator[Row]:
    """What the processors were busy with."""
    sqlite, kafka = (ours[log].cpu for log in LOGS)
    for name in (*STAGES, "Kafka", "PostgreSQL"):
        yield Row(f"- CPU of {name}", "ms/article", None, sqlite.get(name), kafka[name], naive.cpu.get(name))
    together = [sum(cpu.values()) for cpu in (sqlite, kafka, naive.cpu)]
    yield Row("- CPU of all", "ms/article", None, *together)


def _ours(world: World, name: str, log: LogKind, articles: Sequence[bytes], embed: dict[str, Any]) -> Passage:
    with (
        world.site(name, log, DATABASE_OF[log], embed=embed) as site,
        site.running(*STAGES) as processes,
        arrivals(site, processes) as count,
    ):
        return _passage(world, site, articles, processes, count)


def _naive(world: World, name: str, articles: Sequence[bytes], *flags: str) -> Passage:
    with world.site(name, "kafka") as site:
        source, target = site.topics.name("articles"), site.topics.name("stories")
        command = ["bench.naive", "work", world.broker, source, target, *flags]
        with side_by_side(site.file.parent, {"naive": command}) as processes:

            def count() -> int:
                return sum(site.log.end_offsets(target).values())

            return _passage(world, site, articles, processes, count)


def _passage(
    world: World, site: Site, articles: Sequence[bytes], processes: Processes, arrived: Callable[[], int]
) -> Passage:
    """From the first article that is appended, but for those that go before, to the last that has arrived."""
    site.append("articles", articles[:WARM])
    processes.until(lambda: arrived() == WARM, LOOK_SECONDS)
    start, before = time.monotonic(), {**processes.cpu(), **world.cpu()}
    site.append("articles", articles[WARM:])
    processes.until(lambda: arrived() == len(articles), LOOK_SECONDS)
    seconds, after = time.monotonic() - start, {**processes.cpu(), **world.cpu()}
    count = len(articles) - WARM
    return Passage(count / seconds, {name: (after[name] - before[name]) * 1e3 / count for name in before})
