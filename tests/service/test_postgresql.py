"""The command with stories in PostgreSQL: what it reads, what it says, and a password that shows nowhere."""

import json
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
import pytest

from config.settings import load
from config.yamlfile import ConfigError
from service.exits import Exit
from sinks.open import open_sink, sink_name
from tests.builders import Wire
from tests.service.command import COMMAND, Storywire
from tests.service.story_database import STRIKES, UPDATES
from tests.sinks.world import deliver, new_log, put
from tests.waiting import wait_for

LOCAL = ["jsonl:stories", "sqlite:///stories.db"]


@pytest.fixture
def configured(storywire: Storywire, database: str) -> Storywire:
    """With a PostgreSQL sink before a SQLite one, the password in the URL."""
    configure(storywire, database)
    return storywire


def configure(storywire: Storywire, database: str, *local: str) -> None:
    (storywire.folder / "storywire.yaml").write_text(
        "log: sqlite:///log.db\nfeeds: feeds.yaml\ntopics: {partitions: 2}\n"
        f"sinks: {json.dumps([database, *(local or LOCAL)])}\n"
    )
    (storywire.folder / "feeds.yaml").write_text("feeds: []\n")


def secrets(url: str) -> set[str]:
    """The password of a URL, as it is and as it is written."""
    written = urlsplit(url).password or ""
    return {written, unquote(written)} - {""}


def said(done: subprocess.CompletedProcess[str], url: str) -> str:
    """All that a command said, the password not being in it."""
    text = done.stdout + done.stderr
    assert secrets(url)
    assert not [word for word in secrets(url) if word in text]
    assert "Traceback" not in text
    return " ".join(text.split())


def test_the_reading_commands_use_the_first_database_of_either_kind(configured, database):
    sink = open_sink(database)
    deliver(sink, *UPDATES)
    sink.close()
    assert STRIKES[:12] in said(configured("stories"), database)
    assert "B joined by A." in said(configured("explain", "a1", "a2"), database)
    assert '"answers": 0' in said(configured("calibrate", "--json"), database)


def test_settings_are_shown_without_the_password(configured, database):
    assert f"postgresql://{urlsplit(database).username}:***@" in said(configured("config", "show"), database)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda url: url.replace("@", "x@"), "password authentication failed for user"),
        (lambda url: url.replace("@", "@@"), "cannot be told apart; use postgresql://user@host:port/database"),
    ],
)
def test_a_database_that_cannot_be_read_has_a_message_and_a_code(storywire, database, change, message):
    configure(storywire, change(database))
    done = storywire("stories")
    assert message in said(done, database)
    assert done.returncode == Exit.STORE


def test_settings_of_another_shape_do_not_show_it_either(tmp_path, monkeypatch, database):
    path = tmp_path / "storywire.yaml"
    for text, message in (
        (f"sinks: {database}", "sinks: input should be a valid tuple"),
        (f"log: {database}", "log: is no URL of a log"),
        (f"sinks: ['{database}', '{database}']", "is listed twice"),
        (f"sinks: ['{database.replace('postgresql', 'postgres')}']", "is no URL of a sink; use console:, jsonl:"),
    ):
        path.write_text(text)
        with pytest.raises(ConfigError) as caught:
            load(path, {})
        assert message in str(caught.value)
        assert not [word for word in secrets(database) if word in str(caught.value)]
    monkeypatch.setenv("STORYWIRE_SINKS", database)
    with pytest.raises(ConfigError, match="written as JSON") as caught:
        load(None, {})
    assert not [word for word in secrets(database) if word in str(caught.value)]


def test_two_urls_of_one_place_are_refused(storywire, database):
    configure(storywire, database, f"{database}?sslmode=prefer")
    done = storywire("run")
    assert "are the same place" in said(done, database)
    assert done.returncode == Exit.CONFIG


def test_a_sink_that_is_not_configured_is_refused_with_the_names_of_those_that_are(configured, database):
    done = configured("run", "sinks", "--sink", f"{database}x")
    assert done.returncode == Exit.CONFIG
    for url in (database, f"jsonl:{configured.folder}/stories", f"sqlite:///{configured.folder}/stories.db"):
        assert sink_name(url) in said(done, database)


def test_a_sink_that_must_be_set_right_first_ends_the_start(configured, database):
    configure(configured, database.replace("@", "x@"))
    done = configured("run")
    assert "password authentication failed" in said(done, database)
    assert done.returncode == Exit.STORE


def test_one_sink_runs_by_its_url(configured, database):
    log = new_log(configured.folder)
    put(log, Wire(1).updates(20))
    process = configured.start("run", "sinks", "--sink", database)
    try:
        wait_for(lambda: sum(log.committed(f"sink-{sink_name(database)}", "stories").values()) == 20)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) > 3 FROM stories").fetchone() == (True,)


def commands(parent: int) -> list[str]:
    """What the process list says of a process and its children."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            pid, above = int(path.name), int((path / "stat").read_text().rpartition(")")[2].split()[1])
            if parent in (pid, above):
                found.append((path / "cmdline").read_text().replace("\0", " "))
    return found


def test_the_service_shows_the_password_neither_in_its_log_nor_in_the_process_list(configured, database):
    with (configured.folder / "said").open("wb") as file:
        process = subprocess.Popen(
            [*COMMAND, "run"], cwd=configured.folder, env=configured.environment(), stdout=file, stderr=file
        )
    try:
        sinks = (database, f"jsonl:{configured.folder}/stories", f"sqlite:///{configured.folder}/stories.db")
        for name in map(sink_name, sinks):
            wait_for(
                lambda n=name: f"--sink {n} " in " ".join(commands(process.pid)), what=f"the process of {name}"
            )
        assert not [word for word in secrets(database) for each in commands(process.pid) if word in each]
        wait_for(
            lambda: "next poll" in log_of(configured) or "articles 0" in log_of(configured), what="a status line"
        )
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    assert f"postgresql://{urlsplit(database).username}:***@" in log_of(configured)
    assert not [word for word in secrets(database) if word in log_of(configured)]


def log_of(storywire: Storywire) -> str:
    return (storywire.folder / "said").read_text()
