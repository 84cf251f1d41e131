"""How stories are scored, and what two stories have to do with each other."""

import random
from collections.abc import Sequence
from dataclasses import replace

import msgspec
import pytest

from processors.stories import growth
from processors.stories.layout import lay_out
from processors.stories.live import Live
from processors.stories.memory import Language
from processors.stories.nearest import Search
from processors.stories.pair_score import scorer
from processors.stories.pair_weights import POINTS
from processors.stories.ranking import BEST, MEAN, Ranked, kinship, rank
from processors.stories.rows import Row, Story, texts
from tests.builders import article
from tests.processors.cluster_run import DAY_ONE, STAGE, Newsroom, decided, message


def rows_and_language() -> tuple[list[Row], Language]:
    """Twelve reports of four events."""
    newsroom, state = Newsroom(1), STAGE.fresh()
    reports = [newsroom.report(number // 3, 60) for number in range(12)]
    decided(STAGE, state, [message(f"a{i}", text, title, day=i / 10) for i, (title, text) in enumerate(reports)])
    language = state.language("en")
    return list(language.rows.values()), language


ROWS, LANGUAGE = rows_and_language()
SCORER = scorer()
LIVE = Live("en", LANGUAGE, DAY_ONE, horizon=0)


def ranked_for(
    one: Row, candidates: Sequence[tuple[Story, Sequence[Row]]], search: Search | None = None
) -> list[Ranked]:
    with LIVE.probe(one) as probe:
        return rank(SCORER, probe, candidates, search)


def scores_of(one: Row, *others: Row) -> list[int]:
    with LIVE.probe(one) as probe:
        return SCORER.compare(probe, lay_out(others)).scores.tolist()


def story(id: str, **changes: object) -> Story:  # noqa: A002
    """A story; what matters here is its id and when it was opened."""
    made = Story(id)
    made.written = msgspec.structs.replace(growth.opened(article(id), 1, DAY_ONE), **{"id": id} | changes)
    return made


def test_a_storys_score_is_mostly_the_mean_and_a_little_the_best() -> None:
    members = ROWS[1:6]
    [ranked] = ranked_for(ROWS[0], [(story("s"), members)])
    scores = [score / POINTS for score in scores_of(ROWS[0], *members)]
    assert ranked.score == pytest.approx(MEAN * sum(scores) / len(scores) + BEST * max(scores))


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
    assert (
        kinship(SCORER, some, others, LIVE)
        == kinship(SCORER, others, some, LIVE)
        == sum(scores) / len(scores) / POINTS
    )


def test_copies_of_one_text_do_not_make_two_stories_kin() -> None:
    copies = [replace(ROWS[0], id=f"copy{i}", family="agency") for i in range(2)]
    assert kinship(SCORER, copies[:1], copies[1:], LIVE) is None
    with_copies = kinship(SCORER, [copies[0], ROWS[3]], [copies[1], ROWS[6]], LIVE)
    pairs = [(copies[0], ROWS[6]), (ROWS[3], copies[1]), (ROWS[3], ROWS[6])]
    assert with_copies == sum(scores_of(a, b)[0] for a, b in pairs) / 3 / POINTS
