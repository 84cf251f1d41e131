"""The whole service, from a feed over HTTP to the database, while random stages are killed."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from streams.connect import connect
from tests.service.wire_feed import Newsroom, news
from tests.waiting import wait_for

SETTINGS = """
log: sqlite:///log.db
feeds: feeds.yaml
sinks: ['sqlite:///stories.db', 'jsonl:stories']
log_level: warning
worker: {batch: 5, poll_seconds: 0.05}
poller:
  allow_private_networks: true
  host_spacing_seconds: 0
  first_poll_days: null
  interval_minutes: 0.002
  min_interval_minutes: 0.002
embed: {model: hashing}
supervisor: {restart_seconds: 0.1, max_restart_seconds: 1}
"""
EDITION = 100
"""Articles that the feed brings at once: several batches, so that a kill meets all stages at work."""


@contextmanager
def service(folder: Path, url: str) -> Iterator[subprocess.Popen[bytes]]:
    """`storywire run` in a folder of its own, ended by SIGTERM."""
    (folder / "storywire.yaml").write_text(SETTINGS)
    (folder / "feeds.yaml").write_text(f"feeds:\n- url: {url}\n  source: Wire\n")
    process = subprocess.Popen([sys.executable, "-m", "service.cli", "run"], cwd=folder)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=12) == 0


def stages(supervisor: int) -> dict[str, int]:
    """Pids of the running stages by name (several sinks: by number)."""
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    found = {}
    for pid in map(int, children):
        try:
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
        except FileNotFoundError:
            continue
        if "run" in arguments:
            found[" ".join(arguments[arguments.index("run") + 1 :]).strip()] = pid
    return found


def rows(folder: Path, query: str) -> list[Any]:
    path = folder / "stories.db"
    if not path.exists():
        return []
    with closing(sqlite3.connect(path)) as database:
        try:
            return database.execute(query).fetchall()
        except sqlite3.OperationalError:
            return []  # the sink has not made its tables yet


def arrived(folder: Path) -> int:
    return rows(folder, "SELECT count(*) FROM articles")[0][0] if rows(folder, "SELECT 1 FROM articles") else 0


def reached(folder: Path, count: int) -> bool:
    return arrived(folder) >= count


def lines(folder: Path) -> int:
    """Lines in the segments of the JSONL sink."""
    try:
        return sum(path.read_bytes().count(b"\n") for path in folder.glob("stories/stories-*"))
    except FileNotFoundError:
        return 0  # the sink renamed a segment while we looked


def outcome(folder: Path) -> dict[str, Any]:
    """All that must not depend on kills: rows, verdicts, stories, and what went to files."""
    return {
        "articles": rows(folder, "SELECT id, verdict, duplicate_of, family, story_id FROM articles ORDER BY id"),
        "stories": rows(
            folder, "SELECT id, title, articles, sources, independent_texts, merged_into FROM stories ORDER BY id"
        ),
        "lines": lines(folder),
    }


def run(folder: Path, count: int, kills: int, rng: random.Random) -> dict[str, Any]:
    folder.mkdir()
    newsroom = Newsroom(news(count))
    thresholds = sorted(rng.sample(range(1, count), kills))
    with newsroom.serving(), service(folder, newsroom.url) as process:
        while newsroom.shown < count or arrived(folder) < count:
            newsroom.shown = min(count, arrived(folder) + EDITION)
            wanted = min([newsroom.shown, *thresholds[:1]])
            wait_for(partial(reached, folder, wanted), 60, f"{wanted} articles")
            while thresholds and reached(folder, thresholds[0]):
                thresholds.pop(0)
                name, pid = rng.choice(sorted(wait_for(lambda: stages(process.pid)).items()))
                print(f"kill {name}")
                os.kill(pid, signal.SIGKILL)
        wait_for(lambda: lines(folder) >= count, 60, "the last line of the JSONL sink")
    with closing(connect(f"sqlite:///{folder / 'log.db'}")) as log:
        dead = [record for p in range(4) for record in log.read("dead-letters", p)]
    assert not dead
    return outcome(folder)


def check(tmp_path: Path, count: int, kills: int, seed: int) -> None:
    print(f"seed {seed}")
    undisturbed = run(tmp_path / "undisturbed", count, 0, random.Random(seed))
    assert len(undisturbed["articles"]) == count == undisturbed["lines"]
    verdicts = {row[1] for row in undisturbed["articles"]}
    assert {"original", "near"} <= verdicts, "the news must give dedup something to find"
    assert len(undisturbed["stories"]) < count, "the news must give cluster something to gather"
    assert run(tmp_path / "disturbed", count, kills, random.Random(seed)) == undisturbed


@pytest.mark.timeout(150)
def test_five_kills_change_nothing(tmp_path: Path) -> None:
    check(tmp_path, count=300, kills=5, seed=random.SystemRandom().randrange(1_000_000))


@pytest.mark.chaos
@pytest.mark.timeout(900)
def test_forty_kills_change_nothing(tmp_path: Path) -> None:
    check(tmp_path, count=800, kills=40, seed=random.SystemRandom().randrange(1_000_000))
