"""Opening a log: what is created, and what is refused with a reason and a remedy."""

import os
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, closing
from itertools import takewhile
from multiprocessing import Event, SimpleQueue
from pathlib import Path

import pytest

from streams.connect import connect as open_log
from streams.log import Append, LogError, TopicSpec
from tests.streams.processes import ended, forked


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.db"


@pytest.fixture
def url(path: Path) -> str:
    return f"sqlite:///{path}"


def open_and_append(url: str, go: Callable[[], bool]) -> None:
    go()
    log = open_log(url)
    log.create([TopicSpec("t", 2)])
    log.append([Append("t", 0, "en", b"here")])
    log.close()


def test_processes_that_create_a_log_at_the_same_moment_get_along(tmp_path: Path) -> None:
    for attempt in range(5):
        url, go = f"sqlite:///{tmp_path}/{attempt}/log.db", Event()
        with ExitStack() as stack:
            processes = [stack.enter_context(forked(open_and_append, url, go.wait)) for _ in range(6)]
            go.set()
            assert [ended(process) for process in processes] == [0] * 6
        with closing(open_log(url)) as log:
            assert log.end_offsets("t") == {0: 6, 1: 0}


def test_a_path_may_be_relative_and_its_folders_are_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    open_log("sqlite:///var/lib/log.db").close()
    assert (tmp_path / "var/lib/log.db").is_file()
    open_log(f"sqlite:///{tmp_path}/var/lib/log.db").close()


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("CREATE TABLE articles (id)")


def newer(path: Path) -> None:
    open_log(f"sqlite:///{path}").close()
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("PRAGMA user_version = 99")


def damaged(path: Path) -> None:
    with closing(open_log(f"sqlite:///{path}")) as log:
        log.create([TopicSpec("t", 1)])
        log.append([Append("t", 0, "en", bytes(4_096))] * 50)
    path.write_bytes(path.read_bytes()[:100] + bytes(3_000) + path.read_bytes()[3_100:])


@pytest.mark.parametrize(
    ("prepare", "reason", "remedy"),
    [
        (lambda path: path.mkdir(), "it is a folder", "name a file"),
        (
            lambda path: path.write_bytes(b"Aftermath of Russia's air strikes\n" * 200),
            "not a database",
            "new file",
        ),
        (foreign, "another program's database", "new file"),
        (newer, "schema 99, this one reads 1", "start that version"),
        (damaged, "malformed|not a database|disk image", "restore|new file"),
    ],
    ids=["folder", "text", "foreign", "newer", "damaged"],
)
def test_a_file_that_is_no_log_of_ours_is_refused_and_left_alone(
    path: Path, url: str, prepare: Callable[[Path], object], reason: str, remedy: str
) -> None:
    prepare(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(LogError, match=f"{url}: .*({reason}).*; .*({remedy})"):
        open_log(url)
    assert before == (path.read_bytes() if path.is_file() else None)


@pytest.mark.parametrize("path", ["/proc/nowhere/log.db", "/dev/null/log.db"])
def test_a_folder_that_cannot_be_made_is_named(path: str) -> None:
    with pytest.raises(LogError, match=f"sqlite:///{path}: its folder cannot be created .*; name a file"):
        open_log(f"sqlite:///{path}")


def open_as_nobody(url: str, said: "SimpleQueue[str]") -> None:
    if os.getuid() == 0:
        os.setresuid(65_534, 65_534, 65_534)
    try:
        open_log(url).close()
        said.put("opened")
    except LogError as error:
        said.put(str(error))


@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_may_not_be_written_is_refused_at_once(tmp_path: Path, what: str) -> None:
    ours = takewhile(lambda folder: folder != Path(tempfile.gettempdir()), [tmp_path, *tmp_path.parents])
    for folder in ours:
        folder.chmod(0o755)
    place = tmp_path / "place"
    place.mkdir()
    if what == "file":
        open_log(f"sqlite:///{place}/log.db").close()
        (place / "log.db").chmod(0o444)
        place.chmod(0o777)
    else:
        place.chmod(0o555)
    said: SimpleQueue[str] = SimpleQueue()
    with forked(open_as_nobody, f"sqlite:///{place}/log.db", said) as process:
        assert ended(process) == 0
    message = said.get()
    assert message.startswith(f"cannot open the log sqlite:///{place}/log.db: ")
    assert "; " in message


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "log.db", ""])
def test_a_url_that_names_no_file_is_refused_with_the_forms_that_do(url: str) -> None:
    with pytest.raises(LogError, match=f"cannot open the log {url}: .*sqlite:////absolute/path"):
        open_log(url)
