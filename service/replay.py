"""`storywire replay`: files through topics of their own, the same stages, to the stories found in them."""

import os
import secrets
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from config.settings import Settings
from ingest.files import FromFiles, Rejected
from service.exits import Exit, UserError
from service.inputs import articles_in
from service.reading import Reader
from service.stages import open_log, processor, topics_of
from sinks.loop import SinkLoop
from sinks.open import open_sink, sink_name
from streams.headers import TRACE
from streams.log import Append, Log
from streams.messages import encode
from streams.topics import Topics
from streams.worker import Worker

CHUNK = 500
"""Articles appended in one transaction."""

PARALLEL_FROM = 300
"""Articles from which it pays to start encoder processes, each of which loads the model first: on two cores, 177
articles took 22 s with two processes and 27 s with one, 227 took 38 s and 32 s."""


@dataclass(frozen=True)
class Replayed:
    """What a replay did."""

    namespace: str
    database: str
    """URL of the SQLite sink with its results."""
    articles: int
    undated: int
    rejected: Sequence[Rejected]
    dead_letters: int


def unique_namespace() -> str:
    """A namespace nobody uses."""
    return f"replay-{secrets.token_hex(4)}"


def replay(
    settings: Settings,
    paths: Sequence[Path],
    *,
    namespace: str,
    published: datetime | None,
    now: datetime,
    fresh: bool = False,
    progress: Callable[[str], None] = lambda line: None,
) -> Replayed:
    """Push the articles of files through the stages in a namespace of their own, and wait for the last one.

    `published` dates what is undated. `fresh` removes what an earlier replay left in the namespace.
    Raises UserError for a namespace that is production's or in use and for a file that cannot be read; LogError;
    SinkError.
    """
    if namespace == settings.namespace:
        raise UserError(
            f"namespace {namespace or '(empty)'!r} is the service's own; name another with --namespace"
        )
    settings = settings.model_copy(update={"namespace": namespace})
    found = articles_in(paths, settings, now=now, published=published)
    topics, database = topics_of(settings), settings.replay_database(namespace)
    log = open_log(settings)
    try:
        if fresh:
            remove(settings, namespace)
            log.create(topics.specs())
        elif any(sum(log.end_offsets(spec.name).values()) for spec in topics.specs()):
            raise UserError(f"namespace {namespace!r} already holds messages; --fresh removes them first")
        _push(log, topics, found)
        progress(f"{len(found.articles)} articles → {topics.name('articles')}")
        _drain_stages(log, topics, settings, len(found.articles), progress)
        _drain_sink(log, topics, settings, database)
        dead = sum(log.end_offsets(topics.name("dead-letters")).values())
        _check_ends(found, database, dead)
    finally:
        log.close()
    return Replayed(namespace, database, len(found.articles), found.undated, found.rejected, dead)


def remove(settings: Settings, namespace: str) -> None:
    """Remove a replay's topics, groups and results."""
    settings = settings.model_copy(update={"namespace": namespace})
    topics, database = topics_of(settings), settings.replay_database(namespace)
    log = open_log(settings)
    try:
        log.drop_groups([topics.name(g) for g in ("dedup", "embed", "cluster", f"sink-{sink_name(database)}")])
        log.drop(spec.name for spec in topics.specs())
    finally:
        log.close()
    for suffix in ("", "-wal", "-shm"):
        Path(database.removeprefix("sqlite:///") + suffix).unlink(missing_ok=True)


def _push(log: Log, topics: Topics, found: FromFiles) -> None:
    """Append every article, and every line that is none as a dead letter."""
    letters = [_letter(topics, rejected) for rejected in found.rejected]
    appends = [
        Append(
            topics.name("articles"),
            topics.partition(article.lang),
            article.lang,
            encode(article),
            {TRACE: uuid.uuid4().hex},
        )
        for article in found.articles
    ]
    for chunk in _chunks([*letters, *appends]):
        log.append(chunk)


def _letter(topics: Topics, rejected: Rejected) -> Append:
    headers = {"stage": "replay", "place": rejected.place, "error": "Rejected", "message": rejected.reason}
    return Append(topics.name("dead-letters"), 0, None, rejected.raw, headers | {TRACE: uuid.uuid4().hex})


def _chunks(appends: Sequence[Append]) -> Iterator[Sequence[Append]]:
    for start in range(0, len(appends), CHUNK):
        yield appends[start : start + CHUNK]


def _drain_stages(
    log: Log, topics: Topics, settings: Settings, articles: int, progress: Callable[[str], None]
) -> None:
    processes = (os.cpu_count() or 1) if articles >= PARALLEL_FROM else 1
    for stage in ("dedup", "embed", "cluster"):
        Worker(log, processor(stage, settings, processes=processes), topics, settings.worker).drain()
        progress(f"{stage} done")


def _drain_sink(log: Log, topics: Topics, settings: Settings, database: str) -> None:
    Path(database.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    SinkLoop(log, open_sink(database), topics, settings.worker).drain()


def _check_ends(found: FromFiles, database: str, dead: int) -> None:
    """Every id has a row, or there are dead letters that say why not."""
    with closing(Reader(database)) as reader:
        missing = {article.id for article in found.articles} - reader.article_ids()
    if len(missing) > dead:
        listed = ", ".join(sorted(missing)[:5])
        raise UserError(f"{len(missing)} articles never arrived ({listed} …): please report this", Exit.BUG)
