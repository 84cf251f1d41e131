"""PostgreSQL for tests; where this machine has none, they skip with one line."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres.databases import Databases
from tests.postgres.server import NoServer, Server
from tests.required import unavailable


def start_server() -> Server:
    """A server to be entered as a context; where there is none, the test skips with one line."""
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
    with start_server() as server:
        yield server.url


@pytest.fixture
def databases(postgres: str) -> Iterator[Databases]:
    """Databases of the test's own, one for each folder it asks for."""
    databases = Databases(postgres)
    yield databases
    databases.drop_all()


@pytest.fixture
def database(databases: Databases, tmp_path: Path) -> str:
    """URL of an empty database of the test's own."""
    return databases.made(tmp_path)


@pytest.fixture
def own_postgres() -> Iterator[Server]:
    """A server of the test's own, to kill, stop and start again."""
    with start_server() as server:
        yield server
