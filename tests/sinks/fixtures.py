"""The storing sinks, each in its turn."""

import pytest

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
