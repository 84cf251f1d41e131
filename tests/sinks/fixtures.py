"""The storing sinks, each in its turn, and what the loop around them says."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import structlog

from tests.sinks.kinds import JSONL, SQLITE, Kind, SqlKind, postgresql


@pytest.fixture(params=["sqlite", "postgresql", "jsonl"])
def kind(request: pytest.FixtureRequest) -> Kind:
    """Every sink that stores."""
    return _kind(request)


@pytest.fixture(params=["sqlite", "postgresql"])
def sql(request: pytest.FixtureRequest) -> SqlKind:
    """Every sink that stores in tables."""
    found = _kind(request)
    assert isinstance(found, SqlKind)
    return found


def _kind(request: pytest.FixtureRequest) -> Kind:
    if request.param == "postgresql":
        return postgresql(request.getfixturevalue("databases"))
    return SQLITE if request.param == "sqlite" else JSONL


class Events:
    """Log lines as they are written, to be waited for."""

    def __init__(self) -> None:
        self.lines: list[Mapping[str, Any]] = []

    def __call__(self, logger: Any, method: str, line: Mapping[str, Any]) -> Any:
        self.lines.append(line)
        raise structlog.DropEvent

    def named(self, event: str) -> list[Mapping[str, Any]]:
        return [line for line in self.lines if line["event"] == event]


@pytest.fixture
def events() -> Iterator[Events]:
    """The log lines of the test."""
    told = Events()
    structlog.configure(processors=[told])
    yield told
    structlog.reset_defaults()
