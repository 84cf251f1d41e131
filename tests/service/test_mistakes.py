"""Splits, merges and wrong decisions, told from labels, and which part of a score decided."""

import io
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.files import FromFiles
from service.deciding import ENOUGH, decided, deciding, parts, usual
from service.evaluate import Streamed, _stories
from service.mistakes import judged, judgement, mistakes, telling
from service.rendering import terminal
from service.scores import b_cubed
from service.show_mistakes import Errors, errors_json, print_errors
from streams.messages import Compared, Evidence, PairScore, StoryUpdate
from tests.builders import article, copy_of, joined, opened, state, update


def near(story: str, score: float, member: str = "m", **of: float) -> Compared:
    """A comparison with a story."""
    return Compared(story=story, score=score, members=(PairScore(id=member, score=score, parts=of),))


def refused(story: str, score: float = 0.5, **of: float) -> Evidence:
    """Why an article did not join a story."""
    return Evidence(reason="opened", threshold=1.25, best=near(story, score, **of))


STREAM: Sequence[tuple[StoryUpdate, str | None]] = (
    (update(article("a1"), "A"), "fire"),
    (update(article("a2"), "A", evidence=joined("A", "a1")), "fire"),
    (update(article("b1"), "B", evidence=refused("A")), "flood"),
    (update(article("a3"), "B", evidence=joined("B", "b1", 3.0)), "fire"),
    (update(article("x1"), "A", evidence=joined("A", "a1")), None),
    (update(article("a4"), "C", evidence=refused("A", 1.0)), "fire"),
    (update(article("b2"), "B", copy_of("b1"), Evidence(reason="copy", threshold=1.25, follows="b1")), "flood"),
    (update(article("q1"), "Q", changed=[state("Q", title="Quake")]), "quake"),
    (update(article("s1"), "S", evidence=refused("Q", -2.0)), "storm"),
    (update(article("q2"), "Q", evidence=joined("Q", "q1", 2.0), merged=[("S", "Q")]), "quake"),
)
TOLD = [update for update, _ in STREAM]
LABELS = {update.article.id: label for update, label in STREAM if label is not None}


def streamed() -> Streamed:
    """The stream as an evaluation leaves it."""
    found = FromFiles([each.article for each in TOLD], LABELS, [], 0, [], [])
    return Streamed(Path("news.jsonl"), found, TOLD, _stories(TOLD), 1.0)


def test_splits_and_merges_name_what_made_them() -> None:
    found = {(one.kind, one.name): one for one in mistakes(TOLD, _stories(TOLD), LABELS)}
    assert set(found) == {("split", "fire"), ("merge", "B"), ("merge", "Q")}
    split = found["split", "fire"]
    assert [(share.story, len(share.articles)) for share in split.shares] == [("A", 2), ("B", 1), ("C", 1)]
    assert [cause.update.article.id for cause in split.causes] == ["a3", "a4"]
    assert [(cause.update.article.id, cause.merged) for cause in found["merge", "B"].causes] == [("a3", False)]
    assert [(cause.update.article.id, cause.merged) for cause in found["merge", "Q"].causes] == [("q2", True)]


def test_of_two_events_in_a_story_the_later_one_made_the_mistake() -> None:
    told = [
        update(article("a1"), "A"),
        update(article("b1"), "A", evidence=joined("A", "a1")),
        update(article("b2"), "A", evidence=joined("A", "b1")),
    ]
    (found,) = mistakes(told, _stories(told), {"a1": "fire", "b1": "flood", "b2": "flood"})
    assert [share.label for share in found.shares] == ["flood", "fire"]
    assert [cause.update.article.id for cause in found.causes] == ["b1"]


def test_costs_are_what_is_missing_from_precision_and_recall() -> None:
    story_of = _stories(TOLD)
    found = mistakes(TOLD, story_of, LABELS)
    scores = b_cubed([story_of[article] for article in LABELS], list(LABELS.values()))
    assert sum(one.cost for one in found if one.kind == "merge") == pytest.approx(1 - scores.precision)
    assert sum(one.cost for one in found if one.kind == "split") == pytest.approx(1 - scores.recall)
    assert [one.cost for one in found] == sorted((one.cost for one in found), reverse=True)


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from("xyz")), min_size=1, max_size=30))
def test_costs_add_up_whatever_the_stories(pairs: list[tuple[str, str]]) -> None:
    told = [update(article(f"a{number}"), story) for number, (story, _) in enumerate(pairs)]
    labels = {f"a{number}": label for number, (_, label) in enumerate(pairs)}
    found = mistakes(told, _stories(told), labels)
    scores = b_cubed([story for story, _ in pairs], list(labels.values()))
    assert sum(one.cost for one in found if one.kind == "merge") == pytest.approx(1 - scores.precision)
    assert sum(one.cost for one in found if one.kind == "split") == pytest.approx(1 - scores.recall)


