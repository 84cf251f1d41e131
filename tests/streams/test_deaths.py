"""Messages that kill the process, and kills that no message is to blame for: with real processes that die."""

import os
from collections.abc import Sequence
from pathlib import Path

from config.sections import WorkerSection
from streams import deaths
from streams.connect import connect
from streams.log import Append, Log
from streams.messages import encode
from streams.topics import Topics
from streams.worker import Worker
from tests.streams.processes import ended, forked
from tests.streams.toys import (
    FAST,
    Counter,
    Fragile,
    Word,
    changelog,
    dead_letters,
    drain,
    expected,
    feed,
    outputs,
    topics_of,
    words,
)


def work(url: str, processor: Counter, batch: int = FAST.batch) -> None:
    section = WorkerSection(batch=batch, poll_seconds=0.01)
    Worker(connect(url), processor, topics_of(), section).drain()


def deaths_until_drained(url: str, processor: Counter, at_most: int, batch: int = FAST.batch) -> int:
    """Run workers one after the other, as a supervisor does; how many died."""
    for died in range(at_most + 1):
        with forked(work, url, processor, batch) as worker:
            code = ended(worker)
        if code == 0:
            return died
        assert code == 9
    raise AssertionError(f"still not drained after {at_most} deaths")


def test_a_message_that_kills_the_process_is_a_dead_letter_after_five_deaths(
    log: Log, url: str, topics: Topics
) -> None:
    feed(log, topics, [*words(33), "poison", *words(30)])
    feed(log, topics, words(40), partition=1)
    died = deaths_until_drained(url, Fragile(dies=["poison"]), 10)
    assert died == deaths.SUSPICIOUS_DEATHS + deaths.CONVICTING_DEATHS == 5
    (letter,) = dead_letters(log, topics)
    assert (letter.headers["offset"], letter.headers["error"]) == ("33", "ProcessDied")
    assert letter.headers["message"] == "the process died 3 times deciding it"
    assert outputs(log, topics) == expected(words(33) + words(30))
    assert outputs(log, topics, 1) == expected(words(40))
    assert dead_letters(log, topics, 1) == []


def test_two_poisons_in_one_batch_cost_their_own_deaths_only(log: Log, url: str, topics: Topics) -> None:
    feed(log, topics, ["a", "poison", "b", "poison", "c"])
    assert deaths_until_drained(url, Fragile(dies=["poison"]), 12) == 5 + 3
    assert [letter.headers["offset"] for letter in dead_letters(log, topics)] == ["1", "3"]
    assert [output.text for output in outputs(log, topics)] == ["a", "b", "c"]


def test_deaths_in_a_batch_never_count_against_a_message(
    log: Log, url: str, topics: Topics, tmp_path: Path
) -> None:
    """Killed from outside, again and again, but never while a marked message is being decided."""
    feed(log, topics, words(60))

    class KilledInBatches(Counter):
        def prepare(self, messages: Sequence[Word]) -> None:
            if len(messages) > 1:
                os._exit(9)

    assert deaths_until_drained(url, KilledInBatches(), 20, batch=10) < 20
    assert dead_letters(log, topics) == []
    assert outputs(log, topics) == expected(words(60))


def test_messages_are_taken_alone_only_for_as_long_as_a_batch_is_suspected(
    log: Log, url: str, topics: Topics
) -> None:
    feed(log, topics, words(50))
    found = deaths.Run(committed=0, deaths=1)
    log.append([Append("dedup-changelog", 0, deaths.KEY, encode(found))])
    sizes: list[int] = []

    class Watched(Counter):
        def prepare(self, messages: Sequence[Word]) -> None:
            sizes.append(len(messages))

    drain(log, topics, Watched(), WorkerSection(batch=20, poll_seconds=0.01))
    assert sizes == [1] * 20 + [20, 10]
    assert deaths.KEY not in changelog(log, topics)
