"""The server that other tests rely on: it can be stopped, killed and started again, and keeps what it holds."""

from pathlib import Path

import psycopg
import pytest

from tests.postgres import fixtures, server
from tests.postgres.databases import Databases
from tests.postgres.server import PASSWORD, USER, Server


def test_a_server_keeps_its_port_and_its_data_however_it_ends(own_postgres: Server) -> None:
    url = Databases(own_postgres.url).made(Path("mine"))
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
        assert str(pid) in shared_memory()
    assert not folder.exists()
    assert not Path(f"/proc/{pid}").exists()
    assert str(pid) not in shared_memory()


def test_where_no_server_is_installed_tests_skip_and_in_ci_they_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "programs", lambda: (_ for _ in ()).throw(server.NoServer("none here")))
    monkeypatch.setenv("STORYWIRE_TEST_REQUIRED", "0")
    with pytest.raises(pytest.skip.Exception, match=r"^none here$"):
        fixtures.start_server()
    monkeypatch.setenv("STORYWIRE_TEST_REQUIRED", "1")
    with pytest.raises(pytest.fail.Exception, match=r"^none here"):
        fixtures.start_server()


def shared_memory() -> list[str]:
    """Who created the segments that there are."""
    return [line.split()[4] for line in Path("/proc/sysvipc/shm").read_text().splitlines()]


def test_each_folder_has_a_database_of_its_own_and_nothing_is_left_of_them(postgres: str) -> None:
    databases, others = Databases(postgres), Databases(postgres)
    urls = {each.made(folder) for each in (databases, others) for folder in (Path("a"), Path("b"))}
    assert len(urls) == 4
    with psycopg.connect(databases.made(Path("a"))) as connection:
        connection.execute("CREATE TABLE here (word text)")
    with psycopg.connect(databases.url(Path("b"))) as connection:
        assert connection.execute("SELECT to_regclass('here')").fetchone() == (None,)
    databases.drop(Path("b"))
    databases.drop_all()
    for folder in (Path("a"), Path("b")):
        with pytest.raises(psycopg.OperationalError, match="does not exist"):
            psycopg.connect(databases.url(folder))
        psycopg.connect(others.url(folder)).close()
    others.drop_all()
