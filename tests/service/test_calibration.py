"""The statistics of `storywire calibrate`, the sample it asks about, the interview, the command."""

import json
import math
import random
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import Settings
from service.answers import Answers, Line, labelled, place
from service.calibrate import ask, interview
from service.calibration import EACH, ENOUGH, STEP, WRONG_JOIN, Answer, calibrated, setting, share, wilson
from service.exits import Exit, UserError
from service.pair_sample import BAND, WIDTH, Weighed, answers, around, to_ask, weighed
from service.rendering import terminal
from streams.messages import Compared, Evidence, PairScore
from tests.builders import article, joined, opened, state, update
from tests.service.command import COMMAND, Storywire
from tests.service.story_database import newsroom
from tests.sinks.kinds import SQLITE

JOIN = 1.25

# --- statistics ------------------------------------------------------------------------------------------

SOME = st.lists(
    st.builds(
        Answer,
        st.floats(-5, 5).map(lambda score: round(score, 4)),
        st.booleans(),
        st.sampled_from([0.5, 1.0, 3.0, 40.0]),
    ),
    max_size=40,
)


def test_wilson_is_the_published_interval() -> None:
    # Newcombe (1998), table I, method 3: 81 of 263, 15 of 148, 0 of 20
    assert wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15 / 148, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


@given(st.floats(0, 1), st.floats(0.1, 1e6))
def test_an_interval_holds_its_share_and_narrows_with_observations(value: float, count: float) -> None:
    low, high = wilson(value, count)
    assert 0 <= low <= value <= high <= 1
    closer = wilson(value, 4 * count)
    assert closer[1] - closer[0] <= high - low


@given(SOME)
def test_equal_weights_are_no_weights(some: list[Answer]) -> None:
    plain = setting([replace(one, weight=1.0) for one in some], JOIN)
    heavy = setting([replace(one, weight=7.0) for one in some], JOIN)
    joins = [one for one in some if one.score >= JOIN]
    right = sum(one.same for one in joins)
    if not joins:
        assert plain.precision is None
    else:
        assert plain.precision is not None
        assert heavy.precision is not None
        assert plain.precision.value == right / len(joins)
        bounds = (plain.precision.low, plain.precision.high)
        assert bounds == pytest.approx(wilson(right / len(joins), len(joins)))
        assert (heavy.precision.low, heavy.precision.high) == pytest.approx(bounds)


def test_unequal_weights_widen_the_interval() -> None:
    even = share([(True, 1.0), (False, 1.0)] * 20)
    uneven = share([(True, 10.0), (False, 10.0), *([(True, 1.0), (False, 1.0)] * 19)])
    assert even is not None
    assert uneven is not None
    assert even.value == uneven.value == 0.5
    assert uneven.low < even.low
    assert share([]) is None


@given(SOME, st.floats(-3, 3))
def test_the_best_setting_is_never_worse_and_nothing_is_proposed_of_little(some: list[Answer], now: float) -> None:
    found = calibrated(some, now)
    assert found.best.cost <= found.now.cost
    assert abs(found.best.join_score - now) <= STEP
    assert found.now.join_score == now
    assert 0 <= found.chance <= 1
    if len(some) < ENOUGH:
        assert not found.proposed
    if found.best.join_score != now:
        assert min(one.score for one in some) <= found.best.join_score + 0.01
        assert found.best.join_score - 0.01 <= max(one.score for one in some)


def world(right_at: float, count: int, seed: int = 1) -> list[Answer]:
    """Answers of a world in which the true setting is another one, with some noise."""
    chance = random.Random(seed)
    scores = [chance.uniform(JOIN - BAND, JOIN + BAND) for _ in range(count)]
    return [Answer(score, chance.random() < 1 / (1 + math.exp(-4 * (score - right_at)))) for score in scores]


def test_a_better_setting_is_found_and_proposed() -> None:
    found = calibrated(world(2.2, 300), JOIN)
    assert found.proposed
    assert JOIN + STEP / 2 < found.best.join_score <= JOIN + STEP
    assert found.righted > found.wronged
    assert found.best.precision is not None
    assert found.now.precision is not None
    assert found.best.precision.value > found.now.precision.value
    lower = calibrated(world(0.2, 300), JOIN)
    assert lower.proposed
    assert JOIN - STEP <= lower.best.join_score < JOIN


def test_a_wrong_join_counts_as_several_needless_stories() -> None:
    found = setting([Answer(2.0, False), Answer(2.0, True), Answer(0.0, True), Answer(0.0, False)], JOIN)
    assert found.wrong == 0.5
    assert found.cost == (WRONG_JOIN + 1) / 4


