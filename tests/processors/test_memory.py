"""Articles, assignments and stories find one another in whatever order their records come."""

from itertools import permutations

import numpy as np
import pytest

from processors.stories.memory import Stories
from processors.stories.rows import Row, Story, texts
from streams.messages import encode
from streams.processor import Change
from tests.processors.cluster_run import STAGE, decided, message
from tests.processors.events import FERRY


def changes() -> list[Change]:
    """The records of two articles in one story."""
    messages = [message(f"f{i}", text, title, day=i / 10) for i, (title, text) in enumerate(FERRY[:2])]
    records = {c.key: c for decision in decided(STAGE, STAGE.fresh(), messages) for c in decision.changes}
    return list(records.values())


CHANGES = changes()


def applied(*some: Change) -> Stories:
    state = STAGE.fresh()
    for change in some:
        STAGE.apply(state, change)
    return state


def rows() -> list[Row]:
    return applied(*CHANGES).language("en").arrivals


def test_the_order_of_records_does_not_matter() -> None:
    for order in permutations(CHANGES):
        [story] = applied(*order).language("en").stories.values()
        assert [row.id for row in story.rows] == ["f0", "f1"]
        assert all(row.story is story for row in story.rows)
        assert encode(story.record) == encode(next(c.value for c in CHANGES if c.key.startswith("story:")))


def test_nothing_is_left_of_records_that_were_deleted_in_whatever_order() -> None:
    for order in permutations(Change(c.key, None) for c in CHANGES if not c.key.startswith("stream:")):
        language = applied(*CHANGES, *order).language("en")
        for left in (language.stories, language.story_of, language.rows, language.arrivals, language.vectors):
            assert not len(left)


def test_a_story_without_a_record_says_so() -> None:
    state = applied(*(change for change in CHANGES if not change.key.startswith("story:")))
    [story] = state.language("en").stories.values()
    with pytest.raises(LookupError, match=f"story {story.id} .* no record"):
        _ = story.record


def test_the_texts_of_a_story_change_with_it() -> None:
    first, second = rows()
    story = Story("s")
    for change, of, expected in (
        (story.add, second, [second]),
        (story.add, first, [first, second]),
        (story.remove, first, [second]),
    ):
        change(of)
        assert story.reports(5) is story.reports(5)
        assert story.reports(5) == expected


def test_a_story_has_so_many_texts_as_are_asked_for() -> None:
    first, second = rows()
    story = Story("s")
    story.add(first)
    story.add(second)
    assert story.reports(5) == texts([first, second], 5) == [first, second]
    assert story.reports(1) == [second]


def test_the_vector_of_an_article_is_kept_once() -> None:
    language = applied(*CHANGES).language("en")
    for row in language.arrivals:
        assert np.shares_memory(row.features.vector, language.vectors.vector(row))
