"""`storywire replay` from files to printed stories, through the real stages, log and sink."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.service.command import Storywire

EVENTS = {
    "bridge": "The old railway bridge over the river Alden collapsed on Monday after days of heavy rain. Police "
    "closed the valley road, divers searched the water, and trains from the coast will stop at Dorring for weeks. "
    "The mayor had asked for repairs since the spring, when cracks were found in two of the nine stone arches.",
    "vote": "Parliament in Castellan lowered the voting age to sixteen after a debate that lasted until midnight. "
    "The opposition leader called it a gamble; schools are to teach how laws are made from next autumn on. "
    "Some two hundred thousand pupils may take part in the election of May, more than in any year before.",
}
CLOSING = {"bridge": "Engineer {} blamed rust in the pillars.", "vote": "Deputy {} spoke of a historic day."}


def line(number: int, event: str, **changes: Any) -> str:
    article = {
        "id": f"{event}-{number}",
        "title": f"{event.title()} report number {number}",
        "text": f"{EVENTS[event]} {CLOSING[event].format('ABC'[number - 1])}",
        "published": f"2015-10-0{number}T08:00:00Z",
        "source": f"Outlet {number}",
        "url": f"https://outlet{number}.example/{event}",
    }
    return json.dumps({**article, **changes})


@pytest.fixture
def week(tmp_path: Path) -> Path:
    path = tmp_path / "week.jsonl"
    path.write_text("\n".join(line(number, event) for number in (1, 2, 3) for event in EVENTS) + "\n")
    return path


def replayed(storywire: Storywire, *arguments: str | Path, **variables: str) -> dict[str, Any]:
    done = storywire("replay", *arguments, "--json", **variables)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_every_article_is_in_one_story_and_nothing_is_left_behind(storywire: Storywire, week: Path) -> None:
    result = replayed(storywire, week)
    assert set(result) == {"stories", "duplicates"}
    articles = [article for story in result["stories"] for article in story["articles"]]
    assert sorted(articles) == sorted(f"{event}-{number}" for number in (1, 2, 3) for event in EVENTS)
    assert set(result["stories"][0]) == {
        "id", "title", "articles", "sources", "independent_texts", "first_published", "last_published",
    }  # fmt: skip
    assert all(len({article.split("-")[0] for article in story["articles"]}) == 1 for story in result["stories"])
    duplicate = result["duplicates"][0]
    assert set(duplicate) == {"id", "duplicate_of", "family", "verdict", "jaccard", "containment"}
    assert not list((storywire.folder / "var/replay").glob("*")), "without --keep the results go"


def test_hash_seed_and_batches_change_not_a_byte(storywire: Storywire, data: Path) -> None:
    file = data / "stories/syria_2015.jsonl"
    one = storywire("replay", file, "--json", PYTHONHASHSEED="1", STORYWIRE_WORKER__BATCH="7")
    two = storywire("replay", file, "--json", PYTHONHASHSEED="2", STORYWIRE_WORKER__BATCH="100")
    assert one.returncode == two.returncode == 0, one.stderr + two.stderr
    assert one.stdout == two.stdout
    assert len(json.loads(one.stdout)["stories"]) > 10


def test_kafka_and_the_embedded_log_give_the_same_stories_and_evidence(
    storywire: Storywire, data: Path, kafka: str
) -> None:
    file, namespace = data / "stories/syria_2015.jsonl", f"same-{uuid4().hex[:8]}"
    options = ("--namespace", namespace, "--keep", "--json")
    embedded = storywire("replay", file, *options)
    rows = dump(storywire.folder / f"var/replay/{namespace}.db")
    brokered = storywire("replay", file, *options, "--fresh", "--log", f"kafka://{kafka}")
    assert brokered.returncode == embedded.returncode == 0, brokered.stderr
    assert brokered.stdout == embedded.stdout
    assert dump(storywire.folder / f"var/replay/{namespace}.db") == rows
    assert len(rows["articles"]) == 177


def dump(path: Path) -> dict[str, list[Any]]:
    """All rows of a replay but the positions in its log."""
    with closing(sqlite3.connect(path)) as database:
        return {
            table: sorted(database.execute(f"SELECT * FROM {table}").fetchall(), key=str)
            for table in ("articles", "stories", "relations", "article_feeds")
        }


def test_a_kept_replay_can_be_read_again_and_is_not_overwritten(storywire: Storywire, week: Path) -> None:
    kept = replayed(storywire, week, "--namespace", "test", "--keep")
    story = kept["stories"][0]["id"]

    listed = json.loads(storywire("stories", "--namespace", "test", "--json").stdout)
    assert {one["id"] for one in listed["stories"]} == {one["id"] for one in kept["stories"]}
    shown = storywire("story", story[:8], "--namespace", "test")
    assert "report number" in shown.stdout, shown.stderr
    explained = json.loads(storywire("explain", "vote-2", "--namespace", "test", "--json").stdout)
    assert {"text", "story"} <= set(explained)

    again = storywire("replay", week, "--namespace", "test")
    assert (again.returncode, "--fresh" in again.stderr) == (4, True)
    assert replayed(storywire, week, "--namespace", "test", "--fresh") == kept


def test_the_services_own_namespace_is_refused(storywire: Storywire, week: Path) -> None:
    (storywire.folder / "storywire.yaml").write_text("namespace: news\n")
    done = storywire("replay", week, "--namespace", "news")
    assert done.returncode == 4
    assert "is the service's own" in done.stderr


def test_a_bad_line_is_named_and_costs_no_other(storywire: Storywire, tmp_path: Path) -> None:
    path = tmp_path / "mixed.jsonl"
    path.write_text("\n".join([line(1, "vote"), "{not json", line(2, "vote"), '"a string"']))
    done = storywire("replay", path, "--json")
    assert done.returncode == 0, done.stderr
    assert f"{path}:2: is not JSON" in done.stderr
    assert f"{path}:4: is no article" in done.stderr
    found = json.loads(done.stdout)["stories"]
    assert sorted(article for story in found for article in story["articles"]) == ["vote-1", "vote-2"]


def test_an_undated_article_stays_undated_and_is_told_so(storywire: Storywire, tmp_path: Path) -> None:
    path = tmp_path / "article.txt"
    path.write_text("A headline\nSome text about the harbour of a small town and its new lighthouse.\n")
    done = storywire("replay", path, "--json")
    assert "1 of 1 articles are undated; --published DATE dates them" in done.stderr
    assert json.loads(done.stdout)["stories"][0]["first_published"] is None
    dated = replayed(storywire, path, "--published", "2015-10-01")
    assert dated["stories"][0]["first_published"] == "2015-10-01T00:00:00Z"


def test_a_missing_file_is_named(storywire: Storywire) -> None:
    done = storywire("replay", "nowhere.jsonl")
    assert done.returncode == 4
    assert "nowhere.jsonl: no such file" in done.stderr


def test_the_seed_article_lands_in_the_story_of_the_air_strikes(storywire: Storywire, data: Path) -> None:
    rows = [row.split("\t") for row in (data / "stories/syria_2015.strikes.tsv").read_text().splitlines()[1:]]
    parts = {part: {name for name, kind in rows if kind == part} for part in ("core", "follow-up")}
    files = (data / "stories/syria_2015.jsonl", data / "seed_article.txt")
    model = {"STORYWIRE_EMBED__MODEL": "all-MiniLM-L6-v2"}
    result = replayed(storywire, *files, "--published", "2015-10-01", "--namespace", "test", **model)
    known = {json.loads(line)["id"] for line in files[0].read_text().splitlines()}
    (story,) = [story for story in result["stories"] if set(story["articles"]) - known]
    members = set(story["articles"])
    assert len(members & parts["core"]) >= 4
    assert len(members - parts["core"] - parts["follow-up"]) == 1, "nothing but core, follow-ups and the seed"
