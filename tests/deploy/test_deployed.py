"""What docker-compose.yml deploys does the job: its own commands and environments, on servers that are real."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from kafka.admin import KafkaAdminClient

from demo.server import World
from tests.deploy.compose import MAIN, OWN_KAFKA, ours, resolve
from tests.deploy.container import Container, running
from tests.deploy.kafka import ComposedBroker
from tests.ingest.server import serving
from tests.kafka.broker import Broker
from tests.kafka.jars import lacking
from tests.postgres.server import PASSWORD, Server
from tests.required import unavailable
from tests.waiting import wait_for

SECONDS = 120.0
"""For all to start, the model to load, and 78 articles to pass."""


class Site:
    """The folder in which somebody deploys: `.env`, secrets and a list of feeds, those of the demo."""

    def __init__(self, folder: Path, feeds: str) -> None:
        self.folder = folder
        self.secrets = folder / "secrets"
        self.secrets.mkdir()
        self.feeds = folder / "my-feeds.yaml"
        self.feeds.write_text(feeds)
        self.dotenv = [
            f"SECRETS={self.secrets}",
            f"FEEDS_FILE={self.feeds}",
            # The demo's server is on 127.0.0.1, all feeds on one host, and its news are of 2015.
            "STORYWIRE_POLLER__ALLOW_PRIVATE_NETWORKS=true",
            "STORYWIRE_POLLER__HOST_SPACING_SECONDS=0",
            "STORYWIRE_POLLER__FIRST_POLL_DAYS=20000",
        ]

    def containers(self, *files: Path, **servers: str) -> dict[str, Container]:
        """Those of ours, by name. `servers`: where those that the file names are instead."""
        project = resolve(self.folder, *files, dotenv=self.dotenv)
        elsewhere = {
            "kafka:9092": servers.get("kafka", "kafka:9092"),
            "postgres:5432": servers.get("postgres", "postgres:5432"),
            "/etc/storywire/feeds.yaml": project["configs"]["feeds"]["file"],
            **{f"/run/secrets/{name}": secret["file"] for name, secret in project["secrets"].items()},
        }
        return {
            name: Container(name, service, self.folder / name, elsewhere)
            for name, service in ours(project).items()
        }


@pytest.fixture(scope="module")
def world() -> World:
    """Everything that the demo's outlets published."""
    return World(until=datetime(2016, 1, 1, tzinfo=UTC))


@pytest.fixture
def site(tmp_path: Path, world: World) -> Iterator[Site]:
    with serving() as server:
        for feed in world.feeds:
            server.serve(feed.path, feed.at(world.until), Content_Type=feed.media_type)
        yield Site(tmp_path, world.feeds_yaml(server.base))


@pytest.fixture
def kafka_of_ours(tmp_path: Path) -> Iterator[ComposedBroker]:
    if lacks := lacking():
        unavailable(lacks)
    with ComposedBroker(resolve(tmp_path)["services"]["kafka"]["environment"]) as broker:
        yield broker


def articles(server: Server) -> int:
    """In the database of docker-compose.yml; none before its tables are there."""
    with psycopg.connect(server.url, dbname="storywire") as connection:
        try:
            (found,) = connection.execute("SELECT count(*) FROM articles").fetchone() or (0,)
        except psycopg.errors.UndefinedTable:
            return 0
        return int(found)


def stories(container: Container) -> list[dict[str, Any]]:
    """As a person reads them there."""
    answer = container.exec("storywire", "stories", "--json", "--limit", "100")
    found: list[dict[str, Any]] = json.loads(answer)["stories"]
    return found


@pytest.mark.timeout(240)
def test_from_feeds_to_stories_in_postgresql(
    site: Site, world: World, kafka_of_ours: ComposedBroker, own_postgres: Server
) -> None:
    (site.secrets / "postgres_password").write_text(f"{PASSWORD}\n")
    with psycopg.connect(own_postgres.url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE storywire")
    containers = site.containers(kafka=kafka_of_ours.address, postgres=f"127.0.0.1:{own_postgres.port}")
    stages = [container for container in containers.values() if container.name != "single"]
    assert {container.name for container in stages} == {"poller", "dedup", "embed", "cluster", "sinks"}
    with running(*stages):
        wait_for(lambda: articles(own_postgres) == world.articles, SECONDS, "all articles in the database")
        found = stories(containers["sinks"])
        wait_for(lambda: " new  " in containers["sinks"].said(), what="the stories in the log")
    assert sum(story["articles"] for story in found) == world.articles
    assert len(found) < world.articles
    assert all(PASSWORD not in container.said() for container in stages)
    # What is no volume is read-only there.
    assert [container.name for container in stages if any(container.home.iterdir())] == ["sinks"]
    assert containers["sinks"].stores


@pytest.mark.timeout(240)
def test_from_feeds_to_stories_in_one_container(site: Site, world: World) -> None:
    site.dotenv.append("STORYWIRE_EMBED__MODEL=hashing")  # the other test loads the model
    (site.secrets / "postgres_password").touch()
    single = site.containers()["single"]
    with running(single):
        wait_for(lambda: (single.home / "stories.db").exists(), SECONDS, "the database")
        wait_for(
            lambda: (
                f"articles {world.articles} " in single.said() and "waiting" not in single.said().splitlines()[-1]
            ),
            SECONDS,
            "all articles to pass",
        )
        assert sum(story["articles"] for story in stories(single)) == world.articles
    assert {path.name for path in single.home.iterdir()} >= {"log.db", "stories.db", "stories"}
    assert single.stores


@pytest.mark.timeout(120)
def test_on_a_kafka_of_ones_own(site: Site, secured_kafka: Broker) -> None:
    secured = secured_kafka.secured
    assert secured
    (site.secrets / "kafka_password").write_text(f"{secured.password}\n")
    (site.secrets / "kafka_ca.pem").write_bytes(secured.ca_file.read_bytes())
    site.dotenv += [
        f"STORYWIRE_LOG=kafka://{secured.address}",
        f"STORYWIRE_KAFKA__USER={secured.user}",
        "STORYWIRE_NAMESPACE=own",
    ]
    dedup = site.containers(MAIN, OWN_KAFKA)["dedup"]
    admin = KafkaAdminClient(bootstrap_servers=secured_kafka.address)
    with running(dedup):
        wait_for(lambda: "own.deduped" in admin.list_topics(), what="the topics of the stage")
    admin.close()
