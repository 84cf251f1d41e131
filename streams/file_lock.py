"""A lock that the kernel releases when its process dies, however it dies."""

import fcntl
import os
import weakref
from pathlib import Path
from typing import BinaryIO


class FileLock:
    """An exclusive `flock` on a file of its own. It excludes other processes and other locks of this one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BinaryIO | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._file is not None

    def acquire(self, *, wait: bool = False) -> bool:
        """Take the lock, waiting for it if asked to. False when another holds it. Raises OSError."""
        while self._file is None:
            file = self.path.open("ab")
            try:
                fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.close()
                return False
            if self._is_current(file):
                self._file = file
                _locks.add(self)
            else:
                file.close()
        return True

    def _is_current(self, file: BinaryIO) -> bool:
        """Whether the path still names the file that was locked: `remove` may have come between open and lock."""
        try:
            return os.path.samestat(os.fstat(file.fileno()), self.path.stat())
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Give the lock back; nothing happens when it is not held."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def remove(self) -> None:
        """Delete the file of a held lock, and release it."""
        if not self.held:
            raise RuntimeError(f"{self.path} is not held")
        self.path.unlink(missing_ok=True)
        self.release()


_locks: "weakref.WeakSet[FileLock]" = weakref.WeakSet()


def _release_in_child() -> None:
    for lock in list(_locks):
        lock.release()


# A flock belongs to the open file, which a forked child shares: a child that outlives its killed parent would
# keep the parent's partitions locked. Closing the child's copy leaves the parent's lock as it is.
os.register_at_fork(after_in_child=_release_in_child)