def test_a_difference_that_may_be_chance_is_not_proposed() -> None:
    assert not any(calibrated(world(JOIN, 120, seed), JOIN).proposed for seed in range(20))


def test_it_takes_enough_answers_of_either_kind() -> None:
    few = world(3.0, ENOUGH - 1)
    assert not calibrated(few, JOIN).enough
    one_sided = [Answer(2.0, True)] * ENOUGH + [Answer(0.0, False)] * (EACH - 1)
    assert not calibrated(one_sided, JOIN).enough
    assert calibrated([*one_sided, Answer(0.0, False)], JOIN).enough


# --- the sample ------------------------------------------------------------------------------------------

DECISIONS = st.lists(st.floats(-6, 8), max_size=80).map(
    lambda scores: [Weighed(f"a{number}", "m", score) for number, score in enumerate(scores)]
)


def piece(one: Weighed) -> int:
    return math.floor((one.score - JOIN) / WIDTH)


@given(DECISIONS, st.randoms(use_true_random=False))
def test_all_decisions_of_the_band_are_asked_about_in_an_order_of_their_own(
    decisions: list[Weighed], chance: random.Random
) -> None:
    near = around(decisions, JOIN)
    assert near == [one for one in decisions if JOIN - BAND <= one.score <= JOIN + BAND]
    asked = to_ask(near, JOIN)
    assert sorted(asked, key=lambda one: one.key) == sorted(near, key=lambda one: one.key)
    shuffled = list(near)
    chance.shuffle(shuffled)
    assert to_ask(shuffled, JOIN) == asked


@given(DECISIONS, st.integers(0, 80))
def test_however_early_one_stops_every_piece_of_the_band_had_its_share(
    decisions: list[Weighed], stop: int
) -> None:
    near = around(decisions, JOIN)
    there = Counter(map(piece, near))
    asked = Counter(map(piece, to_ask(near, JOIN)[:stop]))
    unfinished = [asked[number] for number in there if asked[number] < there[number]]
    assert not unfinished or max(asked.values(), default=0) - min(unfinished) <= 1


def test_the_nearest_to_the_threshold_come_first_from_both_sides() -> None:
    decisions = [Weighed(f"a{score}", "m", score) for score in (-1.0, 0.4, 1.0, 1.3, 2.0, 4.0)]
    assert [one.score for one in to_ask(decisions, JOIN)] == [1.0, 1.3, 0.4, 2.0, -1.0, 4.0]


@given(DECISIONS, st.sets(st.integers(0, 79)), st.booleans())
def test_answers_stand_for_all_decisions_of_their_piece(
    decisions: list[Weighed], chosen: set[int], same: bool
) -> None:
    near = around(decisions, JOIN)
    said = {one.key: same for number, one in enumerate(near) if number in chosen}
    found = answers(near, said, JOIN)
    assert len(found) == len(said)
    heard = {piece(one) for one in near if one.key in said}
    assert sum(one.weight for one in found) == pytest.approx(sum(piece(one) in heard for one in near))


def test_copies_and_first_articles_are_no_decisions() -> None:
    evidence = {
        "first": opened(),
        "copy": Evidence(reason="copy", threshold=1.25, follows="first"),
        "joined": joined("S", "first", 2.5),
    }
    assert list(weighed(evidence.items())) == [Weighed("joined", "first", 2.5)]


def test_the_member_asked_about_is_not_always_the_most_similar_one() -> None:
    members = tuple(PairScore(id=f"m{number}", score=3.0 - number, parts={}) for number in range(5))
    evidence = Evidence(reason="joined", threshold=1.25, best=Compared(story="S", score=2.0, members=members))
    asked = Counter(one.member for one in weighed((f"a{number}", evidence) for number in range(500)))
    assert sorted(asked) == [f"m{number}" for number in range(5)]
    assert min(asked.values()) > 60


# --- the interview ---------------------------------------------------------------------------------------


def typed(*lines: str):
    """A person who types these lines, and then ends the input."""
    left = list(lines)

    def read(question: str) -> str:
        assert "same event?" in question
        if not left:
            raise EOFError
        return left.pop(0)

    return read


ASKED = [Weighed(f"a{number}", "m", float(number)) for number in range(4)]


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        (["y", "n", "skip", "Y"], ["a0 same", "a1 different", "a2 skip", "a3 same"]),
        (["yes", "back", "no", "quit"], ["a0 same", "a0 different"]),
        (["b", "what?", "", "n"], ["a0 different"]),
        (["y", "q", "y"], ["a0 same"]),
        ([], []),
    ],
)
def test_answers_are_kept_as_they_come(lines: list[str], kept: list[str]) -> None:
    found: list[Line] = []
    ask(ASKED, lambda one, where: None, typed(*lines), found.append)
    assert [f"{line.article} {line.answer}" for line in found] == kept


