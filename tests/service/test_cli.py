"""Messages and exit codes of the command line, and what it imports."""

import json
import os
import signal
from contextlib import closing
from pathlib import Path

import pytest

from service.exits import Exit
from streams.connect import connect
from streams.log import Append
from tests.service.command import Storywire
from tests.waiting import wait_for


def test_version_and_help(storywire: Storywire) -> None:
    assert storywire("--version").stdout.startswith("storywire ")
    for command in ("run", "replay", "eval"):
        assert "Example" in storywire(command, "--help").stdout


def test_settings_in_force_are_shown_with_their_origin(storywire: Storywire) -> None:
    shown = storywire("config", "show", "--log", "sqlite:///mine.db").stdout
    assert "log: sqlite:///mine.db   # --log" in shown
    assert "model: hashing   # $STORYWIRE_EMBED__MODEL" in shown


@pytest.mark.parametrize(
    ("arguments", "settings", "code", "message"),
    [
        (["run", "nostage"], "", Exit.USAGE, "is none of poller, dedup"),
        (["run", "dedup", "--sink", "console:"], "", Exit.USAGE, "goes with the stage"),
        (["run"], "dedup: {windw: 1}", Exit.CONFIG, "storywire.yaml:1: dedup.windw: unknown setting"),
        (["run"], "feeds: nowhere.yaml", Exit.CONFIG, "nowhere.yaml: cannot be read"),
        (["run", "sinks", "--sink", "console:"], "sinks: []", Exit.CONFIG, "is not among the configured sinks"),
        (["run"], "log: kafka://localhost", Exit.STORE, "'localhost' is no host:port"),
        (["topics", "lag"], "log: kafka://127.0.0.1:9", Exit.STORE, "kafka://127.0.0.1:9: "),
        (["topics", "lag"], "", Exit.STORE, "`storywire topics create` creates it"),
        (["run"], "log: sqlite:///storywire.yaml", Exit.STORE, "sqlite:///storywire.yaml"),
        (["run"], "sinks: ['sqlite:///storywire.yaml']", Exit.STORE, "sqlite:///storywire.yaml"),
        (["run"], "sinks: ['jsonl:storywire.yaml']", Exit.STORE, "jsonl:storywire.yaml"),
        (["stories"], "", Exit.STORE, "var/stories.db"),
        (["stories"], "sinks: ['console:']", Exit.CONFIG, "no SQL sink is configured"),
        (["stories", "--namespace", "nope"], "", Exit.STORE, "var/replay/nope.db"),
        (["replay", "x.txt", "--published", "soon"], "", Exit.USAGE, "is no ISO 8601 date"),
        (["eval", "nowhere.jsonl"], "", Exit.INPUT, "nowhere.jsonl: no such file"),
        (["eval", "a", "b", "--out", "c"], "", Exit.USAGE, "takes exactly one FILE"),
        (["eval"], "", Exit.USAGE, "at least one is needed"),
        (["eval", "a", "--errors", "--ablations"], "", Exit.USAGE, "go one at a time"),
        (["eval", "--compare", "old.jsonl", "new.jsonl"], "", Exit.INPUT, "old.jsonl: cannot be read"),
    ],
)
def test_a_mistake_has_a_message_and_a_code(
    storywire: Storywire, arguments: list[str], settings: str, code: Exit, message: str
) -> None:
    (storywire.folder / "storywire.yaml").write_text(settings)
    done = storywire(*arguments)
    said = " ".join(done.stderr.replace("│", " ").split())
    assert (done.returncode, message in said) == (code, True), done.stderr
    assert "Traceback" not in done.stderr


def test_a_dead_letter_says_why_and_the_stage_goes_on_without_torch(storywire: Storywire) -> None:
    process = storywire.start("run", "cluster", "--log", "sqlite:///log.db")
    path = storywire.folder / "log.db"
    try:
        with closing(connect(f"sqlite:///{path}")) as log:
            wait_for(lambda: "cluster-changelog" in log.topics())
            log.append([Append("embedded", 1, "en", b'{"schema": 99}', {"trace": "t1"})])
            (letter,) = wait_for(lambda: list(log.read("dead-letters", 1)))
            assert letter.value == b'{"schema": 99}'
            assert "schema version 99" in letter.headers["message"]
            assert letter.headers["stage"] == "cluster"
            assert letter.headers["trace"] == "t1"
            assert log.committed("cluster", "embedded")[1] == 1
        assert "torch" not in Path(f"/proc/{process.pid}/maps").read_text()
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


def test_reading_commands_leave_torch_alone(storywire: Storywire) -> None:
    done = storywire("stories", PYTHONPROFILEIMPORTTIME="1")
    imported = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines() if "|" in line}
    assert "service.reading" in imported
    assert not imported & {"torch", "transformers", "sentence_transformers", "feedparser", "trafilatura"}


def test_a_second_service_on_the_same_data_is_refused(storywire: Storywire) -> None:
    (storywire.folder / "storywire.yaml").write_text("feeds: feeds.yaml\n")
    (storywire.folder / "feeds.yaml").write_text("feeds: []\n")
    first = storywire.start("run")
    try:
        wait_for(lambda: (storywire.folder / "var/log.db").exists())
        second = storywire("run")
        assert second.returncode == Exit.STORE
        assert "another `storywire run`" in second.stderr
    finally:
        os.kill(first.pid, signal.SIGTERM)
        assert first.wait(timeout=10) == 0


def test_topics_are_created_described_and_their_lag_is_told(storywire: Storywire) -> None:
    missing = json.loads(storywire("topics", "describe", "--json").stdout)["topics"]
    assert len(missing) == 10
    assert not any(topic["exists"] for topic in missing)
    created = json.loads(storywire("topics", "create", "--json").stdout)["topics"]
    assert created == json.loads(storywire("topics", "describe", "--json").stdout)["topics"]
    assert all(topic["exists"] for topic in created)
    assert {topic["name"]: topic["cleanup"] for topic in created}["dedup-changelog"] == "compact"
    with closing(connect(f"sqlite:///{storywire.folder}/var/log.db")) as log:
        log.append([Append("articles", 2, "en", b"{}")] * 3)
    told = json.loads(storywire("topics", "lag", "--json").stdout)["groups"]
    groups = {one["group"]: one["lag"] for one in told}
    assert groups["dedup"] == {"0": 0, "1": 0, "2": 3, "3": 0}
    assert set(groups) >= {"poller", "dedup", "embed", "cluster", "sink-console"}
    table = storywire("topics", "lag").stdout
    assert "dedup" in table
    assert "2: 3" in table
