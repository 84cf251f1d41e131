"""A replay, a restart and another machine decide alike."""

import os
import random
import subprocess
import sys
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.sections import DedupSection
from processors.copies import lsh, window
from processors.dedup import Dedup
from streams.messages import encode
from streams.processor import Change, Halt
from tests.conftest import ROOT
from tests.processors.dedup_run import (
    STAGE,
    article,
    compacted,
    decided,
    digest,
    prose,
    restored,
    stream,
    told,
)


@settings(deadline=None, max_examples=25)
@given(
    seed=st.integers(0, 10_000),
    cut=st.integers(0, 120),
    order=st.randoms(use_true_random=False),
    crowd=st.sampled_from((lsh.CROWD, 2)),
)
def test_a_restored_state_decides_as_the_original(seed: int, cut: int, order: random.Random, crowd: int) -> None:
    """With crowds of three, too, which the random streams have many of."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lsh, "CROWD", crowd)
        articles = stream(seed, 120)
        state = STAGE.fresh()
        before = decided(STAGE, state, articles[:cut])
        records = compacted(before)
        order.shuffle(records)
        again = restored(STAGE, records)
        assert told(decided(STAGE, again, articles[cut:])) == told(decided(STAGE, state, articles[cut:]))


def test_the_random_streams_contain_every_verdict_and_relation() -> None:
    outputs = [d.output.verdict for d in decided(STAGE, STAGE.fresh(), stream(3, 400))]
    assert {v.verdict for v in outputs} == {"original", "exact", "near", "excerpt", "revision", "sighting"}
    assert {r.kind for v in outputs for r in v.relations} == {"exact", "near", "excerpt", "contains", "revision"}


def test_a_sighting_advances_the_clock_of_a_restored_state_too() -> None:
    old, text = article("a", "an old piece of news", day=0), "the news of day five, told in these few words"
    before = decided(STAGE, STAGE.fresh(), [old, article("b", text, day=5), article("b", text, day=7.0001)])
    assert before[-1].output.verdict.verdict == "sighting"
    [late] = decided(STAGE, restored(STAGE, compacted(before)), [article("c", old.text, day=0)])
    assert late.output.verdict.verdict == "original"


def test_decide_does_not_touch_the_state() -> None:
    articles, state = stream(5, 200), STAGE.fresh()
    decided(STAGE, state, articles[:150])
    once = told(STAGE.decide(state, later) for later in articles[150:])
    assert once == told(STAGE.decide(state, later) for later in articles[150:])


def test_hash_seeds_change_nothing() -> None:
    def run(hash_seed: str) -> str:
        command = [sys.executable, "-m", "tests.processors.dedup_run"]
        env = {**os.environ, "PYTHONHASHSEED": hash_seed}
        return subprocess.run(
            command, cwd=ROOT, env=env, capture_output=True, text=True, check=True
        ).stdout.strip()

    assert run("0") == run("1") == digest(seed=3, length=400, cut=250)


@pytest.mark.parametrize("other", [DedupSection(permutations=256), DedupSection(shingle_words=4)])
def test_a_changelog_of_other_settings_stops_the_stage(other: DedupSection) -> None:
    records = compacted(decided(STAGE, STAGE.fresh(), [article("a", "some words of news")]))
    with pytest.raises(Halt, match=r"3/affine32/128/5.*set dedup\.permutations and dedup\.shingle_words back"):
        restored(Dedup(other), records)


def test_other_thresholds_and_bands_read_the_same_changelog() -> None:
    text = " ".join(prose(random.Random(1), 100))
    records = compacted(decided(STAGE, STAGE.fresh(), [article("a", text)]))
    other = Dedup(DedupSection(rows=2, near_jaccard=0.4, window_days=3))
    [copy] = decided(other, restored(other, records), [article("b", text, day=1)])
    assert copy.output.verdict.verdict == "exact"


def test_what_left_the_window_is_deleted_from_the_changelog_and_from_memory() -> None:
    state, rng = STAGE.fresh(), random.Random(1)
    daily = [article(f"a{day}-{i}", " ".join(prose(rng, 60)), day=day) for day in range(30) for i in range(5)]
    decisions = decided(STAGE, state, daily)
    live = [key for key, value in compacted(decisions) if value is not None]
    # The window of 7 days, and what lies in a slice that has begun to leave it.
    assert len(state) == len(live) == 8 * 5
    assert all(change == Change(change.key, None) for d in decisions for change in d.changes[:-1])


def test_a_stage_that_runs_for_months_takes_the_memory_of_a_window() -> None:
    rng, state, held = random.Random(1), STAGE.fresh(), []
    tracemalloc.start()
    for month in range(4):
        for at in range(150 * month, 150 * month + 150):
            decided(STAGE, state, [article(f"a{at}", " ".join(prose(rng, 60)), day=at / 5)])
        held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert held[-1] < 1.2 * held[0]


def test_indexes_of_the_past_are_tidied(monkeypatch: pytest.MonkeyPatch) -> None:
    """However the articles come, the same is found; where they come in order, old indexes are one run each."""
    monkeypatch.setattr(window, "IDLE", 20)
    rng, state = random.Random(1), STAGE.fresh()
    daily = [article(f"a{at}", " ".join(prose(rng, 60)), day=at / 30) for at in range(200)]
    records = compacted(decided(STAGE, state, daily))
    old = min(state._languages["en"].buckets.items())[1]
    assert len(old.index._runs) == 1
    assert not len(old.index._tail)
    copies = [article(f"b{at}", one.text, day=6.7) for at, one in enumerate(daily)]
    assert {d.output.verdict.verdict for d in decided(STAGE, state, copies)} == {"exact"}
    rng.shuffle(records)
    assert {d.output.verdict.verdict for d in decided(STAGE, restored(STAGE, records), copies)} == {"exact"}


def test_a_revised_article_leaves_the_window_once_with_its_last_version() -> None:
    state, rng = STAGE.fresh(), random.Random(1)
    versions = [article("a", " ".join(prose(rng, 60)), day=day) for day in (0, 0.01, 3, 6)]
    ticks = [article("b", f"the news of day {day}", day=day) for day in (7.2, 10.2, 12.9, 13.2, 13.3)]
    gone = [[c.key for c in d.changes if c.value is None] for d in decided(STAGE, state, [*versions, *ticks])]
    assert gone == [[]] * 7 + [["article:en:a"], []]
    assert len(state) == 1


def test_a_record_holds_an_article_of_400_words_in_less_than_4_kb() -> None:
    [decision] = decided(STAGE, STAGE.fresh(), [article("a" * 32, " ".join(prose(random.Random(1), 400)))])
    [change] = decision.changes
    assert change.value is not None
    assert len(encode(change.value)) < 4_000
