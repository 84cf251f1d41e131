"""One partition's files of the JSONL sink: how they are named, written, taken up after a death.

    stories-p002-000000000000-000000004711.jsonl              a finished segment: offsets 0 to 4711 of partition 2
    stories-p002-000000004712-000000005012.1048576.part       one being written: its first 1,048,576 bytes are good
    stories-p002.tmp                                          one whose first flush has not happened yet

A flush appends lines, brings them to the disk, and *then renames the file*: the new last offset and the new length
come into force together, in the one step that a file system does atomically. After a death the length in the name
says where the good bytes end, and the offset where to go on. Neither a file per flush nor a second file beside the
lines is needed, and a reader who follows an open segment knows how much of it counts.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sinks.base import SinkError

_NAME = re.compile(
    r"stories-p(?P<partition>\d{3,})-(?P<first>\d{12,})-(?P<last>\d{12,})(?:\.jsonl|\.(?P<bytes>\d+)\.part)"
)


@dataclass(frozen=True, slots=True)
class SegmentName:
    """What the name of a segment says."""

    partition: int
    first: int
    last: int
    """The last offset that the segment passed; lines exist for those that held a story update."""
    bytes: int | None = None
    """Length of the good part while it is being written; None when it is finished."""

    @classmethod
    def parse(cls, name: str) -> "SegmentName | None":
        """The parts of a file name; None for any other file."""
        match = _NAME.fullmatch(name)
        if match is None:
            return None
        parts = {key: int(value) for key, value in match.groupdict().items() if value is not None}
        return cls(**parts)

    def __str__(self) -> str:
        ending = "jsonl" if self.bytes is None else f"{self.bytes}.part"
        return f"stories-p{self.partition:03}-{self.first:012}-{self.last:012}.{ending}"

    @property
    def finished(self) -> "SegmentName":
        """Its name when it is complete."""
        return SegmentName(self.partition, self.first, self.last)


def recover(folder: Path, partition: int) -> int:
    """Bring a partition's files into order after a death, and return the offset to go on with.

    What was cut off in the middle goes, what was flushed is kept in a finished segment. Raises OSError, and
    SinkError for a segment that has lost bytes.
    """
    _fresh(folder, partition).unlink(missing_ok=True)
    names = sorted(
        (
            name
            for path in folder.iterdir()
            if (name := SegmentName.parse(path.name)) and name.partition == partition
        ),
        key=lambda name: name.last,
    )
    for name in names:
        if name.bytes is not None:
            _finish(folder, name, name.bytes)
    return names[-1].last + 1 if names else 0


def _finish(folder: Path, name: SegmentName, good: int) -> None:
    path = folder / str(name)
    if path.stat().st_size < good:
        raise SinkError(
            f"jsonl:{folder}: {path.name} is shorter than its name says, the disk has lost what was written; "
            f"delete it, and its offsets are read from the log again"
        )
    with path.open("r+b") as file:
        file.truncate(good)
        os.fsync(file.fileno())
    path.rename(folder / str(name.finished))
    sync_folder(folder)


class Segment:
    """A segment that is being written."""

    def __init__(self, folder: Path, partition: int, first: int, opened: float) -> None:
        """Start one whose first offset is `first`; `opened`: the time by the sink's clock. Raises OSError."""
        self.opened = opened
        self.size = 0
        self._folder = folder
        self._name = SegmentName(partition, first, first - 1, 0)
        self._path = _fresh(folder, partition)
        self._file: BinaryIO = self._path.open("wb", buffering=0)

    def append(self, lines: Sequence[bytes], next_offset: int) -> None:
        """Write lines, and that all offsets before `next_offset` are done, in one atomic step. Raises OSError."""
        data = memoryview(b"".join(lines))
        while data:  # a raw write may take less than it was given
            data = data[self._file.write(data) :]
        os.fsync(self._file.fileno())
        self.size = self._file.tell()
        self._rename(SegmentName(self._name.partition, self._name.first, next_offset - 1, self.size))

    def finish(self) -> None:
        """Give it its final name. Raises OSError."""
        self._rename(self._name.finished)
        self.close()
        sync_folder(self._folder)

    def close(self) -> None:
        """Let go of the file as it is."""
        self._file.close()

    def _rename(self, name: SegmentName) -> None:
        self._path = self._path.rename(self._folder / str(name))
        self._name = name


def _fresh(folder: Path, partition: int) -> Path:
    return folder / f"stories-p{partition:03}.tmp"


def sync_folder(folder: Path) -> None:
    """Bring the folder's names to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
