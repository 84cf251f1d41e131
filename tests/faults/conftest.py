"""Sites for the service."""

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.site import Site
from tests.postgres.databases import Databases
from tests.sinks.kinds import SQLITE, postgresql


@pytest.fixture
def embedded(tmp_path: Path) -> Callable[..., Site]:
    """Makes a site on the embedded log, with SQLite at the end."""
    url = f"sqlite:///{tmp_path}/log.db"
    return lambda **more: Site(tmp_path / "site", url, SQLITE, **more).create_topics()


@pytest.fixture
def on_kafka(tmp_path: Path, kafka: str, databases: Databases) -> Callable[..., Site]:
    """Makes a site on Kafka, in a namespace of its own, with PostgreSQL at the end."""
    namespace = f"test-{uuid.uuid4().hex[:8]}"
    url, sql = f"kafka://{kafka}", postgresql(databases)
    return lambda **more: Site(tmp_path / "site", url, sql, namespace, **more).create_topics()
