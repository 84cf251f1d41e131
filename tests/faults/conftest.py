"""Sites for the service."""

import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.faults.site import MakeSite, Site
from tests.postgres.databases import Databases
from tests.sinks.kinds import SQLITE, postgresql


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[MakeSite]:
    """Makes a site on the embedded log, with SQLite at the end."""
    with ExitStack() as made:
        url = f"sqlite:///{tmp_path}/log.db"
        yield lambda **more: made.enter_context(
            closing(Site(tmp_path / "site", url, SQLITE, **more).create_topics())
        )


@pytest.fixture
def on_kafka(tmp_path: Path, kafka: str, databases: Databases) -> Iterator[MakeSite]:
    """Makes a site on Kafka, in a namespace of its own, with PostgreSQL at the end."""
    url, sql, namespace = f"kafka://{kafka}", postgresql(databases), f"test-{uuid.uuid4().hex[:8]}"
    with ExitStack() as made:
        yield lambda **more: made.enter_context(
            closing(Site(tmp_path / "site", url, sql, namespace, **more).create_topics())
        )
