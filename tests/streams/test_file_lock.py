"""The lock behind partitions."""

from pathlib import Path

import pytest

from streams.file_lock import FileLock


def test_a_lock_excludes_others_until_it_is_released(tmp_path: Path) -> None:
    one, two = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert one.acquire()
    assert one.acquire(), "an owner may ask again"
    assert not two.acquire()
    one.release()
    one.release()
    assert two.acquire()
    assert (one.held, two.held) == (False, True)
    two.release()


def test_a_lock_on_a_file_that_was_removed_meanwhile_is_no_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One opens the file, another removes it, a third creates it anew: the first must not trust the old one."""
    path = tmp_path / "lock"
    remover, late, third = FileLock(path), FileLock(path), FileLock(path)
    remover.acquire()
    opens = Path.open

    def open_then_lose(self: Path, mode: str) -> object:
        file = opens(self, mode)
        monkeypatch.undo()
        remover.remove()
        assert third.acquire()
        return file

    monkeypatch.setattr(Path, "open", open_then_lose)
    assert not late.acquire(), "two owners"
    third.release()
    assert late.acquire()
    late.release()


def test_only_the_owner_removes(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="not held"):
        FileLock(tmp_path / "lock").remove()
