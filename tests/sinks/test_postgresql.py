"""The SQL sink on PostgreSQL: the same rows as in SQLite, errors in words, and what only a server has."""

import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import psycopg
import pytest
import sqlalchemy

from sinks import sql_postgresql
from sinks.base import SinkDown, SinkError
from sinks.database import open_database
from sinks.open import open_sink, sink_name
from sinks.postgresql_url import parse
from sinks.sql_schema import articles
from tests.builders import START, Wire, article, state, update
from tests.postgres.databases import Databases, named
from tests.sinks.kinds import SQLITE, SqlKind, postgresql
from tests.sinks.world import LANGS, SOURCE, at, deliver, deliver_more, letters, new_log, put


@pytest.fixture
def kind(databases: Databases) -> SqlKind:
    return postgresql(databases)


@pytest.fixture
def url(databases: Databases, tmp_path: Path) -> str:
    """Of an empty database, with the password in it."""
    return databases.made(tmp_path)


def command(url: str, text: str) -> None:
    """As a person at psql."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(text.encode())


END_OURS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'storywire'"


# --- the same as SQLite ----------------------------------------------------------------------------------


def test_the_same_log_gives_the_same_rows_in_all_tables(kind, tmp_path):
    log = new_log(tmp_path)
    put(log, [*Wire(3, LANGS).updates(400), b"no json", *Wire(4, ("fr", "ru")).updates(200)])
    told = {}
    for each in (SQLITE, kind):
        each.feed(log, tmp_path)
        told[each] = each.dump(tmp_path), each.ask(tmp_path, "SELECT * FROM sink_offsets ORDER BY 1, 2, 3")
    rows, offsets = told[kind]
    assert told[kind] == told[SQLITE]
    assert len(rows["articles"]) > 400
    assert sum(next_offset for *_, next_offset in offsets) == 601
    assert len(letters(log)) == 2  # one by each: they are two groups


def test_every_time_that_there_is_can_be_stored_and_read(sql, tmp_path):
    first, last = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
    sink = sql.open(tmp_path)
    deliver(sink, update(article("a1", published=first, fetched=last)))
    sink.close()
    database = open_database(sql.url(tmp_path), create=False)
    with database.begin() as connection:
        assert connection.execute(sqlalchemy.select(articles.c.published, articles.c.fetched)).one() == (
            first,
            last,
        )
    database.close()


def test_a_url_of_any_length_is_stored(sql, tmp_path):
    long = "https://news.example/" + "".join(
        f"{n:x}" for n in range(5_000)
    )  # too much for an index over it, packed
    sink = sql.open(tmp_path)
    deliver(sink, update(article("a1", url=long)))
    sink.close()
    assert sql.ask(tmp_path, f"SELECT id FROM articles WHERE url = '{long}'") == [("a1",)]


def test_json_is_kept_as_it_was_written(kind, tmp_path):
    sink = kind.open(tmp_path)
    deliver(sink, update(article("a1", authors=("Ada", "Bo\u00e9"))))
    sink.close()
    assert kind.ask(tmp_path, "SELECT authors::text FROM articles") == [('["Ada","Bo\u00e9"]',)]


# --- two at once -----------------------------------------------------------------------------------------


def at_once(*actions: Callable[[], Any]) -> list[Any]:
    """What each returned or raised; all begin together."""
    barrier = threading.Barrier(len(actions))

    def run(action: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return action()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def test_many_may_lay_out_the_tables_at_once(url):
    sinks = at_once(*[lambda: open_sink(url)] * 6)
    assert [sink.name for sink in sinks] == [sink_name(url)] * 6
    for sink in sinks:
        sink.close()


def test_of_two_that_hold_the_same_updates_one_writes_them(kind, tmp_path):
    sinks = [kind.open(tmp_path) for _ in range(2)]
    for offset in range(20):
        for number, sink in enumerate(sinks):
            assert sink.resume(SOURCE, [0]) == {0: offset}
            sink.add([at(offset, update(article(f"a{offset}", title=f"by {number}")))])
        told = at_once(*[partial(sink.flush, {0: offset + 1}) for sink in sinks])
        (winner,) = [number for number, each in enumerate(told) if each is None]
        assert "another process has written partition 0 in the meantime" in str(told[1 - winner])
        assert isinstance(told[1 - winner], SinkDown)
        assert kind.ask(tmp_path, f"SELECT title FROM articles WHERE id = 'a{offset}'") == [(f"by {winner}",)]
    for sink in sinks:
        sink.close()


def test_two_members_that_have_one_article_in_two_languages_agree_on_its_row(kind, tmp_path):
    """The later fetch counts, though neither has seen the other's row when it begins."""
    sinks = [kind.open(tmp_path) for _ in range(2)]
    for partition, sink in enumerate(sinks):
        sink.resume(SOURCE, [partition])
    for offset in range(20):
        for partition, sink in enumerate(sinks):
            fetched = START + timedelta(hours=partition)
            of = article(f"a{offset}", lang=LANGS[partition], fetched=fetched)
            padding = [update(article(f"{offset}-{partition}-{n}")) for n in range(20)]
            sink.add([at(offset, each, partition) for each in (*padding, update(of))])
        assert at_once(*[partial(sink.flush, {p: offset + 1}) for p, sink in enumerate(sinks)]) == [None, None]
    query = "SELECT DISTINCT lang, fetched FROM articles WHERE id LIKE 'a%'"
    assert kind.ask(tmp_path, query) == [(LANGS[1], f"{START + timedelta(hours=1):%Y-%m-%d %H:%M:%S.%f}")]
    for sink in sinks:
        sink.close()


