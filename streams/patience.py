"""Waiting that ends early when the process shall end."""

import time
from collections.abc import Callable

TICK_SECONDS = 0.1
"""How often a wait looks whether the process shall end."""


def pause(seconds: float, stop: Callable[[], bool]) -> None:
    """Wait, but no longer than until `stop()`."""
    end = time.monotonic() + seconds
    while not stop() and (left := end - time.monotonic()) > 0:
        time.sleep(min(left, TICK_SECONDS))
