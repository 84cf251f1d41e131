"""The log that people watch: stories growing, one line per change."""

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Literal, TextIO

import msgspec
from rich.console import Console
from rich.text import Text

from sinks.base import Delivery, SinkDown, SinkError, Source
from sinks.lines import Headlines, Line, lines, short

_STYLES = {
    "new": "bold green",
    "grows": "cyan",
    "copy": "yellow",
    "revised": "blue",
    "merge": "magenta",
    "alarm": "bold red",
}
_EVENT_WIDTH = max(map(len, _STYLES))
_STORY_WIDTH = 13  # of an id that was shortened


def _local_time() -> datetime:
    return datetime.now().astimezone()


class ConsoleSink:
    """Writes lines to a stream: coloured and cut to the width on a terminal, plain and whole in a pipe, or JSON.

    It stores nothing, so its position is the consumer group's: after a death it may tell a batch again.
    """

    name = "console"

    def __init__(
        self,
        stream: TextIO | None = None,
        log_format: Literal["text", "json"] = "text",
        now: Callable[[], datetime] = _local_time,
    ) -> None:
        self._stream = sys.stdout if stream is None else stream
        self._json = log_format == "json"
        self._now = now
        self._console = Console(file=self._stream, highlight=False, markup=False, emoji=False)
        self._headlines = Headlines()
        self._pending: list[Line] = []

    def __str__(self) -> str:
        return "console:"

    def resume(self, source: Source, partitions: Iterable[int]) -> dict[int, int | None]:
        """Nothing is stored here: go on where the group stands."""
        self._pending.clear()
        return dict.fromkeys(partitions)

    def add(self, deliveries: Sequence[Delivery]) -> None:
        """Turn updates into lines."""
        for delivery in deliveries:
            self._pending += lines(delivery.update, self._headlines)

    def flush(self, offsets: Mapping[int, int]) -> None:
        """Write the lines. Raises SinkDown when the stream takes nothing now, SinkError when nobody reads it."""
        told, self._pending = self._pending, []
        if not told:
            return
        text = self._as_json(told) if self._json else self._as_text(told)
        encoding = self._stream.encoding or "utf-8"
        try:
            self._stream.write(text.encode(encoding, "replace").decode(encoding))
            self._stream.flush()
        except BrokenPipeError:
            _silence(self._stream)
            raise SinkError("console: nobody reads the output any more; start again, or drop this sink") from None
        except OSError as error:
            raise SinkDown(f"console: {error.strerror or error}") from error

    def close(self) -> None:
        """Nothing is held."""

    def _as_text(self, told: Sequence[Line]) -> str:
        time = self._now().strftime("%H:%M:%S")
        text = Text("\n").join(_styled(line, time) for line in told)
        with self._console.capture() as capture:
            if self._console.is_terminal:
                self._console.print(text, no_wrap=True, overflow="ellipsis")
            else:
                self._console.print(text, soft_wrap=True)
        return capture.get()

    def _as_json(self, told: Sequence[Line]) -> str:
        time = self._now().isoformat(timespec="seconds")
        objects = ({"time": time, "event": line.event, "story": line.story, **line.fields} for line in told)
        return "".join(msgspec.json.encode(each).decode() + "\n" for each in objects)


def _styled(line: Line, time: str) -> Text:
    return Text.assemble(
        (time, "dim"),
        "  ",
        (line.event.ljust(_EVENT_WIDTH), _STYLES[line.event]),
        "  ",
        (short(line.story).ljust(_STORY_WIDTH), "dim"),
        "  ",
        line.text,
    )


def _silence(stream: TextIO) -> None:
    """Send what is left in the stream's buffer nowhere: Python would complain about it once more at exit."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
