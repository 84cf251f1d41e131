"""What becomes of the counts, sources and times of a story."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from processors.stories import growth
from processors.stories.rows import Row
from processors.stories.story_records import StoryRecord
from tests.builders import START, article
from tests.processors.cluster_run import STAGE, decided, message

LATER = START + timedelta(days=1)


def opened(id: str, **of: object) -> StoryRecord:  # noqa: A002
    """The story that an article opens."""
    return growth.opened(article(id, **of), number=1, clock=START)


def row(id: str, family: str) -> Row:  # noqa: A002
    """A live article of a family of copies."""
    state = STAGE.fresh()
    decided(STAGE, state, [message(id, "Some words.")])
    return replace(state.language("en").rows[id], family=family)


def test_a_united_story_has_the_articles_sources_and_times_of_both() -> None:
    kept = growth.grown(opened("a", source="A"), article("b", source="B"), independent=True, clock=START)
    gone = opened("c", source="C", published=START - timedelta(days=3))
    united = growth.united(kept, gone, [row("a", "a"), row("b", "b")], [row("c", "c")])
    assert (united.id, united.articles, united.independent_texts) == (kept.id, 3, 3)
    assert united.sources == ("A", "B", "C")
    assert (united.first_published, united.last_published) == (gone.first_published, START)


def test_copies_of_one_text_in_both_stories_count_once() -> None:
    united = growth.united(opened("a"), opened("b"), [row("a", "agency")], [row("b", "agency")])
    assert (united.articles, united.independent_texts) == (2, 1)


@pytest.mark.parametrize(
    ("published", "first", "last"),
    [(LATER, START, LATER), (None, START, START), (START.replace(tzinfo=None), START, START)],
    ids=["later", "undated", "without a zone"],
)
def test_a_story_spans_the_publications_it_knows(
    published: datetime | None, first: datetime, last: datetime
) -> None:
    story = growth.grown(opened("a"), article("b", published=published), independent=True, clock=START)
    assert (story.first_published, story.last_published) == (first, last)


def test_a_story_of_undated_articles_is_undated_until_a_dated_one_joins() -> None:
    story = opened("a", published=None)
    assert (story.first_published, story.last_published) == (None, None)
    story = growth.grown(story, article("b", published=LATER), independent=True, clock=LATER)
    assert (story.first_published, story.last_published) == (LATER, LATER)


def test_the_larger_story_keeps_its_id_and_of_equals_the_older() -> None:
    small, large = opened("a"), growth.grown(opened("b"), article("c"), independent=True, clock=START)
    younger = growth.opened(article("d"), number=2, clock=START)
    assert sorted((small, younger, large), key=growth.seniority) == [large, small, younger]


def test_ids_tell_articles_languages_and_arrivals_apart() -> None:
    ids = {growth.story_id(article(id, lang=lang), n) for id in "ab" for lang in ("en", "de") for n in (1, 2)}  # noqa: A001
    assert len(ids) == 8
    assert growth.story_id(article("\ud800"), 1)


def first(*times: datetime | None) -> str:
    """Of articles that come in the order of the alphabet, published at these times, the one that was first."""
    story, *others = (opened(id, published=at) for id, at in zip("abc", times, strict=False))  # noqa: A001
    grown = story
    for id, at in zip("bc", times[1:], strict=False):  # noqa: A001
        grown = growth.grown(grown, article(id, published=at), independent=True, clock=START)
    united = story
    for other in others:
        united = growth.united(united, other, [], [])
    assert grown.first == united.first
    return grown.first.article


DATE = START.replace(hour=0)
"""A day, and no time of it."""


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ((START, LATER), "a"),
        ((LATER, START), "b"),
        ((START, START), "a"),
        ((None, LATER), "b"),
        ((None, None), "a"),
        ((DATE, START), "b"),
        ((DATE, DATE), "a"),
        ((DATE + timedelta(days=1), DATE), "b"),
        ((LATER, None, START), "c"),
    ],
)
def test_who_had_it_first(times: tuple[datetime | None, ...], expected: str) -> None:
    """A date alone may mean any time of its day, and does not beat a time of that day."""
    assert first(*times) == expected


def test_the_first_to_have_it_is_told_with_its_outlet() -> None:
    story = growth.state(opened("a", source="Reuters"))
    assert (story.first.article, story.first.source, story.first.published) == ("a", "Reuters", START)
