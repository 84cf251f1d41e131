"""How stories are scored, and what two stories have to do with each other."""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from processors.layout import lay_out
from processors.live import Live
from processors.nearest import Search
from processors.pair_score import POINTS, compare
from processors.ranking import Ranked, kinship, rank
from processors.rows import Row, Story, texts
from processors.stories import Language
from processors.story_records import StoryRecord
from tests.processors.cluster_run import DAY_ONE, STAGE, Newsroom, decided, message


def rows_and_language() -> tuple[list[Row], Language]:
    """Twelve reports of four events."""
    newsroom, state = Newsroom(1), STAGE.fresh()
    reports = [newsroom.report(number // 3, 60) for number in range(12)]
    decided(STAGE, state, [message(f"a{i}", text, title, day=i / 10) for i, (title, text) in enumerate(reports)])
    language = state.language("en")
    return list(language.rows.values()), language


ROWS, LANGUAGE = rows_and_language()
LIVE = Live("en", LANGUAGE, DAY_ONE, horizon=0)


def ranked_for(
    one: Row, candidates: Sequence[tuple[Story, Sequence[Row]]], search: Search | None = None
) -> list[Ranked]:
    with LIVE.probe(one) as probe:
        return rank(probe, candidates, search)


def scores_of(one: Row, *others: Row) -> list[int]:
    with LIVE.probe(one) as probe:
        return compare(probe, lay_out(others)).scores.tolist()


def story(id: str, **changes: object) -> Story:  # noqa: A002
    """A story; what matters here is its id and when it was opened."""
    values = {
        "id": id,
        "lang": "en",
        "opened": 1,
        "version": 1,
        "title": "",
        "articles": 1,
        "sources": (),
        "independent_texts": 1,
        "first_published": DAY_ONE,
        "last_published": DAY_ONE,
        "last_fetched": DAY_ONE,
    }
    made = Story(id)
    made.written = StoryRecord(**values | changes)
    return made


def test_a_storys_score_is_mostly_the_mean_and_a_little_the_best() -> None:
    members = ROWS[1:6]
    [ranked] = ranked_for(ROWS[0], [(story("s"), members)])
    scores = [score / POINTS for score in scores_of(ROWS[0], *members)]
    assert ranked.score == pytest.approx(0.85 * sum(scores) / len(scores) + 0.15 * max(scores))


def test_stories_are_ranked_in_the_same_order_whatever_order_they_come_in() -> None:
    candidates = [(story(f"s{i}", opened=10 + i), ROWS[i : i + 1 + i % 3]) for i in range(1, 9)]
    candidates += [
        (story("younger", opened=3), ROWS[1:2]),
        (story("older", opened=2), ROWS[1:2]),
    ]
    expected = [(one.story.id, one.score) for one in ranked_for(ROWS[0], candidates)]
    ids = [id for id, _ in expected]  # noqa: A001
    assert ids.index("older") < ids.index("younger")
    for seed in range(10):
        random.Random(seed).shuffle(candidates)
        assert [(one.story.id, one.score) for one in ranked_for(ROWS[0], candidates)] == expected


def test_the_comparisons_of_a_ranked_story_are_its_own() -> None:
    candidates = [(story("a"), ROWS[1:4]), (story("b"), ROWS[4:5]), (story("c"), ROWS[5:9])]
    for one in ranked_for(ROWS[0], candidates):
        own = one.pairs.scores[one.start : one.start + len(one.members)]
        assert own.tolist() == scores_of(ROWS[0], *one.members)


def test_what_a_search_has_measured_changes_nothing() -> None:
    candidates = [(story("a"), ROWS[1:4]), (story("b"), ROWS[4:5]), (story("c"), ROWS[5:9])]
    searched = ranked_for(ROWS[0], candidates, LIVE.search(ROWS[0].features))
    plain = ranked_for(ROWS[0], candidates)
    assert [(one.story.id, one.score) for one in searched] == [(one.story.id, one.score) for one in plain]
    assert (searched[0].pairs.parts == plain[0].pairs.parts).all()


def test_of_a_family_of_copies_the_first_speaks_for_all() -> None:
    rows = [replace(row, family=f"family{i % 4}") for i, row in enumerate(ROWS)]
    assert texts(rows, 40) == rows[:4]
    assert texts(rows, 3) == rows[1:4]
    assert texts(rows[:1], 40) == rows[:1]


def test_kinship_is_the_mean_over_all_pairs() -> None:
    some, others = ROWS[:3], ROWS[3:8]
    scores = [scores_of(a, b)[0] for a in some for b in others]
    assert kinship(some, others, LIVE) == kinship(others, some, LIVE) == sum(scores) / len(scores) / POINTS


def test_copies_of_one_text_do_not_make_two_stories_kin() -> None:
    copies = [replace(ROWS[0], id=f"copy{i}", family="agency") for i in range(2)]
    assert kinship(copies[:1], copies[1:], LIVE) is None
    with_copies = kinship([copies[0], ROWS[3]], [copies[1], ROWS[6]], LIVE)
    pairs = [(copies[0], ROWS[6]), (ROWS[3], copies[1]), (ROWS[3], ROWS[6])]
    assert with_copies == sum(scores_of(a, b)[0] for a, b in pairs) / 3 / POINTS
