"""`storywire run`: one stage in this process, or all of them supervised."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import structlog

from config.feeds import DEFAULT_FEEDS, load_feeds
from config.masking import masked
from config.settings import Effective, Settings
from service.exits import Exit, UserError
from service.lifeline import stop_event
from service.stages import find_sink, open_log, run_poller, run_sink, run_stage, sinks_by_name
from service.status_line import StatusLine
from service.supervise import Child, Supervisor
from streams.file_lock import FileLock
from streams.log import LogDown
from streams.patience import IS_DOWN
from streams.topics import STAGES

log = structlog.get_logger("run")


def run_service(effective: Effective, config: Path | None, stage: str | None, sink: str | None) -> None:
    """Run until SIGTERM or Ctrl-C. `config`: what --config named; `sink`: a sink's name or URL.

    Raises what `exit_code` knows.
    """
    settings = effective.settings
    if stage is None or (stage == "sinks" and sink is None):
        _supervise(effective, config, STAGES if stage is None else ("sinks",))
        return
    name, url = (None, None) if sink is None else find_sink(settings, sink)
    structlog.contextvars.bind_contextvars(stage=stage if name is None else f"sink-{name}")
    stop = stop_event()
    if stage == "poller":
        run_poller(settings, stop.is_set)
    elif url is not None:
        run_sink(url, settings, stop.is_set)
    else:
        run_stage(stage, settings, stop.is_set)


def _supervise(effective: Effective, config: Path | None, stages: Sequence[str]) -> None:
    settings = effective.settings
    stop = stop_event(hard=False)
    alone = _alone(settings)
    sinks = sinks_by_name(settings)
    log.info(
        "starting",
        log=masked(settings.log),
        stages=", ".join(stages),
        sinks=", ".join(map(masked, settings.sinks)),
    )
    _check(settings)
    supervisor = Supervisor(_children(effective, config, stages, sinks), settings.supervisor)
    try:
        with StatusLine(settings, list(sinks), supervisor.down):
            supervisor.run(stop)
    finally:
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
    """Find what is wrong before anything starts: the feed list, the sinks, the log. What is down is waited for."""
    from sinks.open import open_sink  # here: a stage that starts again need not load SQLAlchemy, which takes 0.4 s

    load_feeds(settings.feeds or DEFAULT_FEEDS)
    for url in settings.sinks:
        open_sink(url, patient=True).close()
    try:
        open_log(settings).close()
    except LogDown as error:
        log.warning(IS_DOWN, reason=str(error))


def _children(
    effective: Effective, config: Path | None, stages: Sequence[str], sinks: Iterable[str]
) -> list[Child]:
    """`sinks`: their names. A URL may hold a password, and everybody on the machine can read a command."""
    flags = [] if config is None else ["--config", str(config)]
    for name, value in effective.flags.items():
        flags += [f"--{name}", str(value)]
    command = [sys.executable, "-m", "service.cli", "run"]
    children = [Child(stage, [*command, stage, *flags]) for stage in stages if stage != "sinks"]
    if "sinks" in stages:
        children += [Child(f"sink-{name}", [*command, "sinks", "--sink", name, *flags]) for name in sinks]
    return children
