"""What the reading commands find in the database."""

from datetime import UTC, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from service.exits import Exit, UserError
from service.lookup import NotFound
from service.reading import Reader
from sinks.database import open_database
from sinks.sql_schema import articles
from sinks.sql_write import write
from streams.messages import Related, StoryUpdate
from tests.builders import START, Wire, article, joined, related, state, update
from tests.service.story_database import GONE, STRIKES, TALKS, UPDATES, newsroom
from tests.sinks.kinds import SQLITE, postgresql


@pytest.fixture
def room(sql, tmp_path):
    """Opens the newsroom, on each kind of database."""
    opened = []

    def room(updates=UPDATES):
        opened.append(newsroom(tmp_path, updates, sql))
        return opened[-1]

    yield room
    for reader in opened:
        reader.close()


@pytest.fixture
def reader(room):
    return room()


def test_stories_that_were_merged_away_are_not_listed_and_the_latest_come_first(reader):
    assert [story.id for story in reader.stories()] == [STRIKES, TALKS]
    assert [story.id for story in reader.stories(limit=1, offset=1)] == [TALKS]


def test_stories_by_size_break_ties_by_time_and_then_by_id(room):
    changed = [
        state("undated", articles=2, first_published=None),
        state("late", articles=2, first_published=START + timedelta(days=1)),
        state("b-early", articles=2),
        state("a-early", articles=2),
        state("large", articles=3, first_published=START + timedelta(days=2)),
    ]
    reader = room([update(article(), changed=changed)])
    assert [story.id for story in reader.stories(sort="size")] == [
        "large",
        "a-early",
        "b-early",
        "late",
        "undated",
    ]


def test_pages_of_a_long_list_leave_nothing_out_and_repeat_nothing(room):
    reader = room(list(Wire(4).updates(200)))
    pages = [story.id for offset in range(0, 200, 7) for story in reader.stories(limit=7, offset=offset)]
    assert pages == [story.id for story in reader.stories()]
    assert len(pages) == len(set(pages)) > 50


def test_a_story_is_read_with_its_timeline_and_the_undated_last(reader):
    found = reader.story(STRIKES)
    assert [member.article.id for member in found.members] == ["a1", "a2", "a3", "a5", "a6", "a4"]
    assert found.members[2].match.jaccard == 0.9312
    assert found.story.first_published.tzinfo is UTC


@pytest.mark.parametrize("asked", [GONE, GONE[:9]])
def test_a_story_that_was_merged_away_leads_to_the_one_it_became(reader, asked):
    found = reader.story(asked)
    assert (found.asked, found.story.id) == (GONE, STRIKES)


def test_a_unique_beginning_of_an_id_is_enough(reader):
    assert reader.story("ST-7").story.id == TALKS
    assert reader.explain("t").article.id == "t1"


def test_an_ambiguous_beginning_lists_what_it_could_mean(reader):
    with pytest.raises(NotFound, match=r"'a' begins several ids, give more of it: a1, a2, a3, a4, a5, a6$"):
        reader.explain("a")


def test_a_long_list_of_meanings_is_cut(room):
    reader = room([update(article(f"a{n:02}")) for n in range(30)])
    with pytest.raises(NotFound, match=r"a00, .*, a09 …$"):
        reader.explain("a")


def test_the_whole_id_wins_over_longer_ones_that_begin_so(room):
    reader = room([update(article("a1")), update(article("a10")), update(article("A1%_"))])
    assert reader.explain("a1").article.id == "a1"
    assert reader.explain("A").article.id == "A1%_"
    with pytest.raises(NotFound):
        reader.explain("_")


def test_an_article_is_found_by_its_url(reader):
    assert reader.explain("https://news.example/a3").article.id == "a3"


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda r: r.story("a1"), f"there is no story 'a1'; that is an article of the story {STRIKES}"),
        (lambda r: r.explain(TALKS), f"there is no article '{TALKS}'; that is a story: storywire story {TALKS}"),
        (lambda r: r.story("ST-3f2a90c1d2e4b6"), f"no story 'ST-3f2a90c1d2e4b6'; did you mean {STRIKES}?"),
        (lambda r: r.explain("nonsense"), "there is no article 'nonsense'; `storywire stories` lists the stories"),
        (lambda r: r.story(""), "there is no story ''"),
    ],
)
def test_an_unknown_id_says_what_to_try(reader, ask, message):
    with pytest.raises(NotFound) as caught:
        ask(reader)
    assert message in str(caught.value)
    assert caught.value.code is Exit.INPUT


def test_an_explanation_brings_the_titles_of_all_it_mentions(reader):
    found = reader.explain("a3")
    assert set(found.articles) == {"a2"}
    assert found.story.id == STRIKES
    joined = reader.explain("a2")
    assert set(joined.articles) == {"a1", "a3", "t1"}
    assert {then: story.id for then, story in joined.stories.items()} == {STRIKES: STRIKES, TALKS: TALKS}
    assert joined.copies == 3


