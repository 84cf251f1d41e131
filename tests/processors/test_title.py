"""Which headline names a story, and when another one does."""

import math
from dataclasses import replace

import numpy as np

from processors.encoding.vectors import quantise
from processors.stories.medoid import nearness
from processors.stories.rows import Row
from processors.stories.title import MARGIN, titled
from tests.processors.cluster_run import STAGE, decided, message

PLAIN, LIVE, QUESTION = "Ferry aground", "Live: ferry aground", "Is the ferry aground?"


def row(id: str, degrees: float, title: str = PLAIN) -> Row:  # noqa: A002
    """An article whose vector points in a direction of the plane."""
    state = STAGE.fresh()
    decided(STAGE, state, [message(id, "Some words.", title)])
    found = state.language("en").rows[id]
    angle = math.radians(degrees)
    vector = quantise(np.eye(384)[0] * math.cos(angle) + np.eye(384)[1] * math.sin(angle))
    return replace(found, features=replace(found.features, vector=vector))


def name(rows: list[Row], holder: str | None = None, lang: str = "en") -> str:
    """The article whose headline is taken."""
    return titled(rows, nearness(rows, 100), lang, holder).id


def test_the_most_typical_article_names_a_story() -> None:
    assert name([row("left", -40), row("middle", 0), row("right", 50)]) == "middle"


def test_a_plain_headline_is_taken_before_a_question_and_that_before_a_live_blog() -> None:
    rows = [row("live", 0, LIVE), row("question", 20, QUESTION), row("plain", -60)]
    assert name(rows) == "plain"
    assert name(rows[:2]) == "question"
    assert name([rows[0]]) == "live"
    assert name([rows[0], row("other", 70, LIVE), row("third", -50, LIVE)]) == "live"  # then the medoid again


def test_in_another_language_the_medoid_is_taken() -> None:
    rows = [row("live", 0, LIVE), row("question", 20, QUESTION), row("plain", -60)]
    assert name(rows, lang="de") == "live"


def test_the_title_stays_while_no_other_is_nearer_by_the_margin() -> None:
    rows = [row("held", 0), row("near", 15), row("a", 25), row("b", 25)]
    angles = [math.radians(each) for each in (0, 15, 25, 25)]
    gain = sum(math.cos(each - angles[1]) - math.cos(each) for each in angles) / 4
    assert 0 < gain < MARGIN
    assert name(rows) == "near"
    assert name(rows, holder="held") == "held"


def test_another_that_is_nearer_by_more_takes_over() -> None:
    rows = [row("held", 0), row("near", 50), row("a", 60), row("b", 60)]
    assert name(rows, holder="held") == "near"


def test_a_live_blog_does_not_keep_the_title_when_a_plain_headline_comes() -> None:
    assert name([row("held", 0, LIVE), row("plain", 80), row("a", 0, LIVE)], holder="held") == "plain"


def test_a_plain_headline_does_not_give_way_to_a_question_that_is_nearer() -> None:
    assert name([row("held", 0), row("a", 60, QUESTION), row("b", 60, QUESTION)], holder="held") == "held"


def test_when_the_article_of_the_title_is_gone_the_most_typical_one_is_taken() -> None:
    assert name([row("left", -40), row("middle", 0), row("right", 50)], holder="gone") == "middle"
