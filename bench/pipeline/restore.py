"""How fast a stage has its state back: its changelog read alone, and read and applied as at every start."""

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import structlog

from bench.pipeline.figures import Row, Target
from bench.pipeline.news import Made, News
from bench.pipeline.world import CHUNK, LOGS, LogKind, World
from service.stages import processor
from streams.changelog import Changelog
from streams.log import Append, Log
from streams.ownership import Ownership
from streams.topics import FLOW, Topics

ARTICLES = 9_000
"""Of dedup, which writes one record for an article; cluster writes four."""


def restore(world: World, news: News) -> Iterator[Row]:
    """Of the two stages that have a state."""
    for stage, made in (("dedup", news.with_count(ARTICLES).dedup), ("cluster", news.cluster)):
        reading = Row(f"{stage}'s changelog read", "records/s")
        owning = Row(f"{stage}'s state restored", "records/s", Target("at least", 10_000))
        (reading.sqlite, owning.sqlite), (reading.kafka, owning.kafka) = (
            _restored(world, log, stage, made) for log in LOGS
        )
        yield from (reading, owning)


def _restored(world: World, log: LogKind, stage: str, made: Made) -> tuple[float, float]:
    """Records per second, read alone and restored."""
    with world.site(f"restore-{stage}", log, topics={"partitions": 1}) as site:
        changelog = site.topics.changelog(stage)
        for start in range(0, len(made.changes), CHUNK):
            site.log.append([Append(changelog, 0, *change) for change in made.changes[start : start + CHUNK]])
        [*site.log.read(changelog, 0, 0, 1)]  # connects
        began = time.perf_counter()
        records = sum(1 for _ in site.log.read(changelog, 0))
        reading = time.perf_counter() - began
        owning = _owning(site.log, site.topics, stage, processor(stage, site.settings))
        return records / reading, records / owning


def _owning(log: Log, topics: Topics, stage: str, made_by: Any) -> float:
    """Seconds from the assignment of the partition to its first record."""
    with closing(log.member(topics.name(stage), topics.name(FLOW[stage][0]), "0")) as member:
        changelog = Changelog(log, topics.changelog(stage), made_by)
        owned = Ownership(member, changelog, 1, "0", lambda: False, structlog.get_logger())
        while owned.complete:  # nothing is assigned yet
            owned.poll(1, 0.1)
        began = time.perf_counter()
        owned.begin()
        return time.perf_counter() - began
