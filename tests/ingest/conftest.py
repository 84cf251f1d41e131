"""Fixtures for the tests of ingest."""

from collections.abc import Iterator

import pytest

from ingest.article import Writer
from ingest.language import Languages
from tests.ingest.server import Server, serving


@pytest.fixture(scope="session")
def languages() -> Languages:
    """Loaded once: it takes a second."""
    return Languages()


@pytest.fixture(scope="session")
def writer(languages: Languages) -> Writer:
    return Writer(languages, "en", 200_000)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        yield server
