"""Vectors kept between evaluations, outside the tree, by encoding and text.

Only a cache: it can be deleted at any time, several evaluations can use it at once, and a vector that is damaged,
or a file that is, is made again.
"""

import hashlib
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from processors.embed import Encoder

Vector = NDArray[np.float32]

STEP = 500
"""Texts looked up, encoded and kept at a time: fewer than SQLite takes parameters, and a kill loses little."""

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
        with suppress(sqlite3.Error, OSError), closing(self._open()) as db:
            rows = ((key, np.frombuffer(data, "<f4")) for key, data in db.execute(query, (self._name, *keys)))
            return {key: vector.astype(np.float32) for key, vector in rows if _sound(vector)}
        return {}

    def _keep(self, vectors: Mapping[bytes, Vector]) -> None:
        rows = [(self._name, key, vector.astype("<f4").tobytes()) for key, vector in vectors.items()]
        with suppress(sqlite3.Error, OSError), closing(self._open()) as db, db:
            db.executemany("REPLACE INTO vectors VALUES (?, ?, ?)", rows)

    def _open(self) -> sqlite3.Connection:
        """The database, ready; a file that is none is thrown away first."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return _connect(self._path)
        except sqlite3.OperationalError:  # locked for too long, no disk space: no fault of the file
            raise
        except sqlite3.DatabaseError:
            self._path.unlink(missing_ok=True)
            return _connect(self._path)


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=30)
    try:
        db.execute(_TABLE)
        db.commit()
    except sqlite3.Error:
        db.close()
        raise
    return db


def _sound(vector: Vector) -> bool:
    """Whether these are the components of a unit vector."""
    return bool(abs(float(np.square(vector.astype(np.float64)).sum()) - 1) < 1e-2)  # bfloat16 is no finer
