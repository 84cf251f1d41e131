"""Builds each stage from the settings and runs it until told to stop."""

from collections.abc import Callable

from config.feeds import DEFAULT_FEEDS, load_feeds
from config.settings import Settings
from service.exits import Exit, UserError
from streams.connect import connect
from streams.log import Log
from streams.processor import Processor
from streams.topics import Topics
from streams.worker import Worker

Stop = Callable[[], bool]


def topics_of(settings: Settings) -> Topics:
    """The topics of the settings' namespace."""
    return Topics(settings.namespace, settings.topics)


def open_log(settings: Settings) -> Log:
    """The log with all topics of the namespace. Raises LogError."""
    log = connect(settings.log)
    log.create(topics_of(settings).specs())
    return log


def processor(stage: str, settings: Settings, *, processes: int | None = None) -> Processor:  # type: ignore[type-arg]
    """The processor of a stage. Imports are local: only `embed` may load torch."""
    if stage == "dedup":
        from processors.dedup import Dedup

        return Dedup(settings.dedup)
    if stage == "embed":
        from processors.embed import Embed
        from processors.encoders import encoder

        section = settings.embed
        return Embed(section, encoder(section.model_copy(update={"processes": processes or section.processes})))
    if stage == "cluster":
        from processors.cluster import Cluster

        return Cluster(settings.cluster)
    raise ValueError(f"{stage} is no processor")


def run_stage(stage: str, settings: Settings, stop: Stop) -> None:
    """Run dedup, embed or cluster."""
    log = open_log(settings)
    try:
        Worker(log, processor(stage, settings), topics_of(settings), settings.worker).run(stop)
    finally:
        log.close()


def run_poller(settings: Settings, stop: Stop) -> None:
    """Make the `feeds` topic mirror the feed list, then poll."""
    from ingest.feedlist import sync_feeds
    from ingest.poller import Poller

    log = open_log(settings)
    try:
        sync_feeds(log, topics_of(settings), load_feeds(settings.feeds or DEFAULT_FEEDS))
        Poller(log, topics_of(settings), settings.poller).run(stop)
    finally:
        log.close()


def run_sink(url: str, settings: Settings, stop: Stop) -> None:
    """Run one sink."""
    from sinks.loop import SinkLoop
    from sinks.open import open_sink

    if url not in settings.sinks:
        known = ", ".join(settings.sinks) or "none"
        raise UserError(f"{url} is not among the configured sinks ({known})", Exit.CONFIG)
    log = open_log(settings)
    try:
        SinkLoop(log, open_sink(url, log_format=settings.log_format), topics_of(settings), settings.worker).run(
            stop
        )
    finally:
        log.close()
