"""A log for the tests of the worker."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from streams.connect import connect
from streams.log import Log
from streams.topics import Topics
from tests.streams.toys import topics_of


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/log.db"


@pytest.fixture
def topics() -> Topics:
    return topics_of()


@pytest.fixture
def log(url: str, topics: Topics) -> Iterator[Log]:
    with closing(connect(url)) as log:
        log.create(topics.specs())
        yield log
