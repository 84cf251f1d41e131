"""Vectors kept between evaluations, outside the tree, by encoding and text.

Only a cache: it can be deleted at any time, several evaluations can use it at once, and a vector that is damaged,
or a file that is, is made again.
"""

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from processors.embed import Encoder

Vector = NDArray[np.float32]
T = TypeVar("T")

STEP = 500
"""Texts looked up, encoded and kept at a time: fewer than SQLite takes parameters, and a kill loses little."""

ROUNDING = 0.01
"""How far a vector's squared length may be from 1: in bfloat16, components are exact to two or three digits."""

_TABLE = """
CREATE TABLE IF NOT EXISTS vectors (
    encoding TEXT NOT NULL, text BLOB NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (encoding, text)
) WITHOUT ROWID
"""


def default_path() -> Path:
    """In the user's cache folder (XDG_CACHE_HOME)."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "storywire" / "vectors.db"


class CachedEncoder:
    """An encoder that looks before it encodes."""

    together = STEP

    def __init__(self, encoder: Encoder, path: Path) -> None:
        self.encoding = encoder.encoding
        self._encoder = encoder
        self._path = path
        self._name = msgspec.json.encode(encoder.encoding).decode()

    def encode(self, texts: Sequence[str]) -> list[Vector]:
        """One unit vector per text."""
        return [
            vector for start in range(0, len(texts), STEP) for vector in self._some(texts[start : start + STEP])
        ]

    def close(self) -> None:
        """Release what the encoder holds."""
        self._encoder.close()

    def _some(self, texts: Sequence[str]) -> Iterator[Vector]:
        keys = [hashlib.sha256(text.encode("utf-8", "replace")).digest() for text in texts]
        known = self._known(keys)
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if new:
            made = dict(zip(new, self._encoder.encode(list(new.values())), strict=True))
            self._keep(made)
            known |= made
        return map(known.__getitem__, keys)

    def _known(self, keys: Sequence[bytes]) -> dict[bytes, Vector]:
        marks = ",".join("?" * len(keys))
        query = f"SELECT text, vector FROM vectors WHERE encoding = ? AND text IN ({marks})"
        found = self._try(lambda db: db.execute(query, (self._name, *keys)).fetchall())
        vectors = ((key, _vector(data)) for key, data in found or ())
        return {key: vector for key, vector in vectors if vector is not None}

    def _keep(self, vectors: Mapping[bytes, Vector]) -> None:
        rows = [(self._name, key, vector.astype("<f4").tobytes()) for key, vector in vectors.items()]
        self._try(lambda db: db.executemany("REPLACE INTO vectors VALUES (?, ?, ?)", rows))

    def _try(self, action: Callable[[sqlite3.Connection], T]) -> T | None:
        """What an action on the database returns; None where it cannot be used. A damaged file is thrown away."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=30)) as db, db:
                db.execute(_TABLE)
                return action(db)
        except (sqlite3.OperationalError, OSError):  # locked for too long, no space, no permission
            return None
        except sqlite3.DatabaseError:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
                self._path.with_name(f"{self._path.name}-journal").unlink(missing_ok=True)
            return None


def _vector(data: bytes) -> Vector | None:
    """The unit vector with these components; None where they are damaged."""
    if len(data) % 4:
        return None
    vector = np.frombuffer(data, "<f4").astype(np.float32)
    length = float(np.square(vector.astype(np.float64)).sum())
    return vector if abs(length - 1) < ROUNDING else None
