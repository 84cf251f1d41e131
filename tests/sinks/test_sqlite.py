"""The file of a SQLite sink: locked, not ours, impossible."""

import sqlite3

import pytest

from sinks import sql_sqlite
from sinks.base import SinkDown, SinkError
from sinks.open import open_sink
from tests.builders import article, update
from tests.sinks.kinds import SQLITE
from tests.sinks.world import SOURCE, at, deliver_more


def test_a_locked_database_is_a_sink_that_is_down_and_loses_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(sql_sqlite, "BUSY_SECONDS", 0.05)
    sink = SQLITE.open(tmp_path)
    sink.resume(SOURCE, [0])
    blocker = sqlite3.connect(tmp_path / "stories.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    sink.add([at(0, update(article("a1")))])
    with pytest.raises(SinkDown, match=r"sqlite:///.*/stories.db: database is locked"):
        sink.flush({0: 1})
    blocker.execute("ROLLBACK")
    assert sink.resume(SOURCE, [0]) == {0: 0}
    deliver_more(sink, 0, update(article("a1")))
    assert SQLITE.ask(tmp_path, "SELECT id FROM articles") == [("a1",)]


def refused(name: str) -> str:
    with pytest.raises(SinkError) as caught:
        open_sink(name)
    assert str(caught.value).startswith(f"{name}: ")
    return str(caught.value)


def test_a_file_that_is_no_database_is_left_alone(tmp_path):
    path = tmp_path / "stories.db"
    path.write_text("Dear diary, " * 100)
    assert "file is not a database; if it is not another program's, move it away" in refused(SQLITE.url(tmp_path))
    assert path.read_text() == "Dear diary, " * 100


def test_another_programs_database_is_left_alone_to_the_byte(tmp_path):
    with sqlite3.connect(tmp_path / "stories.db") as connection:
        connection.execute("CREATE TABLE meta (key, value)")
    connection.close()
    before = (tmp_path / "stories.db").read_bytes()
    assert "is no database of Storywire's; name another file" in refused(SQLITE.url(tmp_path))
    assert (tmp_path / "stories.db").read_bytes() == before


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("sqlite:///", "names no file; use sqlite:///relative/path"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite://host/db", "names no file"),
        ("sqlite:stories.db", "is no database URL"),
        ("sqlite:////proc/nowhere/stories.db", r"cannot write there (No such file or directory); name a file"),
        ("sqlite:////tmp", "is a folder; name a file"),
    ],
)
def test_an_impossible_place_is_named_with_the_remedy(name, message):
    assert message in refused(name)
