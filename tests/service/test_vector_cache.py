"""The cache of vectors: right whatever happens to its file."""

import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest

from config.sections import EmbedSection
from processors.encoding.hashing_encoder import HashingEncoder
from service.vector_cache import STEP, CachedEncoder, default_path

SECTION = EmbedSection(model="hashing")
TEXTS = [f"text of number {i}" for i in range(STEP + 20)]


class Counting(HashingEncoder):
    """An encoder that counts what it encodes."""

    def __init__(self, section: EmbedSection = SECTION) -> None:
        super().__init__(section)
        self.encoded = 0

    def encode(self, texts: Sequence[str]) -> list[np.ndarray]:
        self.encoded += len(texts)
        return super().encode(texts)


def encode(path: Path, texts: Sequence[str] = TEXTS) -> int:
    """How many texts had to be encoded; the vectors are right."""
    counting = Counting()
    vectors = CachedEncoder(counting, path).encode(texts)
    expected = HashingEncoder(SECTION).encode(texts)
    assert [v.tobytes() for v in vectors] == [v.tobytes() for v in expected]
    return counting.encoded


def test_a_text_is_encoded_once(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "vectors.db"
    assert encode(path) == len(TEXTS)
    assert encode(path, TEXTS[::-1] + TEXTS[:3] + ["new", "new"]) == 1


def test_vectors_of_another_encoding_are_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "vectors.db"
    encode(path)
    other = Counting()
    other.encoding = msgspec.structs.replace(other.encoding, model="hashing@2")
    CachedEncoder(other, path).encode(TEXTS)
    assert other.encoded == len(TEXTS)
    assert encode(path) == 0


@pytest.mark.parametrize(
    "damage", [b"", b"no database", b"SQLite format 3\0" + b"\xff" * 5_000], ids=["empty", "text", "torn"]
)
def test_a_file_that_is_no_database_is_made_anew(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "vectors.db"
    path.write_bytes(damage)
    assert encode(path) == len(TEXTS)
    assert encode(path) == 0


def test_pages_torn_in_the_middle_cost_time_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "vectors.db"
    encode(path)
    data = bytearray(path.read_bytes())
    data[8_192 : len(data) // 2] = b"\xa5" * (len(data) // 2 - 8_192)
    path.write_bytes(data)
    assert encode(path) > 0
    assert encode(path) == 0


@pytest.mark.parametrize(
    "vector", [b"", b"odd", b"\0" * 1_536, b"\xff" * 1_536], ids=["empty", "odd", "zero", "nan"]
)
def test_a_damaged_vector_is_made_again(tmp_path: Path, vector: bytes) -> None:
    path = tmp_path / "vectors.db"
    encode(path)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE vectors SET vector = ? WHERE text IN (SELECT text FROM vectors LIMIT 7)", (vector,))
    db.close()
    assert encode(path) == 7
    assert encode(path) == 0


def test_a_folder_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    path = tmp_path / "file" / "vectors.db"
    assert encode(path) == len(TEXTS)
    assert encode(path) == len(TEXTS)


def test_several_evaluations_share_a_cache(tmp_path: Path) -> None:
    path = tmp_path / "vectors.db"
    failures: list[BaseException] = []

    def work(start: int) -> None:
        try:
            encode(path, TEXTS[start:] + TEXTS[:start])
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(100 * i,)) for i in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert encode(path) == 0


def test_the_cache_is_kept_with_other_caches_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_path() == tmp_path / "storywire" / "vectors.db"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_path() == tmp_path / ".cache" / "storywire" / "vectors.db"