def test_evidence_that_names_a_story_since_merged_leads_to_what_it_became(room):
    updates = [
        update(article("a1"), "S1", changed=[state("S1")]),
        update(article("a2"), "S2", changed=[state("S2")]),
        update(article("a3"), "S1", evidence=joined("S1", "a1"), merged=[("S1", "S2")]),
    ]
    found = room(updates).explain("a3")
    assert found.stories["S1"].id == "S2"


def test_an_article_without_story_or_evidence_is_explained_as_far_as_it_goes(room):
    found = room([update(article("a1"), None)]).explain("a1")
    assert (found.story, found.evidence) == (None, None)


def test_feeds_are_listed_in_the_order_in_which_they_brought_it(reader):
    assert reader.explain("a1").feeds == ["https://news.example/feed.xml", "https://other.example/feed"]


def test_a_missing_database_is_an_error_and_is_not_created(tmp_path):
    path = tmp_path / "none.db"
    with pytest.raises(UserError, match=r"none.db: there is no such database; it comes into being when") as caught:
        Reader(f"sqlite:///{path}")
    assert caught.value.code is Exit.STORE
    assert not path.exists()


@pytest.mark.parametrize("content", [b"", b"no database" * 100])
def test_a_file_that_is_no_database_of_ours_is_one_clear_error(tmp_path, content):
    path = tmp_path / "other.db"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"other.db: (is no database of Storywire's|file is not a database)"):
        Reader(f"sqlite:///{path}")
    assert path.read_bytes() == content


def test_reading_goes_on_while_the_sink_writes_and_sees_whole_transactions(room, sql, tmp_path):
    reader = room([])
    writing = open_database(sql.url(tmp_path), create=True)
    with writing.begin() as connection:
        write(connection, UPDATES)
        assert reader.article_ids() == set()
    assert len(reader.article_ids()) == 7
    writing.close()


def test_what_is_read_for_one_answer_belongs_together(room, sql, tmp_path):
    reader = room()
    writing = open_database(sql.url(tmp_path), create=True)
    with reader._read() as connection:
        before = connection.scalars(select(articles.c.id)).all()
        with writing.begin() as other:
            write(other, [update(article("late"))])
        assert connection.scalars(select(articles.c.id)).all() == before
    assert "late" in reader.article_ids()
    writing.close()


def test_a_reader_changes_nothing(reader):
    with pytest.raises((UserError, DBAPIError), match=r"read-?only"), reader._read() as connection:
        connection.exec_driver_sql("DELETE FROM articles")
    assert len(reader.article_ids()) == 7


def test_both_databases_give_the_same_answers(databases, tmp_path):
    ids = ("z", "Z", "É", "a-b")  # which a dictionary has in another order
    sorted_otherwise = [update(article(each), f"S{each}", changed=[state(f"S{each}")]) for each in ids]
    updates = [*UPDATES, *Wire(5, ("en", "de")).updates(200), *sorted_otherwise]
    one, other = newsroom(tmp_path, updates, SQLITE), newsroom(tmp_path, updates, postgresql(databases))
    for sort in ("recent", "size"):
        assert one.stories(sort=sort) == other.stories(sort=sort)
    assert one.coverage() == other.coverage()
    assert one.copies() == other.copies()
    ids = sorted(one.article_ids())
    assert set(ids) == other.article_ids()
    for each in ids:
        assert repr(one.explain(each)) == repr(other.explain(each))  # not only equal: in the same order
    for ask in (lambda r: r.explain("en-a"), lambda r: r.explain("en-a0001x"), lambda r: r.story("none")):
        said = []
        for reader in (one, other):
            with pytest.raises(NotFound) as caught:
                ask(reader)
            said.append(str(caught.value))
        assert said[0] == said[1]
    one.close()
    other.close()


def test_links_lead_to_both_stories_and_on_after_a_merge(room):
    def linked(id: str, story: str, *links: Related, **more: Any) -> StoryUpdate:  # noqa: A002
        return update(article(id), story, changed=[state(story)], links=links, **more)

    reader = room(
        [
            linked("a1", "S1"),
            linked("a2", "S2", related("S1", -0.5)),
            linked("a3", "S3", related("S1", -1.5), related("S2", -1.0)),
            linked("a4", "S4", related("S3", -0.25), merged=[("S3", "S1")]),
        ],
    )
    assert [(link.story.id, link.score) for link in reader.story("S2").related] == [("S1", -0.5)]
    assert [(link.story.id, link.score) for link in reader.story("S4").related] == [("S1", -0.25)]
    found = reader.story("S3")
    assert found.story.id == "S1"
    assert [(link.story.id, link.score) for link in found.related] == [("S4", -0.25), ("S2", -0.5)]
    assert (found.related[0].names, found.related[0].gap_days) == (["Syria"], 6.5)