# --- what the sink waits for -------------------------------------------------------------------------------


def down(action: Callable[[], Any]) -> str:
    with pytest.raises(SinkDown) as caught:
        action()
    return str(caught.value)


def test_a_table_that_somebody_holds_is_waited_for_and_nothing_is_lost(kind, url, tmp_path, monkeypatch):
    monkeypatch.setattr(sql_postgresql, "LOCK_SECONDS", 0.1)
    sink = kind.open(tmp_path)
    sink.resume(SOURCE, [0])
    with psycopg.connect(url) as person:
        person.execute("LOCK TABLE articles")
        sink.add([at(0, update(article("a1")))])
        assert "canceling statement due to lock timeout" in down(lambda: sink.flush({0: 1}))
    assert sink.resume(SOURCE, [0]) == {0: 0}
    deliver_more(sink, 0, update(article("a1")))
    assert kind.ask(tmp_path, "SELECT id FROM articles") == [("a1",)]
    sink.close()


def test_a_connection_that_ends_between_two_flushes_goes_unnoticed(kind, url, tmp_path):
    sink = kind.open(tmp_path)
    sink.resume(SOURCE, [0])
    command(url, END_OURS)
    deliver_more(sink, 0, update(article("a1")))
    assert kind.ask(tmp_path, "SELECT id FROM articles") == [("a1",)]
    sink.close()


def test_one_that_ends_in_mid_transaction_is_a_sink_that_is_down(url):
    database = open_database(url, create=True)

    def cut() -> None:
        with database.begin() as connection:
            command(
                url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'storywire'"
            )
            connection.execute(sqlalchemy.select(articles))

    assert "terminating connection due to administrator command" in down(cut)
    database.prepare()
    database.close()


def test_a_server_whose_connections_are_all_taken_is_waited_for(kind, url, tmp_path):
    command(url, f"ALTER DATABASE {url.rpartition('/')[2]} CONNECTION LIMIT 0")
    assert "too many connections for database" in down(lambda: kind.open(tmp_path))


def test_a_server_that_became_a_standby_is_waited_for(kind, url, tmp_path):
    sink = kind.open(tmp_path)
    sink.resume(SOURCE, [0])
    database = open_database(url, create=True)

    def demoted() -> None:
        with database.begin() as connection:
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            connection.execute(sqlalchemy.delete(articles))

    assert "cannot execute DELETE in a read-only transaction" in down(demoted)
    database.close()
    sink.close()


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("127.0.0.1:1", r"postgresql://storywire@127.0.0.1:1/news: .*Connection refused"),
        ("nowhere.invalid", r"postgresql://storywire@nowhere.invalid:5432/news: .*resolve"),
    ],
)
def test_a_server_that_is_not_there_is_waited_for(place, message):
    url = f"postgresql://storywire:open-sesame@{place}/news"
    with pytest.raises(SinkDown, match=message) as caught:
        open_sink(url)
    assert "sesame" not in str(caught.value)
    sink = open_sink(url, patient=True)
    with pytest.raises(SinkDown, match=message):
        sink.resume(SOURCE, [0])
    sink.close()


def test_a_server_that_says_nothing_is_not_waited_for_without_end():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://storywire@127.0.0.1:{silent.getsockname()[1]}/news"
        assert "timeout expired" in down(lambda: open_sink(f"{url}?connect_timeout=2"))  # libpq's least


# --- what only a person can solve ----------------------------------------------------------------------------


def refused(url: str) -> str:
    """What is said after the URL, which is shown without the password."""
    with pytest.raises(SinkError) as caught:
        open_sink(url)
    shown, _, said = str(caught.value).partition(": ")
    assert shown == parse(url).shown
    assert not [word for word in secrets(url) if word in str(caught.value)]
    return said


def secrets(url: str) -> set[str]:
    """The password of a URL, as it is and as it is written."""
    written = urlsplit(url).password or ""
    return {written, unquote(written)} - {""}


