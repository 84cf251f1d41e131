"""How stories live on a stream of two and a half years: what they promise to the readers of an id, and no blob."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from config.settings import Settings
from processors.cluster import Cluster
from processors.embed import Embed, Encoder
from processors.encoding.encoder import PooledEncoder
from processors.encoding.vectors import SCALE, unpack
from processors.stories.story_records import AssignmentRecord
from service.inputs import articles_in
from service.pipeline import Stage
from service.vector_cache import CachedEncoder, default_path
from streams.messages import Embedded, StoryUpdate
from streams.processor import Decision
from tests.processors.cluster_run import decided
from tests.processors.dedup_run import STAGE as DEDUP

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SETTINGS = Settings()


@pytest.fixture(scope="module")
def vectors(pool: PooledEncoder) -> Encoder:
    """Vectors of the default model, kept between runs of the tests."""
    return CachedEncoder(pool, default_path())


class Run(NamedTuple):
    """What cluster was told of a file, and what it decided."""

    messages: Sequence[Embedded]
    decisions: Sequence[Decision[StoryUpdate]]
    labels: Mapping[str, str]

    @property
    def updates(self) -> list[StoryUpdate]:
        return [decision.output for decision in self.decisions]


def run(path: Path, vectors: Encoder) -> Run:
    """A file through the stages, at the default settings."""
    found = articles_in([path], SETTINGS, now=NOW)
    embed, stage = Stage(Embed(SETTINGS.embed, vectors)), Cluster(SETTINGS.cluster)
    messages = embed.run(Stage(DEDUP).run(found.articles))
    return Run(messages, decided(stage, stage.fresh(), messages), found.labels)


@pytest.fixture(scope="module")
def stream(data: Path, vectors: Encoder) -> Run:
    """The large stream."""
    return run(data / "stories" / "stream_dev.jsonl.gz", vectors)


def redirects(found: Sequence[StoryUpdate]) -> dict[str, str]:
    """Where each story went that was merged away."""
    return {merged.old: merged.into for update in found for merged in update.merged}


def end(story: str, into: Mapping[str, str]) -> str:
    """Where redirects from a story lead. Fails where they never end."""
    seen = {story}
    while story in into:
        story = into[story]
        assert story not in seen, f"redirects run in a circle: {seen}"
        seen.add(story)
    return story


@pytest.mark.quality
@pytest.mark.timeout(900)
def test_articles_change_their_story_by_recorded_merges_alone(stream: Run) -> None:
    story_of: dict[str, str] = {}
    strayed, merges = set(), 0
    for decision in stream.decisions:
        merges += len(decision.output.merged)
        moves = {merged.old: merged.into for merged in decision.output.merged}
        for change in decision.changes:
            if isinstance(change.value, AssignmentRecord):
                id, story = change.value.id, change.value.story  # noqa: A001
                if id in story_of and story != story_of[id] and moves.get(story_of[id]) != story:
                    strayed.add(id)
                story_of[id] = story
    print(
        f"{len(strayed)} of {len(story_of):,} articles changed their story otherwise than by the {merges} merges"
    )
    assert len(story_of) > 10_000
    assert len(strayed) < 0.01 * len(story_of)


@pytest.mark.quality
@pytest.mark.timeout(900)
def test_redirects_end_at_a_story_that_exists(stream: Run) -> None:
    into = redirects(stream.updates)
    known = {state.id for update in stream.updates for state in update.changed}
    assert len(into) > 20
    assert all(end(story, into) in known - set(into) for story in into)
    assert len(into) == sum(len(update.merged) for update in stream.updates)  # each disappears once


@pytest.mark.quality
@pytest.mark.timeout(900)
def test_the_id_of_a_story_never_returns_for_something_else(stream: Run) -> None:
    gone: set[str] = set()
    opened: Counter[str] = Counter()
    versions: dict[str, int] = {}
    for update in stream.updates:
        told = {state.id: state.version for state in update.changed}
        assert not gone & {*told, *(merged.into for merged in update.merged)}
        assert update.assigned is None or update.assigned.story not in gone
        for story, version in told.items():
            opened[story] += version == 1
            assert version == versions.get(story, 0) + 1
        versions |= told
        gone |= {merged.old for merged in update.merged}
    assert set(opened.values()) == {1}


@pytest.mark.quality
@pytest.mark.timeout(900)
def test_no_large_story_is_a_blob(stream: Run) -> None:
    """Its articles are as near to its medoid as a random pair of articles of one labelled story is, at least."""
    made = {message.article.id: unpack(message.vector) / SCALE for message in stream.messages if message.vector}
    labelled = defaultdict(list)
    for article, label in stream.labels.items():
        labelled[label].append(made[article])
    least = np.mean([one @ other for each in labelled.values() for one, other in combinations(each, 2)])

    into, members = redirects(stream.updates), defaultdict(set)
    for update in stream.updates:
        if update.assigned is not None and update.article.id in made:
            members[end(update.assigned.story, into)].add(update.article.id)
    sizes = {story: len(articles) for story, articles in members.items()}
    large = {
        story: near_to_medoid([made[article] for article in sorted(articles)])
        for story, articles in members.items()
        if len(articles) > 60
    }
    print(f"a labelled pair: {least:.3f}; the largest story: {max(sizes.values())}; above 60 articles: {large}")
    assert all(found >= least for found in large.values())


def near_to_medoid(vectors: Sequence[np.ndarray]) -> float:
    """The mean cosine of the most typical one with the others."""
    matrix = np.stack(vectors)
    closeness = matrix @ matrix.sum(axis=0)
    return float((closeness.max() - 1) / (len(matrix) - 1))


@pytest.mark.quality
@pytest.mark.timeout(900)
def test_titles_change_seldom_and_alarms_are_rare(stream: Run) -> None:
    titles: dict[str, str] = {}
    changes = joins = 0
    for update in stream.updates:
        for state in update.changed:
            joins += state.version > 1
            changes += titles.get(state.id, state.title) != state.title
            titles[state.id] = state.title
    alarms = [alarm for update in stream.updates for alarm in update.alarms]
    print(f"{changes} of {joins:,} changes of a story changed its title; {len(alarms)} size alarms")
    assert changes < 0.15 * joins
    assert len(alarms) < 10


@pytest.mark.quality
@pytest.mark.timeout(300)
def test_the_strikes_in_syria_and_their_course_are_one_affair_and_two_stories(
    data: Path, vectors: Encoder
) -> None:
    found = run(data / "stories" / "syria_2015.jsonl", vectors).updates
    parts = dict(
        line.split("\t") for line in (data / "stories/syria_2015.strikes.tsv").read_text().splitlines()[1:]
    )
    into = redirects(found)
    where = {update.article.id: end(update.assigned.story, into) for update in found if update.assigned}
    core, later = (
        Counter(where[article] for article, part in parts.items() if part == name).most_common(1)[0][0]
        for name in ("core", "follow-up")
    )
    linked = {
        frozenset((end(update.assigned.story, into), end(one.story, into)))
        for update in found
        if update.assigned
        for one in update.related
    }
    assert core != later
    assert {core, later} in linked
