"""Story updates as files: one JSON object per line, in segments named by partition and offsets."""

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from sinks.base import Delivery, SinkDown, SinkError, Source
from sinks.segments import Segment, recover, sync_folder
from streams.file_lock import FileLock
from streams.messages import encode

SEGMENT_BYTES = 64 * 2**20
"""A segment is finished at this size: 15,000 articles of our stream corpus, and tools still open it with ease."""

SEGMENT_SECONDS = 3600.0
"""A segment is finished at this age, so that those who only take finished files are at most an hour behind."""

_SOURCE = "source.json"


class JsonlSink:
    """Writes every update exactly once; where to go on is read from the names of the segments.

    The folder belongs to one log and one process. Finished segments may be moved away, all but the newest of
    each partition: it says where to go on.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        *,
        segment_bytes: int = SEGMENT_BYTES,
        segment_seconds: float = SEGMENT_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the folder, creating it if need be. Raises SinkError."""
        self.name = name
        self._folder = folder
        self._segment_bytes, self._segment_seconds, self._clock = segment_bytes, segment_seconds, clock
        self._pending: dict[int, list[bytes]] = {}
        self._next: dict[int, int] = {}
        self._open: dict[int, Segment] = {}
        self._lock = FileLock(folder / ".lock")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            alone = self._lock.acquire()
        except OSError as error:
            reason = error.strerror or error
            remedy = "name a folder that this user may write"
            raise SinkError(f"{self}: cannot write there ({reason}); {remedy}") from error
        if not alone:
            raise SinkError(f"{self}: another process writes there; end it, or name another folder")

    def __str__(self) -> str:
        return f"jsonl:{self._folder}"

    def resume(self, source: Source, partitions: Iterable[int]) -> dict[int, int | None]:
        """Clean up what a death left, and go on after the last flush. Raises SinkDown, SinkError."""
        self._pending.clear()
        try:
            self._belong_to(source)
            for partition in self._open.keys() & set(partitions):
                self._open.pop(partition).close()
            self._next |= {partition: recover(self._folder, partition) for partition in partitions}
        except OSError as error:
            raise self._down(error) from error
        return {partition: self._next[partition] for partition in partitions}

    def _belong_to(self, source: Source) -> None:
        path = self._folder / _SOURCE
        if not path.exists():
            fresh = path.with_suffix(".tmp")
            fresh.write_bytes(msgspec.json.encode(source))
            fresh.rename(path)
            sync_folder(self._folder)
            return
        try:
            known = msgspec.json.decode(path.read_bytes(), type=Source)
        except msgspec.DecodeError as error:
            raise SinkError(f"{self}: {path} is damaged ({error}); move the folder away") from error
        if known != source:
            raise SinkError(
                f"{self}: its files come from topic {known.topic} of log {known.log}, not from {source.topic} of "
                f"{source.log}, and offsets of the one mean nothing in the other; name another folder, or move "
                f"this one away and it is written anew"
            )

    def add(self, deliveries: Sequence[Delivery]) -> None:
        """Take updates."""
        for delivery in deliveries:
            self._pending.setdefault(delivery.partition, []).append(encode(delivery.update) + b"\n")

    def flush(self, offsets: Mapping[int, int]) -> None:
        """Append the lines of each partition together with its offset; finish segments that are large or old.

        Offsets that brought no line wait for the next one that does: they would only be passed again.
        """
        pending, self._pending = self._pending, {}
        try:
            for partition in sorted(pending):
                self._append(partition, pending[partition], offsets[partition])
            for partition in sorted(self._open):
                self._rotate(partition)
        except OSError as error:
            raise self._down(error) from error

    def _append(self, partition: int, lines: Sequence[bytes], next_offset: int) -> None:
        if partition not in self._open:
            self._open[partition] = Segment(self._folder, partition, self._next[partition], self._clock())
        self._open[partition].append(lines, next_offset)
        self._next[partition] = next_offset

    def _rotate(self, partition: int) -> None:
        segment = self._open[partition]
        if segment.size >= self._segment_bytes or self._clock() - segment.opened >= self._segment_seconds:
            segment.finish()
            del self._open[partition]

    def _down(self, error: OSError) -> SinkDown:
        self._drop()
        return SinkDown(f"{self}: {error.strerror or os.strerror(error.errno or 0)}")

    def _drop(self) -> None:
        """Forget what was not flushed; `recover` finishes the segments."""
        self._pending.clear()
        for segment in self._open.values():
            segment.close()
        self._open.clear()

    def close(self) -> None:
        """Finish the open segments and give the folder back."""
        with suppress(OSError):  # they are flushed: the next start finishes what we cannot
            for segment in self._open.values():
                segment.finish()
        self._drop()
        self._lock.release()
