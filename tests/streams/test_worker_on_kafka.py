"""The exactly-once loop on a real Kafka broker: what rests on the log and not on the loop alone.

The loop itself is tested on the embedded log (`test_worker.py`), where a test takes milliseconds.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import count
from uuid import uuid4

import pytest

from config.sections import KafkaSection, WorkerSection
from streams import deaths
from streams.connect import connect
from streams.failures import StageStopped
from streams.log import Append, CommitFailed, Log
from streams.topics import Topics
from streams.worker import Worker
from tests.streams.processes import ended, forked, kill
from tests.streams.toys import (
    Counter,
    Fragile,
    changelog,
    dead_letters,
    drain,
    expected,
    feed,
    inputs_of,
    outputs,
    topics_of,
    words,
)
from tests.waiting import wait_for

SECTION = WorkerSection(batch=20, poll_seconds=0.1)

KAFKA = KafkaSection(session_seconds=6)
"""The dead are forgotten as soon as the settings allow."""


@pytest.fixture
def url(kafka: str) -> str:
    return f"kafka://{kafka}"


@pytest.fixture
def topics() -> Topics:
    return topics_of(f"worker-{uuid4().hex[:12]}")


@pytest.fixture
def log(url: str, topics: Topics) -> Iterator[Log]:
    with closing(connect(url, KAFKA)) as log:
        log.create(topics.specs())
        yield log


def offsets(log: Log, topics: Topics, partition: int = 0) -> list[int]:
    """Where the inputs stand: the marks of transactions leave gaps."""
    return [record.offset for record in log.read(topics.reads("dedup"), partition)]


def test_every_input_has_one_output_that_names_it_however_often_the_worker_starts(
    log: Log, topics: Topics
) -> None:
    for start in range(0, 60, 17):
        feed(log, topics, words(60)[start : start + 17])
        feed(log, topics, words(60)[start : start + 17], partition=1)
        drain(log, topics, section=SECTION)
    drain(log, topics, section=SECTION)  # with nothing to do
    for partition in (0, 1):
        assert outputs(log, topics, partition) == expected(words(60))
        assert inputs_of(log, topics, partition) == offsets(log, topics, partition)
    assert deaths.KEY not in changelog(log, topics), "a clean stop looks like a death"


def test_what_fails_is_a_dead_letter_until_there_are_too_many(log: Log, topics: Topics) -> None:
    feed(log, topics, [*words(10), "bad", *words(5)])
    log.append([Append(topics.reads("dedup"), 0, "en", b"not JSON", {"trace": "t"})])
    drain(log, topics, Fragile(raises=["bad"]), SECTION)
    assert outputs(log, topics) == expected([*words(10), *words(5)])
    assert [letter.headers["error"] for letter in dead_letters(log, topics)] == ["Broken", "BadMessage"]
    feed(log, topics, ["bad"] * 9)
    for _ in range(2):
        with pytest.raises(StageStopped, match="failures_in_a_row"):
            drain(log, topics, Fragile(raises=["bad"]), SECTION)
        assert len(dead_letters(log, topics)) == 2 + SECTION.failures_in_a_row


@pytest.mark.parametrize("after", [False, True], ids=["nothing written", "all written"])
def test_a_failed_commit_costs_nothing(
    log: Log, topics: Topics, after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed(log, topics, words(100))
    feed(log, topics, words(50), partition=1)
    flaky = Worker(log, Counter(), topics, SECTION)
    monkeypatch.setattr(log, "member", failing_every_third_commit(log.member, after))
    flaky.drain()
    monkeypatch.undo()
    for partition, number in ((0, 100), (1, 50)):
        assert outputs(log, topics, partition) == expected(words(number))
        assert inputs_of(log, topics, partition) == offsets(log, topics, partition)


def failing_every_third_commit(join: Callable[..., object], after: bool) -> Callable[..., object]:
    """Members whose commits fail, before or after they have happened."""

    def joined(*args: object) -> object:
        member, number = join(*args), count(1)
        commit = member.commit  # type: ignore[attr-defined]

        def flaky(appends: Sequence[Append], offsets: object) -> None:
            fails = next(number) % 3 == 0
            if after or not fails:
                commit(appends, offsets)
            if fails:
                raise CommitFailed("nobody knows whether it has happened")

        member.commit = flaky  # type: ignore[attr-defined]
        return member

    return joined


def work(url: str, topics: Topics, processor: Counter, instance: str = "0") -> None:
    Worker(connect(url, KAFKA), processor, topics, SECTION, instance).run(lambda: False)


def test_a_worker_killed_at_random_moments_loses_nothing_and_repeats_nothing(
    log: Log, url: str, topics: Topics
) -> None:
    stream, moment = [f"w{n * n % 23}" for n in range(1_200)], random.Random(1)
    for partition in (0, 1):
        feed(log, topics, stream, partition)

    def reached() -> int:
        return sum(log.committed(topics.name("dedup"), topics.reads("dedup")).values())

    slow = Fragile(before=lambda message: time.sleep(0.001))
    for _ in range(5):
        target = reached() + moment.randrange(400)
        with forked(work, url, topics, slow) as worker:
            wait_for(lambda target=target: reached() >= target, 30, f"{target} messages")
            kill(worker)
    assert reached() < 2 * len(stream), "the kills did not come in the middle of the work"
    drain(log, topics, section=WorkerSection(batch=500, poll_seconds=0.1))
    for partition in (0, 1):
        assert outputs(log, topics, partition) == expected(stream)
        assert inputs_of(log, topics, partition) == offsets(log, topics, partition)
        assert dead_letters(log, topics, partition) == []


def test_a_message_that_kills_the_process_is_found_and_its_neighbours_are_kept(
    log: Log, url: str, topics: Topics
) -> None:
    feed(log, topics, [*words(10), "deadly", *words(10)])
    for _ in range(deaths.SUSPICIOUS_DEATHS + deaths.CONVICTING_DEATHS):
        with forked(work, url, topics, Fragile(dies=["deadly"])) as worker:
            assert ended(worker, 30) == 9
    drain(log, topics, Fragile(dies=["deadly"]), SECTION)
    assert outputs(log, topics) == expected([*words(10), *words(10)])
    (letter,) = dead_letters(log, topics)
    assert letter.headers["error"] == "ProcessDied"


def test_a_second_worker_takes_its_share_and_all_when_the_first_is_gone(
    log: Log, url: str, topics: Topics
) -> None:
    slow = Fragile(before=lambda message: time.sleep(0.002))
    for partition in (0, 1):
        feed(log, topics, words(1_000), partition)
    with forked(work, url, topics, slow, "0") as first, forked(work, url, topics, slow, "1"):
        wait_for(lambda: len(log.committed(topics.name("dedup"), topics.reads("dedup"))) == 2, 30, "both to work")
        kill(first)
    drain(log, topics, section=SECTION)
    for partition in (0, 1):
        assert outputs(log, topics, partition) == expected(words(1_000))
        assert inputs_of(log, topics, partition) == offsets(log, topics, partition)
