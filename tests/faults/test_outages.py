"""The broker and the database go away under the whole service: it waits, says so, and goes on by itself."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from streams.patience import IS_DOWN
from streams.topics import FLOW
from tests.faults.newsroom import Newsroom, news
from tests.faults.process import Process
from tests.faults.proof import emitted, faults, poller_at_fault
from tests.faults.site import Site
from tests.kafka.broker import Broker
from tests.postgres.databases import Databases
from tests.postgres.server import Server
from tests.sinks.kinds import postgresql

SINK_WAITS = "sink waits, nothing is lost"


@pytest.fixture
def desk() -> Iterator[Newsroom]:
    """Two feeds in two languages."""
    desk = Newsroom({"127.0.0.1": news(200), "127.0.0.2": news(200, "de")})
    with desk.serving():
        yield desk


@pytest.fixture
def site(own_kafka: Broker, own_postgres: Server, desk: Newsroom, tmp_path: Path) -> Iterator[Site]:
    """On servers of the test's own."""
    database = postgresql(Databases(own_postgres.url))
    with closing(Site(tmp_path / "site", own_kafka.url, database, feeds=desk.urls)) as site:
        yield site


def edition(desk: Newsroom, site: Site, until: float = 1.0) -> None:
    """Let 40 articles come, and wait until so much of them has arrived."""
    before, desk.shown = site.arrived(), desk.shown + 20
    site.awaits(lambda: site.arrived() >= before + until * 40, "the articles of the edition")


def all_wait(site: Site, service: Process) -> bool:
    """Whether every stage and every sink has said that the log is down."""
    waiting = {line.get("stage") for line in service.said(IS_DOWN)}
    return waiting >= {"poller", *FLOW, *(f"sink-{name}" for name in site.sinks)}


def check(desk: Newsroom, site: Site, service: Process) -> None:
    """Nobody has died of it, and the outcome is that of an undisturbed run."""
    assert not service.said("stage died")
    assert poller_at_fault(desk, emitted(site)) == []
    assert faults(site) == []


@pytest.mark.timeout(240)
def test_no_broker_at_the_start_and_none_in_between_and_no_database(
    own_kafka: Broker, own_postgres: Server, desk: Newsroom, site: Site
) -> None:
    own_kafka.stop()
    with site.running() as service:
        with site.running("dedup", name="told to end", instance="9"):  # and hears it while no broker answers
            site.awaits(lambda: all_wait(site, service), "every stage to wait for a broker")
        own_kafka.start()
        edition(desk, site)

        edition(desk, site, until=0.3)
        told = len(service.said(IS_DOWN))
        own_kafka.kill()
        site.awaits(lambda: len(service.said(IS_DOWN)) > told, "a stage to tell that the broker is gone")
        own_kafka.start()
        edition(desk, site)

        edition(desk, site, until=0.3)
        own_postgres.stop()
        site.awaits(lambda: service.said(SINK_WAITS, stage=f"sink-{site.database}"), "the sink to wait")
        own_postgres.start()
        edition(desk, site)
        site.awaits(lambda: site.arrived() == 2 * desk.shown, "the last article")
    check(desk, site, service)


@pytest.mark.chaos
@pytest.mark.timeout(300)
def test_a_broker_that_freezes_for_forty_seconds(own_kafka: Broker, desk: Newsroom, site: Site) -> None:
    with site.running() as service:
        edition(desk, site)
        edition(desk, site, until=0.3)
        own_kafka.freeze()
        time.sleep(40)  # not a wait: longer than the sessions, and than the client's patience of 30 s
        own_kafka.thaw()
        assert service.said(IS_DOWN)
        edition(desk, site)
        site.awaits(lambda: site.arrived() == 2 * desk.shown, "the last article")
    check(desk, site, service)
