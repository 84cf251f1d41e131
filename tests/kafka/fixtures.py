"""Brokers for tests: one that a process shares, one that knows passwords, and one of a test's own."""

import os
from collections.abc import Iterator

import pytest

from tests.kafka.broker import Broker
from tests.kafka.jars import lacking
from tests.required import unavailable


@pytest.fixture(scope="session")
def kafka() -> Iterator[str]:
    """The address of a broker that the tests of this process share, each with topics of its own."""
    if existing := os.environ.get("STORYWIRE_TEST_KAFKA"):
        yield existing
        return
    with new_broker() as broker:
        yield broker.address


@pytest.fixture
def own_kafka() -> Iterator[Broker]:
    """A broker of the test's own, to kill, freeze and start again."""
    with new_broker() as broker:
        yield broker


@pytest.fixture(scope="session")
def secured_kafka() -> Iterator[Broker]:
    """A broker that also listens where a password is wanted: its `secured`."""
    with new_broker(secured=True) as broker:
        yield broker


def new_broker(secured: bool = False) -> Broker:
    """One that is still to be started. Where this machine can run none, the test skips with one line."""
    if lacks := lacking():
        unavailable(lacks)
    return Broker(secured=secured)
