"""`storywire run`: every stage a process of its own, started again when it dies, gone when we are."""

import os
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from config.sections import SupervisorSection
from service.exits import Exit
from service.lifeline import GRACE_SECONDS, VARIABLE

log = structlog.get_logger("supervisor")

TICK_SECONDS = 0.1
"""How often children are looked at; a death is noticed within this."""


def restart_delay(deaths: int, section: SupervisorSection) -> float:
    """Seconds to wait before a start after `deaths` deaths in a row (the first start: 0)."""
    if deaths == 0:
        return 0.0
    # The exponent is bounded so that a stage that has died for months cannot overflow the power.
    return min(section.restart_seconds * 2.0 ** min(deaths - 1, 30), section.max_restart_seconds)


@dataclass
class Child:
    """A supervised process."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    """In a row; forgiven when it has lived longer than the longest wait."""
    due: float = 0.0
    stopped: bool = False
    """Ended with Exit.STOPPED: starting it again would only fail more messages."""

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self.process is not None


@dataclass
class Supervisor:
    """Runs children until told to stop. Times are of `time.monotonic`."""

    children: list[Child]
    section: SupervisorSection

    def down(self) -> list[str]:
        """The names of those that are not running. Other threads may ask."""
        return [child.name for child in self.children if not child.running]

    def run(self, stop: threading.Event) -> None:
        """Start everything, keep it running, and end it all when `stop` is set."""
        read_end, write_end = os.pipe()
        try:
            while not stop.is_set():
                for child in self.children:
                    self._tend(child, read_end)
                stop.wait(TICK_SECONDS)
        finally:
            self._end_all()
            os.close(read_end)
            os.close(write_end)

    def _tend(self, child: Child, lifeline: int) -> None:
        now = time.monotonic()
        if child.process is not None:
            code = child.process.poll()
            if code is not None:
                self._buried(child, code, now)
        elif not child.stopped and now >= child.due:
            child.started = now
            child.process = subprocess.Popen(
                child.command,
                env={**os.environ, VARIABLE: str(lifeline)},
                pass_fds=(lifeline,),
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C reaches the supervisor alone, which ends the stages in order
            )
            log.debug("started", stage=child.name, pid=child.process.pid)

    def _buried(self, child: Child, code: int, now: float) -> None:
        child.process = None
        if code == Exit.STOPPED:
            child.stopped = True
            log.error("stage stopped itself and stays stopped; its last line says why", stage=child.name)
            return
        lived = now - child.started
        child.deaths = 1 if lived > self.section.max_restart_seconds else child.deaths + 1
        wait = restart_delay(child.deaths, self.section)
        child.due = now + wait
        how = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
        log.warning("stage died", stage=child.name, how=how, after_s=round(lived, 1), restart_in_s=wait)

    def _end_all(self) -> None:
        alive = [child.process for child in self.children if child.process is not None]
        for process in alive:
            process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for process in alive:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