def with_password(url: str, password: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(
        parts._replace(netloc=f"{parts.username}:{quote(password, safe='')}@{parts.hostname}:{parts.port}")
    )


def test_a_wrong_password(url):
    said = refused(with_password(url, "open-sesame"))
    assert 'password authentication failed for user "storywire"; correct the user or the password' in said


def test_no_password(url):
    assert "no password supplied; correct the user or the password" in refused(with_password(url, ""))


def test_a_database_that_is_not_there(url):
    said = refused(named(url, "nowhere"))
    assert 'database "nowhere" does not exist; create it, in the encoding UTF8, or correct the URL' in said


def test_a_user_who_may_not_connect(url):
    name = url.rpartition("/")[2]
    command(
        url, f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC; REVOKE CONNECT ON DATABASE {name} FROM CURRENT_USER"
    )
    assert "permission denied for database" in refused(url)
    assert "grant the user that right" in refused(url)


def test_a_user_who_may_not_create_tables(url):
    command(url, "CREATE SCHEMA other; REVOKE CREATE ON SCHEMA other FROM CURRENT_USER")
    said = refused(f"{url}?options={quote('-c search_path=other')}")
    assert "permission denied for schema other; grant the user that right, or make it the owner" in said


def test_another_programs_database_is_left_alone(url):
    command(url, "CREATE TABLE meta (key text, value text)")
    assert refused(url) == "is no database of Storywire's; name another database"
    with psycopg.connect(url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert tables == [("meta",)]


def test_tables_that_somebody_changed(kind, url, tmp_path):
    sink = kind.open(tmp_path)
    sink.resume(SOURCE, [0])
    command(url, "ALTER TABLE articles RENAME COLUMN url TO link")
    sink.add([at(0, update(article("a1")))])
    with pytest.raises(SinkError, match=r"url.* does not exist; its tables are not as Storywire made them"):
        sink.flush({0: 1})
    sink.close()


def test_a_database_that_cannot_hold_all_letters(url):
    command(url, "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc TEMPLATE template0")
    try:
        assert refused(named(url, "latin")) == "stores text in LATIN1, which lacks letters; create one in UTF8"
    finally:
        command(url, "DROP DATABASE latin")


def test_a_server_without_the_encryption_that_is_asked_for(url):
    assert "SSL was required; correct the URL" in refused(f"{url}?sslmode=require")


def test_a_parameter_without_meaning(url):
    assert 'invalid sslmode value: "maybe"; correct the URL' in refused(f"{url}?sslmode=maybe")


# --- passwords -----------------------------------------------------------------------------------------------


def test_the_password_may_be_in_a_file_which_is_read_whenever_it_is_needed(kind, url, tmp_path):
    kind.open(tmp_path).close()
    path = tmp_path / "my password"
    path.write_text(unquote(urlsplit(url).password) + "\n")
    by_file = f"{with_password(url, '')}?password_file={quote(str(path))}"
    sink = open_sink(by_file)
    assert (str(sink), sink.name) == (parse(url).shown, sink_name(url))
    sink.resume(SOURCE, [0])
    path.write_text("another, and it is not yet in force")
    command(url, END_OURS)
    with pytest.raises(SinkError, match="password authentication failed"):
        sink.resume(SOURCE, [0])
    path.unlink()
    with pytest.raises(
        SinkError, match=rf"password_file {path} cannot be read \(No such file or directory\); write"
    ):
        sink.resume(SOURCE, [0])
    sink.close()


def test_a_password_file_of_bytes_that_are_no_text(url, tmp_path):
    path = tmp_path / "binary"
    path.write_bytes(b"\xff\xfe")
    by_file = f"{with_password(url, '')}?password_file={path}"
    assert f"password_file {path} cannot be read (it is no UTF-8 text)" in refused(by_file)


def test_the_password_shows_nowhere_in_what_goes_wrong_while_writing(kind, url, tmp_path):
    log = new_log(tmp_path)
    put(log, [update(article("a1")), update(article("a2"), changed=[state("S1", 1, articles=2**70)])])
    kind.feed(log, tmp_path)
    (letter,) = log.read("dead-letters", 0)
    assert letter.headers["error"] == "NumericValueOutOfRange"
    assert letter.headers["message"].startswith("integer out of range (")
    assert kind.ask(tmp_path, "SELECT id FROM articles") == [("a1",)]
    assert not [word for word in secrets(url) for value in letter.headers.values() if word in value]


def test_an_id_that_no_index_can_hold_is_a_dead_letter(kind, tmp_path):
    log = new_log(tmp_path)
    long = "".join(f"{n:x}" for n in range(5_000))
    put(log, [update(article("a1")), update(article(long)), update(article("a3"))])
    kind.feed(log, tmp_path)
    (letter,) = log.read("dead-letters", 0)
    assert letter.headers["message"].startswith("index row requires ")
    assert kind.ask(tmp_path, "SELECT id FROM articles ORDER BY id") == [("a1",), ("a3",)]


def test_a_person_sees_who_is_connected(kind, url, tmp_path):
    sink = kind.open(tmp_path)
    with psycopg.connect(url) as connection:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        found = connection.execute(f"SELECT application_name FROM pg_stat_activity WHERE {others}")
        assert found.fetchall() == [("storywire",)]
    sink.close()
