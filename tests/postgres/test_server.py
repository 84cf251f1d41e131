"""The server that other tests rely on: it can be stopped, killed and started again, and keeps what it holds."""

from pathlib import Path

import psycopg
import pytest

from tests.postgres.databases import drop, make
from tests.postgres.server import PASSWORD, USER, Server


def test_a_server_keeps_its_port_and_its_data_however_it_ends(own_postgres: Server) -> None:
    url = make(own_postgres.url, "mine")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept (word text)")
    for ends in (own_postgres.stop, own_postgres.kill):
        with psycopg.connect(url) as connection:
            connection.execute("INSERT INTO kept VALUES ('this')")
        ends()
        with pytest.raises(psycopg.OperationalError, match="refused"):
            psycopg.connect(url)
        own_postgres.start()
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (2,)


def test_nobody_gets_in_without_the_password(own_postgres: Server) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(own_postgres.url, password=PASSWORD[:-1])
    with psycopg.connect(own_postgres.admin) as connection:
        assert connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = %s", [USER]).fetchone() == (
            False,
        )


def test_nothing_is_left_of_a_server(own_postgres: Server) -> None:
    with Server() as other:
        pid, folder = other.pid, other.folder
        assert other.port != own_postgres.port
    assert not folder.exists()
    assert not Path(f"/proc/{pid}").exists()


def test_each_test_has_a_database_of_its_own(database: str, postgres: str) -> None:
    other = make(postgres, "storywire_test_other")
    try:
        with psycopg.connect(database) as connection:
            connection.execute("CREATE TABLE here (word text)")
        with psycopg.connect(other) as connection:
            assert connection.execute("SELECT to_regclass('here')").fetchone() == (None,)
    finally:
        drop(postgres, "storywire_test_other")
