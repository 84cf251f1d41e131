"""PostgreSQL for tests; where this machine has none, they skip with one line."""

import os
import uuid
from collections.abc import Iterator

import pytest

from tests.postgres.databases import drop, make
from tests.postgres.server import NoServer, Server
from tests.required import unavailable


def _server() -> Server:
    try:
        return Server()
    except NoServer as reason:
        unavailable(str(reason))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a server that the tests of this process share, for a user who may create databases."""
    if existing := os.environ.get("STORYWIRE_TEST_POSTGRES"):
        yield existing
        return
    with _server() as server:
        yield server.url


@pytest.fixture
def database(postgres: str) -> Iterator[str]:
    """URL of an empty database of the test's own."""
    name = f"storywire_test_{uuid.uuid4().hex}"
    yield make(postgres, name)
    drop(postgres, name)


@pytest.fixture
def own_postgres() -> Iterator[Server]:
    """A server of the test's own, to kill, stop and start again."""
    with _server() as server:
        yield server
