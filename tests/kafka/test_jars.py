"""What a machine lacks for a broker is said in one line."""

from pathlib import Path

import pytest

from tests.kafka.jars import cache, lacking


@pytest.fixture(autouse=True)
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without programs and without jars."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def install(folder: Path, program: str) -> None:
    folder.joinpath(program).touch(mode=0o755)


def test_all_that_is_missing_is_named(tmp_path: Path) -> None:
    assert lacking().startswith("no Kafka broker without java and mvn: ")
    install(tmp_path, "java")
    assert lacking().startswith("no Kafka broker without mvn: ")
    install(tmp_path, "mvn")
    assert lacking() == ""


def test_with_the_jars_at_hand_maven_is_not_needed(tmp_path: Path) -> None:
    install(tmp_path, "java")
    cache().mkdir(parents=True)
    assert lacking() == ""
