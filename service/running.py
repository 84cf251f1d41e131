"""`storywire run`: one stage in this process, or all of them supervised."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import structlog

from config.feeds import DEFAULT_FEEDS, load_feeds
from config.settings import Effective, Settings
from service.exits import Exit, UserError
from service.lifeline import stop_event
from service.stages import open_log, run_poller, run_sink, run_stage, topics_of
from service.status import Status
from service.supervise import Child, Supervisor
from sinks.open import open_sink, sink_name
from streams.file_lock import FileLock
from streams.topics import STAGES

log = structlog.get_logger("run")

EARLY_SECONDS = 60.0
"""For so long after the start the status line comes every few seconds: that is when somebody is watching."""
EARLY_STATUS_SECONDS = 5.0


def run_service(effective: Effective, config: Path | None, stage: str | None, sink: str | None) -> None:
    """Run until SIGTERM or Ctrl-C. `config`: what --config named. Raises what `exit_code` knows."""
    settings = effective.settings
    if stage is None or (stage == "sinks" and sink is None):
        _supervise(effective, config, STAGES if stage is None else ("sinks",))
        return
    structlog.contextvars.bind_contextvars(stage=stage if sink is None else f"sink-{sink_name(sink)}")
    stop = stop_event()
    if stage == "poller":
        run_poller(settings, stop.is_set)
    elif sink is not None:
        run_sink(sink, settings, stop.is_set)
    else:
        run_stage(stage, settings, stop.is_set)


def _supervise(effective: Effective, config: Path | None, stages: Sequence[str]) -> None:
    settings = effective.settings
    stop = stop_event(hard=False)
    alone = _alone(settings)
    _check(settings)
    reading = open_log(settings)
    status = Status(reading, topics_of(settings), [sink_name(url) for url in settings.sinks])
    started = shown = time.monotonic()

    def tick(children: Sequence[Child]) -> None:
        nonlocal shown
        now = time.monotonic()
        early = now - started < EARLY_SECONDS
        if now - shown >= (
            min(EARLY_STATUS_SECONDS, settings.supervisor.status_seconds)
            if early
            else settings.supervisor.status_seconds
        ):
            shown = now
            log.info(status.line(time.time(), [child.name for child in children if not child.running]))

    log.info("starting", log=settings.log, stages=", ".join(stages), sinks=", ".join(settings.sinks))
    try:
        Supervisor(_children(effective, config, stages), settings.supervisor, tick).run(stop)
    finally:
        reading.close()
        alone.release()
    log.info("stopped")


def _alone(settings: Settings) -> FileLock:
    """The lock of the one supervisor in a data folder: two would fence one another's stages in turn."""
    lock = FileLock(settings.data_dir / f"run{'-' if settings.namespace else ''}{settings.namespace}.lock")
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        if lock.acquire():
            return lock
    except OSError as error:
        raise UserError(
            f"data_dir {settings.data_dir}: cannot write there ({error.strerror})", Exit.STORE
        ) from None
    raise UserError(
        f"another `storywire run` is at work with data_dir {settings.data_dir}; end it, or give this one its own "
        "data_dir, log and sinks",
        Exit.STORE,
    )


def _check(settings: Settings) -> None:
    """Find what is wrong before anything starts: the feed list, and every sink."""
    load_feeds(settings.feeds or DEFAULT_FEEDS)
    for url in settings.sinks:
        open_sink(url).close()


def _children(effective: Effective, config: Path | None, stages: Sequence[str]) -> list[Child]:
    flags = [] if config is None else ["--config", str(config)]
    for name, value in effective.flags.items():
        flags += [f"--{name}", str(value)]
    command = [sys.executable, "-m", "service.cli", "run"]
    children = [Child(stage, [*command, stage, *flags]) for stage in stages if stage != "sinks"]
    if "sinks" in stages:
        children += [
            Child(f"sink-{sink_name(url)}", [*command, "sinks", "--sink", url, *flags])
            for url in effective.settings.sinks
        ]
    return children
