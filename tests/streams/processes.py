"""Real processes for tests: forked, so that starting one takes milliseconds and many can be killed."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.context import ForkProcess

from tests.waiting import wait_for


@contextmanager
def forked(target: Callable[..., object], *args: object) -> Iterator[ForkProcess]:
    """A process that runs `target`; killed at the end if it still lives. It must open its own log."""
    process = get_context("fork").Process(target=target, args=args)
    process.start()
    try:
        yield process
    finally:
        if process.is_alive():
            process.kill()
        process.join()


def kill(process: ForkProcess) -> None:
    """SIGKILL, and wait for the end."""
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert process.exitcode == -signal.SIGKILL


def ended(process: ForkProcess, seconds: float = 20.0) -> int:
    """The exit code of a process that ends by itself."""
    wait_for(lambda: not process.is_alive(), seconds, "the process to end")
    process.join()
    assert process.exitcode is not None
    return process.exitcode
