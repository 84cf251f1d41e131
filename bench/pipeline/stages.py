"""Each stage alone, its input ready on the log: articles per second between its first outputs and its last."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

from bench.pipeline.figures import Row, Target
from bench.pipeline.news import News
from bench.pipeline.world import LOGS, DatabaseKind, LogKind, World, arrivals
from streams.topics import FLOW

LIVE = 2_000
"""Articles that cluster holds before it is measured."""

ENCODED = 5
"""With the encoder one in so many articles is enough."""

LOOK_SECONDS = 0.05
"""Between two looks at a sink's database, which does not tell when a row was written."""


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
    source, target = FLOW[stage]
    with world.site(stage, log, **settings) as site:
        site.append(source, values)
        with site.running(stage) as processes:
            processes.until(lambda: site.finished(stage, source))
        return rate(site.times(target), skip)


def rate(times: Sequence[float], skip: int = 0) -> float:
    """Records per second from the commit that brought the first, or the one after `skip` others, to the last."""
    later = [time for time in times[skip:] if time > times[skip]]
    if not later:
        raise SystemExit("all came with one commit: measure more articles (-n)")
    return len(later) / (later[-1] - times[skip])


def _sink(world: World, log: LogKind, database: DatabaseKind, values: Sequence[bytes]) -> float:
    with world.site("sink", log, database) as site:
        site.append("stories", values)
        seen: list[tuple[float, int]] = []
        with site.running("sinks") as processes, arrivals(site, processes) as count:

            def done() -> bool:
                if rows := count():
                    seen.append((time.monotonic(), rows))
                return rows == len(values)

            processes.until(done, LOOK_SECONDS)
        (start, first), (end, last) = seen[0], seen[-1]
        return (last - first) / (end - start)
