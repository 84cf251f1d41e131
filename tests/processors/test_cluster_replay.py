"""A replay, a restart and another machine make the same stories."""

import os
import random
import subprocess
import sys
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.files import read_files
from processors.stories.memory import Stories
from streams.messages import Embedded, encode
from streams.processor import Change
from tests.conftest import ROOT
from tests.processors.cluster_run import (
    DAY_ONE,
    EMBED,
    STAGE,
    compacted,
    decided,
    digest,
    restored,
    stories,
    stream,
    told,
)
from tests.processors.dedup_run import STAGE as DEDUP
from tests.processors.dedup_run import decided as deduped


@settings(deadline=None, max_examples=12)
@given(seed=st.integers(0, 10_000), cut=st.integers(0, 120), order=st.randoms(use_true_random=False))
def test_a_restored_state_decides_as_the_original(seed: int, cut: int, order: random.Random) -> None:
    messages = stream(seed, 120)
    state = STAGE.fresh()
    before = decided(STAGE, state, messages[:cut])
    records = compacted(before)
    order.shuffle(records)
    again = restored(STAGE, records)
    assert told(decided(STAGE, again, messages[cut:])) == told(decided(STAGE, state, messages[cut:]))


def test_the_random_streams_contain_every_reason_merges_and_expiry() -> None:
    decisions = decided(STAGE, STAGE.fresh(), stream(3, 400))
    outputs = [decision.output for decision in decisions]
    reasons = {update.assigned.evidence.reason for update in outputs if update.assigned}
    assert reasons == {"opened", "joined", "copy", "revision", "sighting"}
    assert any(update.assigned is None for update in outputs)
    assert any(update.merged for update in outputs)
    assert any(
        change.value is None and change.key.startswith("story:de") for d in decisions for change in d.changes
    )


def test_real_articles_make_the_same_stories_after_a_restart_anywhere(data: Path) -> None:
    messages = real(data / "stories" / "syria_2015.jsonl")
    state = STAGE.fresh()
    everything = decided(STAGE, state, messages)
    assert max(story.articles for story in stories(d.output for d in everything).values()) > 5
    for cut in (1, 40, 90, 130, len(messages) - 1):
        records = compacted(everything[:cut])
        random.Random(cut).shuffle(records)
        assert told(decided(STAGE, restored(STAGE, records), messages[cut:])) == told(everything[cut:])


def real(path: Path) -> list[Embedded]:
    """The articles of a file as cluster gets them, with vectors that need no model."""
    articles = read_files([path], published=None, now=DAY_ONE, default_lang="en").articles
    return [EMBED.decide(None, d.output).output for d in deduped(DEDUP, DEDUP.fresh(), articles)]


def test_decide_does_not_touch_the_state() -> None:
    messages, state = stream(5, 200), STAGE.fresh()
    decided(STAGE, state, messages[:150])
    once = told(STAGE.decide(state, later) for later in messages[150:])
    assert once == told(STAGE.decide(state, later) for later in messages[150:])


def test_what_is_known_to_come_changes_nothing() -> None:
    messages = stream(5, 200)
    odd = msgspec.structs.replace(messages[150], vector="no vector!")
    state = STAGE.fresh()
    for start in range(0, 200, 70):
        STAGE.prepare([*messages[start : start + 40], odd, *messages[start + 40 : start + 70]])
        batch = decided(STAGE, state, messages[start : start + 70])
        assert told(batch) == told(decided(STAGE, state_of(messages[:start]), messages[start : start + 70]))


def state_of(messages: list[Embedded]) -> Stories:
    """The state after messages that were decided one by one."""
    state = STAGE.fresh()
    decided(STAGE, state, messages)
    return state


def test_hash_seeds_change_nothing() -> None:
    def run(hash_seed: str) -> str:
        command = [sys.executable, "-m", "tests.processors.cluster_run"]
        env = {**os.environ, "PYTHONHASHSEED": hash_seed}
        return subprocess.run(
            command, cwd=ROOT, env=env, capture_output=True, text=True, check=True
        ).stdout.strip()

    assert run("0") == run("1") == digest(seed=3, length=300, cut=200)


def test_a_changelog_that_is_not_compacted_leads_to_the_same_state() -> None:
    messages, state, again = stream(7, 150), STAGE.fresh(), STAGE.fresh()
    for decision in decided(STAGE, state, messages[:120]):
        replay(again, decision.changes)
    assert told(decided(STAGE, again, messages[120:])) == told(decided(STAGE, state, messages[120:]))


def replay(state: Stories, changes: object) -> None:
    for change in changes:  # type: ignore[attr-defined]
        STAGE.apply(state, change)


def test_tombstones_of_what_was_never_there_do_no_harm() -> None:
    state = STAGE.fresh()
    for kind in ("article", "assignment", "story"):
        STAGE.apply(state, Change(f"{kind}:en:nothing", None))
    assert told(decided(STAGE, state, stream(1, 20))) == told(decided(STAGE, STAGE.fresh(), stream(1, 20)))


def test_a_record_holds_an_article_of_400_words_in_less_than_10_kb(data: Path) -> None:
    decisions = decided(STAGE, STAGE.fresh(), real(data / "stories" / "syria_2015.jsonl"))
    sizes = [
        len(encode(c.value)) for d in decisions for c in d.changes if c.key.startswith("article:") and c.value
    ]
    assert max(sizes) < 10_000
    assert sum(sizes) / len(sizes) < 7_000
