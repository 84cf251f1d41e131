"""What the weights are fitted with decides as the stage does."""

import random
from itertools import combinations

import pytest

from config.sections import ClusterSection
from streams.messages import Embedded
from tests.processors.cluster_run import STAGE, Newsroom, decided, message, story_of
from training.pairs import NEAR, numbered
from training.search import shipped


def reports() -> list[Embedded]:
    """Reports of ten events in a month and a half, copies and round-ups among them."""
    rng, newsroom, told = random.Random(7), Newsroom(3), []
    for number in range(240):
        event = min(9, number // 30 + rng.randrange(3))
        title, text = newsroom.report(event, rng.choice((12, 25, 60)))
        kind = rng.random()
        earlier = [one for one in told if one.verdict.verdict == "original"]
        if kind < 0.1 and earlier:
            of = rng.choice(earlier[-10:]).article.id
            told.append(message(f"a{number}", text, title, day=number / 5, verdict="near", of=of))
        else:
            title = f"Morning briefing: {title}" if kind > 0.95 else title
            told.append(message(f"a{number}", text, title, day=number / 5, late=rng.choice((0, 0, 1, None))))
    return told


def together(story_of: dict[str, object]) -> set[frozenset[str]]:
    """The pairs of articles of one story."""
    return {frozenset(pair) for pair in combinations(story_of, 2) if story_of[pair[0]] == story_of[pair[1]]}


def test_a_trial_makes_the_stories_of_the_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.pairs.NEAR", NEAR - 9)  # no pair is far
    messages = reports()
    corpus = numbered("reports", messages, {messages[0].article.id: "any"}, ClusterSection().candidates)
    found = shipped().stories(corpus).tolist()
    ours = {message.article.id: found[at] for at, message in enumerate(messages)}
    decisions = decided(STAGE, STAGE.fresh(), messages)
    theirs = story_of(decision.output for decision in decisions)
    assert any(decision.output.merged for decision in decisions)
    assert together(ours) == together(theirs)
