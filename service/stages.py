"""Builds each stage from the settings and runs it until told to stop."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import structlog

from config.feeds import DEFAULT_FEEDS, load_feeds
from config.masking import masked
from config.settings import Settings
from service.exits import Exit, UserError
from streams.connect import connect
from streams.log import Log, LogDown
from streams.patience import DOWN_SECONDS, IS_DOWN, pause
from streams.processor import Processor
from streams.topics import Topics
from streams.worker import Worker

Stop = Callable[[], bool]

say = structlog.get_logger()


def topics_of(settings: Settings) -> Topics:
    """The topics of the settings' namespace."""
    return Topics(settings.namespace, settings.topics)


def open_log(settings: Settings) -> Log:
    """The log with all topics of the namespace. Raises LogError, LogDown."""
    log = connect(settings.log, settings.kafka)
    log.create(topics_of(settings).specs())
    return log


def processor(stage: str, settings: Settings, *, processes: int | None = None) -> Processor:  # type: ignore[type-arg]
    """The processor of a stage. Imports are local: only `embed` may load torch."""
    if stage == "dedup":
        from processors.dedup import Dedup

        return Dedup(settings.dedup)
    if stage == "embed":
        from processors.embed import Embed
        from processors.encoding.encoders import encoder

        section = settings.embed
        return Embed(section, encoder(section.model_copy(update={"processes": processes or section.processes})))
    if stage == "cluster":
        from processors.cluster import Cluster

        return Cluster(settings.cluster)
    raise ValueError(f"{stage} is no processor")


@contextmanager
def opened_log(settings: Settings) -> Iterator[Log]:
    """The log, while the context lasts. Raises as `open_log`."""
    with closing(open_log(settings)) as log:
        yield log


def patiently(work: Callable[[], None], stop: Stop) -> None:
    """Do work that begins by opening the log: once, or from its beginning again as often as the log is down."""
    done = False
    while not done and not stop():
        try:
            work()
            done = True
        except LogDown as error:
            say.warning(IS_DOWN, reason=str(error))
            pause(DOWN_SECONDS, stop)


def run_stage(stage: str, settings: Settings, stop: Stop) -> None:
    """Run dedup, embed or cluster."""
    made = processor(stage, settings)

    def work() -> None:
        with opened_log(settings) as log:
            Worker(log, made, topics_of(settings), settings.worker, settings.instance).run(stop)

    patiently(work, stop)


def run_poller(settings: Settings, stop: Stop) -> None:
    """Make the `feeds` topic mirror the feed list, then poll."""
    from ingest.feedlist import sync_feeds
    from ingest.poller import Poller

    feeds = load_feeds(settings.feeds or DEFAULT_FEEDS)

    def work() -> None:
        with opened_log(settings) as log:
            sync_feeds(log, topics_of(settings), feeds)
            Poller(log, topics_of(settings), settings.poller, settings.instance).run(stop)

    patiently(work, stop)


def sinks_by_name(settings: Settings) -> dict[str, str]:
    """The URLs of the configured sinks, by name. Raises SinkError; UserError where two are one place."""
    from sinks.open import sink_name

    found: dict[str, str] = {}
    for url in settings.sinks:
        name = sink_name(url)
        if name in found:
            raise UserError(f"sinks: {masked(found[name])} and {masked(url)} are the same place", Exit.CONFIG)
        found[name] = url
    return found


def find_sink(settings: Settings, given: str) -> tuple[str, str]:
    """Name and URL of the configured sink that is meant by either. Raises SinkError, UserError."""
    known = sinks_by_name(settings)
    for name, url in known.items():
        if given in (name, url):
            return name, url
    names = ", ".join(f"{name} ({masked(url)})" for name, url in known.items()) or "none"
    raise UserError(f"{masked(given)} is not among the configured sinks: {names}", Exit.CONFIG)


def run_sink(url: str, settings: Settings, stop: Stop) -> None:
    """Run one sink; one that does not answer yet is waited for."""
    from sinks.loop import SinkLoop
    from sinks.open import open_sink

    def work() -> None:
        sink = open_sink(url, log_format=settings.log_format, patient=True)
        with closing(sink), opened_log(settings) as log:
            SinkLoop(log, sink, topics_of(settings), settings.worker, settings.instance).run(stop)

    patiently(work, stop)
