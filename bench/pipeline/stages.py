"""Each stage alone, its input ready on the log: articles per second between its first commit and its last."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from bench.pipeline.figures import Row, Target
from bench.pipeline.news import News
from bench.pipeline.processes import Processes
from bench.pipeline.world import LOGS, DatabaseKind, LogKind, World, arrivals
from streams.topics import FLOW

LIVE = 2_000
"""Articles that cluster holds before it is measured."""

ENCODED = 5
"""With the encoder one in so many articles is enough."""

LOOK_SECONDS = 0.1
"""Between two looks at what is committed: they cost a few percent of a core, and a measurement takes seconds."""


def dedup(world: World, news: News) -> Iterator[Row]:
    """Near-duplicates."""
    row = Row("dedup", target=Target("at least", 1_000))
    row.sqlite, row.kafka = (_stage(world, log, "dedup", news.articles) for log in LOGS)
    yield row


def embed(world: World, news: News) -> Iterator[Row]:
    """Vectors: what the stage does around the encoder, and with it."""
    few = news.dedup.outputs[: len(news.dedup.outputs) // ENCODED]
    for what, values, section in (
        ("embed without the encoder (`embed.model: hashing`)", news.dedup.outputs, {"model": "hashing"}),
        ("embed, float32", few, {}),
        ("embed, float32, two processes", few, {"processes": 2}),
        ("embed, bfloat16, two processes", few, {"processes": 2, "precision": "bfloat16"}),
    ):
        row = Row(what)
        row.sqlite, row.kafka = (_stage(world, log, "embed", values, embed=section) for log in LOGS)
        yield row


def cluster(world: World, news: News) -> Iterator[Row]:
    """Stories."""
    row = Row(f"cluster, {LIVE:,} articles live", target=Target("at least", 300))
    row.sqlite, row.kafka = (_stage(world, log, "cluster", news.embed.outputs, skip=LIVE) for log in LOGS)
    yield row


def sink(world: World, news: News) -> Iterator[Row]:
    """Rows."""
    databases: dict[str, DatabaseKind] = {"SQLite": "sqlite", "PostgreSQL": "postgresql"}
    for name, database in databases.items():
        row = Row(f"SQL sink into {name}", target=Target("at least", 1_000))
        row.sqlite, row.kafka = (_sink(world, log, database, news.cluster.outputs) for log in LOGS)
        yield row


def _stage(
    world: World, log: LogKind, stage: str, values: Sequence[bytes], skip: int = 0, **settings: Any
) -> float:
    source, _ = FLOW[stage]
    with world.site(stage, log, **settings) as site:
        site.append(source, values)
        with site.running(stage) as processes:
            return _rate(processes, lambda: site.passed(stage, source), len(values), skip)


def _sink(world: World, log: LogKind, database: DatabaseKind, values: Sequence[bytes]) -> float:
    with world.site("sink", log, database) as site:
        site.append("stories", values)
        with site.running("sinks") as processes, arrivals(site, processes) as count:
            return _rate(processes, count, len(values))


def _rate(processes: Processes, count: Callable[[], int], total: int, skip: int = 0) -> float:
    """Articles per second from the first commit that is seen, or the first with more than `skip`, to the last."""
    seen: list[tuple[float, int]] = []

    def done() -> bool:
        passed = count()
        if passed > (seen[-1][1] if seen else skip):
            seen.append((time.monotonic(), passed))
        return passed >= total

    processes.until(done, LOOK_SECONDS)
    (start, first), (end, last) = seen[0], seen[-1]
    if first == last:
        raise SystemExit("all came with one commit: measure more articles (-n)")
    return (last - first) / (end - start)