def test_decisions_are_judged_by_what_the_stories_held_at_the_time() -> None:
    found = {one.update.article.id: (one.right, judgement(one)) for one in judged(TOLD, LABELS)}
    assert found == {
        "a2": (True, "it joined the story of its event"),
        "b1": (True, "no story held its event, and it opened one"),
        "a3": (False, "it joined a story of another event"),
        "a4": (False, "it opened a story, and one held its event"),
        "s1": (True, "no story held its event, and it opened one"),
        "q2": (True, "it joined the story of its event"),
    }


def test_a_join_to_a_story_that_holds_both_events_is_not_judged() -> None:
    mixed = [*TOLD, update(article("a5"), "B", evidence=joined("B", "a3"))]
    assert "a5" not in {one.update.article.id for one in judged(mixed, LABELS | {"a5": "fire"})}
    merged = [*TOLD, update(article("s2"), "Q", evidence=joined("Q", "q1"))]
    assert "s2" not in {one.update.article.id for one in judged(merged, LABELS | {"s2": "storm"})}


def test_the_clearest_mistakes_and_right_decisions_of_all_margins_are_told() -> None:
    wrong, right = telling(judged(TOLD, LABELS), 2)
    assert [one.update.article.id for one in wrong] == ["a3", "a4"]
    assert [one.update.article.id for one in right] == ["b1", "s1"]
    assert [len(some) for some in telling(judged(TOLD, LABELS), 10)] == [2, 4]


def test_errors_are_readable_at_100_columns() -> None:
    long = [msgspec.structs.replace(each, article=article(each.article.id, title="Word " * 60)) for each in TOLD]
    one = streamed()
    stream = io.StringIO()
    print_errors(Errors(Streamed(one.file, one.found, long, one.story_of, 1.0)), terminal(stream, 100))
    shown = stream.getvalue()
    assert max(map(len, shown.splitlines())) <= 100
    assert "news.jsonl: 2 stories of several events" in shown
    assert "news.jsonl: 1 events in several stories" in shown
    text = " ".join(shown.split())
    assert "came, and two stories were found to be one. It joined “Quake”: 2.00, and 1.25 is enough" in text
    assert "1.00, 0.25 short of 1.25" in text
    assert "dense +4.00, names +0.75, time +0.50" in text


def test_errors_for_programs_have_every_mistake_with_its_evidence() -> None:
    told = errors_json(Errors(streamed()))
    assert [each["story"] for each in told["merges"]] == ["B", "Q"]
    (split,) = told["splits"]
    assert split["label"] == "fire"
    assert split["parts"][1]["articles"] == [{"id": "a3", "title": "Headline of a3"}]
    assert split["causes"][0]["evidence"]["best"]["members"][0]["parts"]["dense"] == 4.0


# --- which part decided ----------------------------------------------------------------------------------

WORDS_AND_TIME = [
    *([Evidence(reason="joined", threshold=1.25, best=near("A", 4.0, words=4.0, time=5.0))] * ENOUGH),
    *([refused("A", -1.0, words=1.0, time=4.0)] * ENOUGH),
]


def test_a_join_was_decided_by_what_lifts_it_most_above_stories_that_are_refused() -> None:
    known = usual(WORDS_AND_TIME, vector=True)
    by_words = Evidence(reason="joined", threshold=1.25, best=near("A", 3.0, words=3.5, time=4.5))
    assert decided(by_words, known) == "What decided: words, +3.50, where stories that are refused have +1.00."
    by_time = Evidence(reason="joined", threshold=1.25, best=near("A", 3.0, words=1.2, time=6.0))
    assert decided(by_time, known) == "What decided: time, +6.00, where stories that are refused have +4.00."


def test_an_opening_was_decided_by_what_keeps_it_most_below_stories_that_are_joined() -> None:
    known = usual(WORDS_AND_TIME, vector=True)
    assert "time, +0.10, where stories that are joined have +5.00" in (
        decided(refused("A", 0.9, words=3.9, time=0.1), known) or ""
    )
    assert deciding(refused("A", 0.9, words=9.0, time=9.0), known) == []


def test_the_next_part_is_told_where_it_counted_for_half_as_much() -> None:
    known = usual(WORDS_AND_TIME, vector=True)
    both = decided(refused("A", 0.0, words=2.0, time=2.0), known)
    assert (
        both == "What decided: time, +2.00, where stories that are joined have +5.00; then words, +2.00 and +4.00."
    )
    assert "then" not in (decided(refused("A", 0.0, words=3.0, time=2.0), known) or "")


def test_nothing_is_usual_of_too_few_and_of_those_with_other_vectors() -> None:
    assert usual(WORDS_AND_TIME[1:], vector=True) is None
    assert usual(WORDS_AND_TIME, vector=False) is None
    assert decided(opened(), usual(WORDS_AND_TIME, vector=True)) is None
    assert decided(refused("A", words=0.0), None) is None


def test_parts_are_means_over_the_members() -> None:
    members = (
        PairScore(id="a", score=1, parts={"x": 1.0}),
        PairScore(id="b", score=2, parts={"x": 3.0, "y": 1.0}),
    )
    assert parts(Compared(story="A", score=1.5, members=members)) == {"x": 2.0, "y": 0.5}
    assert parts(None) == {}
