"""What the SQL sink's tables say after updates of every sort."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sinks.base import Sink, SinkDown, SinkError, Source
from sinks.database import open_database
from sinks.sql_schema import articles, metadata
from streams.messages import Evidence, Relation, StoryUpdate, Verdict
from tests.builders import START, Wire, article, copy_of, joined, related, revision_of, state, update
from tests.sinks.kinds import SqlKind
from tests.sinks.world import SOURCE, at, deliver, deliver_more

SEEN = Evidence(reason="sighting", threshold=1.25)


@pytest.fixture
def sink(sql: SqlKind, tmp_path: Path) -> Iterator[Sink]:
    opened = sql.open(tmp_path)
    yield opened
    opened.close()


def sighting(id: str, story: str | None = "S1", **changes: Any) -> StoryUpdate:  # noqa: A002
    return update(article(id, **changes), story, Verdict(verdict="sighting", family=id), SEEN)


# --- articles --------------------------------------------------------------------------------------------


def test_an_article_is_stored_whole_with_its_evidence_and_relations(sql, sink, tmp_path):
    of = article("a2", authors=("Ada", "Bo"), categories=("world",), image="https://i.example/1", lang="en")
    deliver(sink, update(article("a1")), update(of, "S1", copy_of("a1"), joined("S1", "a1")))
    with open_database(sql.url(tmp_path), create=False).begin() as connection:
        row = connection.execute(sqlalchemy.select(articles).where(articles.c.id == "a2")).mappings().one()
    for name in ("url", "title", "text", "source", "lang", "published", "fetched", "image"):
        assert row[name] == getattr(of, name), name
    assert (row["authors"], row["categories"]) == (["Ada", "Bo"], ["world"])
    assert (row["verdict"], row["duplicate_of"], row["family"], row["story_id"]) == ("near", "a1", "a1", "S1")
    assert row["evidence"]["best"]["members"][0]["parts"] == {"dense": 3.5, "names": 0.75, "time": 0.5}
    assert sql.ask(tmp_path, "SELECT * FROM relations") == [("a2", "a1", "near", 0.93, 0.97)]


def test_times_are_stored_in_utc_and_read_aware(sql, sink, tmp_path):
    berlin = datetime(2015, 9, 30, 14, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    naive = datetime(2015, 9, 30, 13, 0)  # noqa: DTZ001
    deliver(sink, update(article("a1", published=berlin, fetched=naive)))
    assert sql.ask(tmp_path, "SELECT published, fetched FROM articles") == [
        ("2015-09-30 12:00:00.123456", "2015-09-30 13:00:00.000000")
    ]
    with open_database(sql.url(tmp_path), create=False).begin() as connection:
        found = connection.execute(sqlalchemy.select(articles.c.published, articles.c.fetched)).one()
    assert found == (berlin, naive.replace(tzinfo=UTC))
    assert [time.tzinfo for time in found] == [UTC, UTC]


def test_a_sighting_adds_its_feed_and_nothing_else(sql, sink, tmp_path):
    deliver(sink, update(article("a1", feed="f1")))
    before = sql.dump(tmp_path)
    later = article("a1", feed="f2", title="Other", fetched=START + timedelta(days=1))
    deliver_more(sink, 1, update(later, "S1", Verdict(verdict="sighting", family="a1"), SEEN))
    assert sql.dump(tmp_path)["articles"] == before["articles"]
    assert sql.ask(tmp_path, "SELECT feed FROM article_feeds ORDER BY fetched") == [("f1",), ("f2",)]
    deliver_more(sink, 2, sighting("a1", feed="f1", fetched=START + timedelta(days=2)))
    assert len(sql.ask(tmp_path, "SELECT * FROM article_feeds")) == 2


def test_a_revision_brings_the_new_text_and_keeps_verdict_story_and_first_sight(sql, sink, tmp_path):
    first = update(article("a2", fetched=START), "S1", copy_of("a1"), joined("S1", "a1"))
    seen = START + timedelta(hours=3)
    new = article("a2", title="Corrected", text="New text.", fetched=seen, published=START + timedelta(hours=2))
    evidence = Evidence(reason="revision", threshold=1.25)
    deliver(sink, first, update(new, "S1", revision_of("a2"), evidence))
    columns = "title, text, verdict, duplicate_of, family, story_id, fetched, published, revised, revisions"
    assert sql.ask(tmp_path, f"SELECT {columns} FROM articles") == [
        (
            "Corrected",
            "New text.",
            "near",
            "a1",
            "a1",
            "S1",
            *(f"2015-09-30 {t}:00:00.000000" for t in (12, 12, 15)),
            1,
        )
    ]
    assert sql.ask(tmp_path, "SELECT evidence ->> 'reason' FROM articles") == [("joined",)]
    assert sql.ask(tmp_path, "SELECT other_id, kind FROM relations ORDER BY 1") == [
        ("a1", "near"),
        ("a2", "revision"),
    ]


def test_a_revision_dates_an_article_that_was_undated(sql, sink, tmp_path):
    first = update(article("a1", published=None, published_claim="soon"))
    deliver(sink, first, update(article("a1", text="New.", published=START), verdict=revision_of("a1")))
    assert sql.ask(tmp_path, "SELECT published, published_claim FROM articles") == [
        ("2015-09-30 12:00:00.000000", None)
    ]


def test_an_article_decided_anew_after_the_window_has_the_later_decision(sql, sink, tmp_path):
    old = update(article("a2"), "S1", copy_of("a1"), joined("S1", "a1"))
    again = update(article("a2", fetched=START + timedelta(days=20)), "S7")
    deliver(sink, old, again)
    assert sql.ask(tmp_path, "SELECT verdict, duplicate_of, story_id FROM articles") == [("original", None, "S7")]
    assert sql.ask(tmp_path, "SELECT * FROM relations") == []


def test_what_was_never_decided_here_is_kept_and_marked(sql, sink, tmp_path):
    lost = update(article("a9"), None, revision_of("a9"))
    deliver(sink, sighting("a8", story=None), lost)
    assert sql.ask(tmp_path, "SELECT id, verdict, story_id, evidence FROM articles ORDER BY id") == [
        ("a8", "sighting", None, None),
        ("a9", "revision", None, None),
    ]


@pytest.mark.parametrize("order", ["en first", "de first", "interleaved"])
def test_one_id_in_two_languages_is_one_row_whichever_partition_comes_first(sql, sink, tmp_path, order):
    english = [
        update(article("a1", lang="en"), "S-en"),
        update(
            article("a1", lang="en", text="Two.", fetched=START + timedelta(hours=9)), "S-en", revision_of("a1")
        ),
    ]
    german = [update(article("a1", lang="de", fetched=START + timedelta(hours=1)), "S-de")]
    first, last = english
    orders = {
        "en first": [*english, *german],
        "de first": [*german, *english],
        "interleaved": [first, *german, last],
    }
    deliver(sink, *orders[order], batch=1)
    assert sql.ask(tmp_path, "SELECT lang, story_id, text, verdict FROM articles") == [
        ("de", "S-de", german[0].article.text, "original")
    ]


# --- stories ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch", [1, 10])
def test_an_older_version_of_a_story_never_replaces_a_newer_one(sql, sink, tmp_path, batch):
    newer = update(article("a1"), changed=[state("S1", 5, title="New")])
    older = update(article("a2"), changed=[state("S1", 4, title="Old"), state("S2", 1)])
    deliver(sink, newer, older, batch=batch)
    assert sql.ask(tmp_path, "SELECT id, version, title FROM stories ORDER BY id") == [
        ("S1", 5, "New"),
        ("S2", 1, "Title of S2"),
    ]


@pytest.mark.parametrize("batch", [1, 2, 10])
def test_merges_move_the_articles_and_redirects_follow_the_chain(sql, sink, tmp_path, batch):
    deliver(
        sink,
        update(article("a1"), "S1", changed=[state("S1")]),
        update(article("a2"), "S2", changed=[state("S2")]),
        update(article("a3"), "S3", changed=[state("S3")]),
        update(article("a4"), "S2", changed=[state("S2", 3)], merged=[("S1", "S2")]),
        update(article("a5"), "S3", changed=[state("S3", 6)], merged=[("S2", "S3")]),
        update(article("a6"), "S1", copy_of("a1")),  # names a story that is gone
        batch=batch,
    )
    assert sql.ask(tmp_path, "SELECT story_id, count(*) FROM articles GROUP BY 1") == [("S3", 6)]
    assert sql.ask(tmp_path, "SELECT id, merged_into FROM stories ORDER BY id") == [
        ("S1", "S3"),
        ("S2", "S3"),
        ("S3", None),
    ]


@pytest.mark.parametrize("batch", [1, 10])
def test_a_merge_of_a_story_that_was_never_seen_still_redirects(sql, sink, tmp_path, batch):
    deliver(
        sink,
        update(article("a1"), "S2", changed=[state("S2", 4)], merged=[("S0", "S1"), ("S1", "S2")]),
        update(article("a2"), "S0", copy_of("a1")),
        batch=batch,
    )
    assert sql.ask(tmp_path, "SELECT id, merged_into FROM stories ORDER BY id") == [
        ("S0", "S2"),
        ("S1", "S2"),
        ("S2", None),
    ]
    assert sql.ask(tmp_path, "SELECT DISTINCT story_id FROM articles") == [("S2",)]


@pytest.mark.parametrize("batch", [1, 10])
def test_merges_that_contradict_one_another_lose_no_story(sql, sink, tmp_path, batch):
    deliver(
        sink,
        update(article("a1"), "S1", changed=[state("S1"), state("S2"), state("S3")]),
        update(article("a2"), "S2", merged=[("S1", "S2")]),
        update(article("a3"), "S1", merged=[("S2", "S1")]),  # back again
        update(article("a4"), "S3", merged=[("S1", "S3"), ("S3", "S3")]),  # and elsewhere; and into itself
        batch=batch,
    )
    assert sql.ask(tmp_path, "SELECT id, merged_into FROM stories ORDER BY id") == [
        ("S1", "S2"),
        ("S2", None),
        ("S3", None),
    ]
    assert sql.ask(tmp_path, "SELECT id, story_id FROM articles ORDER BY id") == [
        ("a1", "S2"),
        ("a2", "S2"),
        ("a3", "S2"),
        ("a4", "S3"),
    ]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), batch=st.integers(1, 60))
def test_tables_do_not_depend_on_the_batches(sql, tmp_path_factory, seed, batch):
    updates = list(Wire(seed, ("en", "de")).updates(60))
    dumps = []
    for size in (batch, 60):
        folder = tmp_path_factory.mktemp("sink")
        sink = sql.open(folder)
        deliver(sink, *updates, batch=size)
        sink.close()
        dumps.append(sql.dump(folder))
    assert dumps[0] == dumps[1]


def test_counts_of_a_whole_stream_agree_with_the_rows(sql, sink, tmp_path):
    deliver(sink, *Wire(11).updates(500), batch=50)
    counted = sql.ask(tmp_path, "SELECT story_id, count(*) FROM articles GROUP BY 1 ORDER BY 1")
    told = sql.ask(tmp_path, "SELECT id, articles FROM stories WHERE merged_into IS NULL ORDER BY 1")
    assert counted == told
    assert len(sql.ask(tmp_path, "SELECT * FROM stories WHERE merged_into IS NOT NULL")) > 3


# --- the database ----------------------------------------------------------------------------------------


def test_another_writer_is_noticed_and_nothing_is_written_twice(sql, sink, tmp_path):
    other = sql.open(tmp_path)
    sink.resume(SOURCE, [0])
    other.resume(SOURCE, [0])
    deliver_more(other, 0, update(article("a1"), changed=[state("S1", 1)]))
    sink.add([at(0, update(article("a1", title="twice"), changed=[state("S1", 2)]))])
    with pytest.raises(SinkDown, match="another process has written partition 0 in the meantime"):
        sink.flush({0: 1})
    assert sql.ask(tmp_path, "SELECT title FROM articles") == [("Headline of a1",)]
    assert sink.resume(SOURCE, [0]) == {0: 1}


def test_a_log_that_delivered_nothing_yet_may_be_replaced(sink):
    sink.resume(Source("old", "stories"), [0, 1])
    assert sink.resume(Source("new", "stories"), [0]) == {0: 0}


def test_a_newer_schema_is_refused_with_the_remedy(sql, sink, tmp_path):
    sql.ask(tmp_path, "UPDATE meta SET value = '3' RETURNING value")
    with pytest.raises(SinkError, match=r"\(schema 3, this one reads 2\); use that version, or name another"):
        sql.open(tmp_path)


def test_every_table_and_column_is_documented():
    text = (Path(__file__).parents[2] / "docs" / "schema.md").read_text()
    for table in metadata.sorted_tables:
        section = text.partition(f"## `{table.name}`")[2].partition("\n## ")[0]
        assert section, table.name
        missing = [column.name for column in table.c if f"| `{column.name}` |" not in section]
        assert not missing, (table.name, missing)


def test_relations_of_every_kind_are_kept(sql, sink, tmp_path):
    kinds = ("contains", "near", "excerpt")
    relations = tuple(Relation(id="a1", kind=kind, jaccard=0.5, containment=0.9) for kind in kinds)
    deliver(sink, update(article("a2"), verdict=Verdict(verdict="original", family="a2", relations=relations)))
    assert len(sql.ask(tmp_path, "SELECT * FROM relations")) == 3


def test_links_between_stories_are_kept_as_they_were_first_told(sql, sink, tmp_path):
    both = [state("S1"), state("S2")]
    first = update(article("a1"), "S1", changed=both, links=[related("S2", -0.5, gap_days=None)])
    again = update(article("a2"), "S1", links=[related("S2", 0.5)])
    deliver(sink, first, again)
    assert sql.ask(tmp_path, "SELECT story_id, other_id, article_id, score, gap_days FROM related_stories") == [
        ("S1", "S2", "a1", -0.5, None)
    ]
