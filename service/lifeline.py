"""How a process ends: on SIGTERM or Ctrl-C, and with the supervisor that started it.

The supervisor holds the write end of a pipe whose read end its children inherit. When it dies, by whatever
signal, the kernel closes the pipe and every child sees its end.
"""

import os
import signal
import threading
from types import FrameType

VARIABLE = "STORYWIRE_LIFELINE"
"""Environment variable that tells a child the file descriptor of its lifeline."""

GRACE_SECONDS = 9.0
"""A process that has not ended this long after it was told to is ended hard; SIGTERM promises 10 s."""


def stop_event(*, hard: bool = True) -> threading.Event:
    """An event that is set when this process shall end.

    `hard`: the process is ended by force when it is still there after the grace. The supervisor does without:
    it has its children to end first.
    """
    stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        _end(stop, hard)

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    descriptor = os.environ.pop(VARIABLE, None)
    if descriptor is not None:
        watcher = threading.Thread(target=_watch, args=(int(descriptor), stop, hard), daemon=True, name="lifeline")
        watcher.start()
    return stop


def _end(stop: threading.Event, hard: bool) -> None:
    if not stop.is_set():
        stop.set()
        if hard:
            timer = threading.Timer(GRACE_SECONDS, os._exit, args=(1,))
            timer.daemon = True
            timer.start()


def _watch(descriptor: int, stop: threading.Event, hard: bool) -> None:
    while os.read(descriptor, 1):
        pass
    _end(stop, hard)
