"""Writes the status line, in a thread of its own: a log that is down must not keep the supervisor from work."""

import threading
import time
from collections.abc import Callable, Sequence

import structlog

from config.settings import Settings
from service.stages import opened_log, patiently, topics_of
from service.status import Status
from streams.log import LogDown
from streams.patience import IS_DOWN

EARLY_SECONDS = 60.0
"""For so long after the start the status line comes every few seconds: that is when somebody is watching."""
EARLY_STATUS_SECONDS = 5.0

log = structlog.get_logger("run")


class StatusLine:
    """Tells every so often what the service has done since it started."""

    def __init__(self, settings: Settings, sinks: Sequence[str], down: Callable[[], Sequence[str]]) -> None:
        """`sinks`: their names. `down`: asked for the stages that are not running."""
        self._settings, self._sinks, self._down = settings, sinks, down
        self._started = time.monotonic()
        self._end = threading.Event()
        self._thread = threading.Thread(
            target=patiently, args=(self._tell, self._end.is_set), daemon=True, name="status"
        )

    def __enter__(self) -> "StatusLine":
        self._thread.start()
        return self

    def __exit__(self, *why: object) -> None:
        self._end.set()
        self._thread.join(timeout=1.0)  # it may be waiting for a log that is down: then it ends with the process

    def _tell(self) -> None:
        with opened_log(self._settings) as opened:
            status = Status(opened, topics_of(self._settings), self._sinks)
            while not self._end.wait(self._seconds()):
                try:
                    log.info(status.line(time.time(), self._down()))
                except LogDown as error:
                    log.warning(IS_DOWN, reason=str(error))

    def _seconds(self) -> float:
        """Until the next line."""
        wanted = self._settings.supervisor.status_seconds
        early = time.monotonic() - self._started < EARLY_SECONDS
        return min(EARLY_STATUS_SECONDS, wanted) if early else wanted