def news(folder: Path) -> str:
    """A database of five decisions; its URL."""
    updates = [update(article("a0"), "S", evidence=opened(), changed=[state("S", 5)])]
    scores = (0.9, 1.4, 2.0, 3.9, 9.0)
    updates += [
        update(article(f"a{n}"), "S", evidence=joined("S", "a0", score)) for n, score in enumerate(scores, 1)
    ]
    newsroom(folder, updates).close()
    return SQLITE.url(folder)


def test_an_interview_goes_on_where_it_was_left(tmp_path, capsys):
    database, file = news(tmp_path), tmp_path / "deep" / "answers.jsonl"
    console = terminal(width=100)
    first = interview(database, Answers(file), JOIN, most=2, read=typed("y", "skip"), console=console)
    assert [(one.score, one.same) for one in first] == [(0.9, True)]
    shown = capsys.readouterr().out
    assert "1 of 2" in shown
    assert "A  “Headline of a1” (The Example), 2015-09-30 12:00" in shown
    assert "First paragraph of a0. Second paragraph." in shown
    assert "0.9" not in shown  # the score would lead the answer
    second = interview(database, Answers(file), JOIN, most=9, read=typed("n", "y", "y"), console=console)
    assert sorted((one.score, one.same) for one in second) == [(0.9, True), (2.0, False), (3.9, True)]
    assert len(file.read_text().splitlines()) == 4
    assert interview(database, Answers(file), JOIN, most=9, read=typed("y"), console=console) == second


def test_answers_are_kept_beside_the_database(tmp_path):
    assert place("sqlite:///var/stories.db", Settings()) == Path("var/stories.answers.jsonl")
    assert place("postgresql://me@host/db", Settings()) == Path("var/stories.answers.jsonl")
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"cannot be written .*--answers"):
        Answers(tmp_path / "file" / "answers.jsonl").keep(Line(score=1.0, answer="same"))


def test_labelled_pairs_are_read_and_what_is_none_is_refused_at_its_place(tmp_path):
    file = tmp_path / "pairs.jsonl"
    file.write_text('{"score": 1, "answer": "same", "weight": 2}\n{"score": -1.5, "answer": "skip"}\n')
    assert labelled(file) == [Answer(1.0, True, 2.0)]
    for wrong in (
        '{"score": 1}',
        '{"score": 1, "answer": "maybe"}',
        "[",
        '{"score":1,"answer":"same","weight":0}',
    ):
        file.write_text('{"score": 1, "answer": "same"}\n' + wrong)
        with pytest.raises(UserError, match=r"pairs\.jsonl:2: "):
            labelled(file)


def write(file: Path, some: list[Answer]) -> Path:
    lines = ({"score": one.score, "answer": "same" if one.same else "different"} for one in some)
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return file


def test_the_command_reports_on_a_file_of_pairs(storywire: Storywire) -> None:
    file = write(storywire.folder / "pairs.jsonl", world(2.2, 300))
    told = json.loads(storywire("calibrate", "--pairs", file, "--json").stdout)
    assert told["proposed"] == told["best"]["join_score"] == pytest.approx(1.7, abs=0.1)
    shown = storywire("calibrate", "--pairs", file).stdout
    assert "1.25, in force" in shown
    assert f"Set cluster.join_score to {told['proposed']:.2f}, " in shown
    assert "Too few answers" in storywire("calibrate", "--pairs", write(file, world(2.2, 12))).stdout
    missing = storywire("calibrate", "--pairs", "none.jsonl")
    assert (missing.returncode, "cannot be read" in missing.stderr) == (Exit.INPUT, True)


def test_the_command_asks_about_the_database(storywire: Storywire) -> None:
    (storywire.folder / "storywire.yaml").write_text(f"sinks: ['{news(storywire.folder)}']\n")
    done = subprocess.run(
        [*COMMAND, "calibrate"],
        cwd=storywire.folder,
        env=storywire.environment(),
        input="y\n",
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    assert "same event? (y / n / skip / back / quit)" in done.stdout
    assert "0.0 % (0 to 79)" in done.stdout
    told = json.loads(storywire("calibrate", "--json").stdout)
    assert (told["answers"], told["proposed"], told["now"]["wrong"]) == (1, None, 1.0)
