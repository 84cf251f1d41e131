"""A story that grew out of several events is told, one of a single event is not."""

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from config.sections import ClusterSection
from processors.encoding.vectors import quantise
from processors.stories import growth
from processors.stories.alarm import FROM, LEAST, LEAST_WORDS, alarms
from processors.stories.medoid import coherence, nearness
from processors.stories.rows import Row
from streams.messages import Alarm, StoryUpdate
from tests.builders import START, article
from tests.processors.cluster_run import STAGE, Newsroom, decided, message, updates

ALL_IN_ONE = ClusterSection(join_score=-1_000)


def texts(count: int, cosine: float) -> list[Row]:
    """Texts of which any two have this cosine."""
    state = STAGE.fresh()
    decided(STAGE, state, [message("a", "Some words.")])
    row, shared = state.language("en").rows["a"], np.eye(384)[0] * cosine**0.5
    made = [quantise(shared + np.eye(384)[at + 1] * (1 - cosine) ** 0.5) for at in range(count)]
    return [replace(row, id=f"a{at}", features=replace(row.features, vector=each)) for at, each in enumerate(made)]


def raised(rows: list[Row], independent_texts: int, alarmed: int = 0) -> tuple[Alarm, ...]:
    """The alarm of a story of these newest texts."""
    story = growth.opened(article("a"), number=1, clock=START)
    story = msgspec.structs.replace(story, independent_texts=independent_texts, alarmed=alarmed)
    return alarms(story, rows, nearness(rows, 100))


@pytest.mark.parametrize("cosine", [0.2, 0.55, 0.9])
def test_coherence_is_the_mean_cosine_with_the_medoid(cosine: float) -> None:
    assert coherence(nearness(texts(30, cosine), 100)) == pytest.approx(cosine, abs=0.01)


def test_a_large_story_of_texts_that_are_not_alike_raises_an_alarm_that_says_why() -> None:
    [alarm] = raised(texts(40, 0.5), 70)
    assert (alarm.independent_texts, alarm.least) == (70, LEAST)
    assert alarm.coherence == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(
    ("count", "cosine", "size", "alarmed", "expected"),
    [
        (FROM, LEAST - 0.03, FROM, 0, 1),
        (FROM, LEAST + 0.03, FROM, 0, 0),
        (FROM - 1, 0.1, FROM - 1, 0, 0),
        (FROM - 1, 0.1, 10 * FROM, 0, 0),  # most of it expired
        (40, 0.5, 79, 40, 0),
        (40, 0.5, 80, 40, 1),
    ],
)
def test_when_an_alarm_is_raised(count: int, cosine: float, size: int, alarmed: int, expected: int) -> None:
    assert len(raised(texts(count, cosine), size, alarmed)) == expected


def test_where_a_vector_is_missing_the_words_are_looked_at() -> None:
    rows = texts(FROM, 0.1)
    rows[3] = replace(rows[3], features=replace(rows[3].features, vector=None))
    assert raised(rows, FROM) == ()  # one text, twenty times
    blob = blobs(events=FROM, lang="de")
    assert blob
    assert all(alarm.least == LEAST_WORDS for _, alarm in blob)


def blobs(events: int, lang: str = "en") -> list[tuple[int, Alarm]]:
    """The alarms, and at which article, of 90 reports of so many events that are all taken for one."""
    newsroom = Newsroom(3)
    reports = (newsroom.report(number % events * 2, 80) for number in range(90))
    found = updates(
        *(message(f"a{i}", text, title, day=i / 50, lang=lang) for i, (title, text) in enumerate(reports)),
        section=ALL_IN_ONE,
    )
    assert len({update.assigned.story for update in found if update.assigned}) == 1
    return [(at, alarm) for at, update in enumerate(found, 1) for alarm in update.alarms]


def test_a_synthetic_blob_is_found_once_per_doubling() -> None:
    found = blobs(events=30)
    assert [at for at, _ in found] == [FROM, 2 * FROM, 4 * FROM]
    assert [alarm.independent_texts for _, alarm in found] == [FROM, 2 * FROM, 4 * FROM]
    assert all(alarm.coherence < LEAST for _, alarm in found)


def test_a_large_story_of_one_event_raises_none() -> None:
    assert blobs(events=1) == []


def test_a_story_remembers_its_last_alarm() -> None:
    newsroom = Newsroom(3)
    reports = (newsroom.report(number * 2, 80) for number in range(FROM + 1))
    found: list[StoryUpdate] = updates(
        *(message(f"a{i}", text, title) for i, (title, text) in enumerate(reports)), section=ALL_IN_ONE
    )
    assert [update.changed[0].alarmed for update in found[-3:]] == [0, FROM, FROM]


def test_of_two_stories_that_are_united_the_later_alarm_is_remembered() -> None:
    one, other = (growth.opened(article(id), number=1, clock=START) for id in "ab")  # noqa: A001
    other = msgspec.structs.replace(other, alarmed=40)
    assert growth.united(one, other, [], []).alarmed == 40
