"""Waiting that ends early when the process shall end."""

import time
from collections.abc import Callable

TICK_SECONDS = 0.1
"""How often a wait looks whether the process shall end."""


DOWN_SECONDS = 1.0
"""The pause before a log that did not answer is asked again, which for itself takes a while to give up."""

IS_DOWN = "the log is down, waiting; nothing is lost"
"""What the service says of it, with the reason."""


def pause(seconds: float, stop: Callable[[], bool]) -> None:
    """Wait, but no longer than until `stop()`."""
    end = time.monotonic() + seconds
    while not stop() and (left := end - time.monotonic()) > 0:
        time.sleep(min(left, TICK_SECONDS))
