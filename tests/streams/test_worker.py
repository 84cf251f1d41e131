"""The exactly-once loop, with small processors on a real log."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from config.sections import WorkerSection
from streams import deaths
from streams.connect import connect
from streams.failures import StageStopped
from streams.log import Append, CommitFailed, Fenced, Log, Member, TopicPartition
from streams.messages import Decoder
from streams.ownership import STANDING_BY_POLLS
from streams.processor import Halt
from streams.topics import Topics
from streams.worker import COMMIT_TRIES, Worker
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
    inputs_of,
    outputs,
    topics_of,
    words,
)

# --- the ordinary way ----------------------------------------------------------------------------------


def test_every_input_has_one_output_that_names_it(log: Log, topics: Topics) -> None:
    feed(log, topics, words(50))
    feed(log, topics, words(30), partition=1)
    drain(log, topics)
    for partition, number in ((0, 50), (1, 30)):
        assert outputs(log, topics, partition) == expected(words(number))
        assert inputs_of(log, topics, partition) == list(range(number))
    record = next(log.read("deduped", 1))
    assert (record.key, record.partition) == ("en", 1)
    assert record.headers == {"trace": "trace of w0", "input": "articles/1/0"}
    assert log.committed("dedup", "articles") == {0: 50, 1: 30}


def test_a_drained_worker_goes_on_where_it_was(log: Log, topics: Topics) -> None:
    for start in range(0, 60, 17):
        feed(log, topics, words(60)[start : start + 17])
        drain(log, topics)
        drain(log, topics)  # with nothing to do
    assert outputs(log, topics) == expected(words(60))


def test_outputs_do_not_depend_on_the_batch(log: Log) -> None:
    seen = []
    for batch in (1, 3, 1_000):
        topics = topics_of(f"batch-of-{batch}")
        log.create(topics.specs())
        feed(log, topics, words(100))
        drain(log, topics, section=WorkerSection(batch=batch, poll_seconds=0.01))
        seen.append([record.value for record in log.read(topics.name("deduped"), 0)])
    assert seen[0] == seen[1] == seen[2]


def test_a_stop_finishes_the_message_in_hand_and_commits(log: Log, topics: Topics) -> None:
    feed(log, topics, words(100))
    decided = count(1)
    taken: list[int] = []
    counter = Fragile(before=lambda message: taken.append(next(decided)))
    Worker(log, counter, topics, FAST).run(lambda: len(taken) >= 33)
    assert len(taken) == 33
    assert outputs(log, topics) == expected(words(100))[:33]
    assert deaths.KEY not in changelog(log, topics), "a clean stop looks like a death"
    drain(log, topics)
    assert outputs(log, topics) == expected(words(100))


# Streams of a few words, so that counts grow, words are forgotten and seen again.
streams = st.lists(st.sampled_from("abcdefg"), max_size=60)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stream=streams, cuts=st.lists(st.integers(0, 60), max_size=4), batch=st.integers(1, 30))
def test_a_restored_worker_decides_as_the_one_before(
    tmp_path: Path, stream: list[str], cuts: list[int], batch: int
) -> None:
    topics = topics_of(f"n{len(list(tmp_path.iterdir()))}")
    with closing(connect(f"sqlite:///{tmp_path}/{topics.namespace}.db")) as log:
        log.create(topics.specs())
        for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(stream)], strict=True):
            feed(log, topics, stream[start:end])
            drain(log, topics, section=WorkerSection(batch=batch, poll_seconds=0.01))
        assert outputs(log, topics) == expected(stream)


# --- messages that fail --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "error", "reason"),
    [
        (b"not JSON", "BadMessage", "malformed"),
        (b'{"schema":1,"text":5}', "BadMessage", "Expected `str`"),
        (b'{"schema":2,"text":"x"}', "UnknownSchema", "schema version 2, this Storywire reads version 1"),
        (b"\xff\xfe", "BadMessage", "malformed"),
        (b'{"schema":1,"text":"x","y":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "BadMessage", "recursion"),
        (None, "BadMessage", "tombstone"),
    ],
    ids=["no JSON", "wrong type", "unknown schema", "no UTF-8", "too deep", "tombstone"],
)
def test_what_cannot_be_decoded_is_a_dead_letter_and_nothing_else_is_lost(
    log: Log, topics: Topics, value: bytes | None, error: str, reason: str
) -> None:
    feed(log, topics, words(10), partition=1)
    log.append([Append("articles", 1, "de", value, {"trace": "t"})])
    feed(log, topics, words(20)[10:], partition=1)
    with capture_logs() as lines:
        drain(log, topics)
    assert outputs(log, topics, 1) == expected(words(20))
    (letter,) = dead_letters(log, topics, 1)
    assert (letter.key, letter.value) == ("de", value)
    told = dict(letter.headers)
    assert reason in told.pop("message")
    place = {"topic": "articles", "partition": "1", "offset": "10"}
    assert told == {"trace": "t", "stage": "dedup", "error": error, **place}
    (line,) = [line for line in lines if line["event"] == "dead letter"]
    assert line["trace"] == "t"
    assert line["offset"] == 10


def test_many_undecodable_messages_do_not_stop_a_stage(log: Log, topics: Topics) -> None:
    log.append([Append("articles", 0, "en", b"no")] * 50)
    drain(log, topics)
    assert len(dead_letters(log, topics)) == 50


def test_a_message_that_raises_is_a_dead_letter_and_its_neighbours_are_not(log: Log, topics: Topics) -> None:
    feed(log, topics, [*words(30), "bad", *words(10)])
    drain(log, topics, Fragile(raises=["bad"]))
    assert outputs(log, topics) == expected([*words(30), *words(10)])
    assert inputs_of(log, topics) == [n for n in range(41) if n != 30]
    (letter,) = dead_letters(log, topics)
    assert letter.headers["error"] == "Broken"
    assert letter.headers["message"].startswith("cannot decide bad (toys.py:")
    assert letter.headers["trace"] == "trace of bad"


def test_a_message_that_raises_once_is_tried_again(log: Log, topics: Topics) -> None:
    feed(log, topics, [*words(30), "late", *words(10)])
    drain(log, topics, Fragile(raises_once={"late"}))
    assert outputs(log, topics) == expected([*words(30), "late", *words(10)])
    assert dead_letters(log, topics) == []


def test_a_state_that_was_changed_by_half_is_restored(log: Log, topics: Topics) -> None:
    feed(log, topics, [*words(30), "late", "late", *words(10)])
    drain(log, topics, Fragile(raises_in_apply={"late"}))
    assert outputs(log, topics) == expected([*words(30), "late", "late", *words(10)])


def test_an_output_that_cannot_be_encoded_is_a_failure_of_its_message_alone(log: Log, topics: Topics) -> None:
    feed(log, topics, [*words(5), "surrogate", *words(5)])

    class Careless(Counter):
        def decide(self, state: Any, message: Word) -> Any:
            text = "\ud800" if message.text == "surrogate" else message.text
            return super().decide(state, message) if text != "\ud800" else self.careless(state)

        def careless(self, state: Any) -> Any:
            decision = super().decide(state, Word(text="x"))
            return type(decision)(type(decision.output)(text="\ud800", count=1, digest=""), decision.changes)

    drain(log, topics, Careless())
    assert outputs(log, topics) == expected(words(5) + words(5))
    assert [letter.headers["error"] for letter in dead_letters(log, topics)] == ["UnicodeEncodeError"]


def test_a_processor_cannot_write_the_workers_own_keys(log: Log, topics: Topics) -> None:
    feed(log, topics, ["worker:run"])
    drain(log, topics)
    (letter,) = dead_letters(log, topics)
    assert "are the worker's own" in letter.headers["message"]


# --- too many failures ---------------------------------------------------------------------------------


def test_failures_in_a_row_stop_the_stage_and_restarts_do_not_drain_the_topic(log: Log, topics: Topics) -> None:
    feed(log, topics, [*words(10), *["bad"] * 9, *words(10)])
    for _ in range(4):
        with pytest.raises(StageStopped) as caught:
            drain(log, topics, Fragile(raises=["bad"]))
        assert len(dead_letters(log, topics)) == FAST.failures_in_a_row == 5
        assert log.committed("dedup", "articles")[0] == 15
    for part in (
        "stage dedup",
        "articles/0/15",
        "worker.failures_in_a_row",
        "Broken: cannot decide bad",
        "offset 15",
    ):
        assert part in str(caught.value)
    drain(log, topics, Counter())  # mended
    assert len(dead_letters(log, topics)) == 5
    assert outputs(log, topics) == expected([*words(10), *["bad"] * 4, *words(10)])


def test_a_success_ends_the_row_also_across_restarts(log: Log, topics: Topics) -> None:
    for _ in range(2):
        feed(log, topics, [*["bad"] * 4, "good"])
        drain(log, topics, Fragile(raises=["bad"]))
    feed(log, topics, ["bad"] * 2)
    drain(log, topics, Fragile(raises=["bad"]))
    assert len(dead_letters(log, topics)) == 10


def test_scattered_failures_stop_the_stage_when_they_are_many(log: Log, topics: Topics) -> None:
    feed(log, topics, ["good", "bad"] * 20)
    with pytest.raises(StageStopped, match=r"11 of the last 1,000.*worker.failures_in_1000"):
        drain(log, topics, Fragile(raises=["bad"]))
    assert len(dead_letters(log, topics)) == 11


def test_a_halt_stops_at_once_and_blames_no_message(log: Log, topics: Topics) -> None:
    feed(log, topics, [*words(30), "mixed", *words(5)])
    for _ in range(6):
        with pytest.raises(Halt, match="mixed"):
            drain(log, topics, Fragile(halts=["mixed"]))
    assert dead_letters(log, topics) == []
    assert log.committed("dedup", "articles")[0] <= 30
    drain(log, topics)
    assert outputs(log, topics) == expected([*words(30), "mixed", *words(5)])


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("w1", b'{"schema":9,"type":"count","count":1}', "schema version 9"),
        ("w1", b'{"schema":1,"type":"unheard-of"}', "unheard-of"),
        ("worker:run", b'{"schema":9}', "schema version 9"),
        ("worker:failures", b"rubbish", "malformed"),
        ("worker:unheard-of", b"{}", "no such key"),
    ],
)
def test_a_changelog_of_another_version_halts_with_the_remedy(
    log: Log, topics: Topics, key: str, value: bytes, told: str
) -> None:
    feed(log, topics, words(5))
    log.append([Append("dedup-changelog", 0, key, value)])
    with pytest.raises(Halt) as caught:
        drain(log, topics)
    for part in ("dedup-changelog/0/0", key, told, "start the version of Storywire that wrote it"):
        assert part in str(caught.value)
    assert outputs(log, topics) == []


# --- commits that fail ---------------------------------------------------------------------------------


class Flaky:
    """A real log whose members fail to commit when told to."""

    def __init__(self, log: Log, fails: Callable[[int], bool], after: bool = False) -> None:
        """`fails` is asked with the number of the commit; `after`: it fails when all is written."""
        self._log, self._fails, self._after, self._commits = log, fails, after, count()
        self.tried: list[Append] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def member(self, group: str, topic: str, instance: str) -> Member:
        member = self._log.member(group, topic, instance)
        commit = member.commit

        def flaky(appends: Sequence[Append], offsets: Mapping[TopicPartition, int]) -> None:
            self.tried += appends
            fails = self._fails(next(self._commits))
            if self._after or not fails:
                commit(appends, offsets)
            if fails:
                raise CommitFailed("cannot write: the disk is full; free some space")

        member.commit = flaky  # type: ignore[method-assign]
        return member


@pytest.mark.parametrize("after", [False, True], ids=["nothing written", "all written"])
@pytest.mark.parametrize("every", [2, 3, 5])
def test_a_failed_commit_costs_nothing(log: Log, topics: Topics, every: int, after: bool) -> None:
    feed(log, topics, words(100))
    feed(log, topics, words(50), partition=1)
    flaky = Flaky(log, lambda n: n % every == 0, after)
    drain(flaky, topics, section=WorkerSection(batch=7, poll_seconds=0.01))  # type: ignore[arg-type]
    assert outputs(log, topics, 0) == expected(words(100))
    assert outputs(log, topics, 1) == expected(words(50))


def test_a_failed_commit_is_no_death(log: Log, topics: Topics) -> None:
    feed(log, topics, words(30))
    flaky = Flaky(log, lambda n: n in (2, 3, 4))
    drain(flaky, topics)  # type: ignore[arg-type]
    runs = [Decoder(deaths.Run)(a.value) for a in flaky.tried if a.key == deaths.KEY and a.value is not None]
    assert runs == [deaths.Run(committed=0)] * 2  # one for each partition
    assert deaths.KEY not in changelog(log, topics)


def test_commits_that_keep_failing_end_the_worker_with_the_reason(log: Log, topics: Topics) -> None:
    feed(log, topics, words(10))
    flaky = Flaky(log, lambda n: True)
    with pytest.raises(CommitFailed, match="free some space"):
        drain(flaky, topics)  # type: ignore[arg-type]
    assert len(flaky.tried) == COMMIT_TRIES


def test_a_worker_that_was_replaced_ends_fenced(log: Log, url: str, topics: Topics) -> None:
    feed(log, topics, words(50))

    def replace(message: Word) -> None:
        if message.text == "w4":
            connect(url).member("dedup", "articles", "0").close()

    with pytest.raises(Fenced, match="replaced by a newer member"):
        drain(log, topics, Fragile(before=replace))
    drain(log, topics)
    assert outputs(log, topics) == expected(words(50))
    assert inputs_of(log, topics) == list(range(50))


def test_a_second_worker_stands_by_and_takes_over(log: Log, topics: Topics) -> None:
    feed(log, topics, words(50))
    owner = log.member("dedup", "articles", "0")
    assert owner.poll(1, 1.0).assigned
    polls = count()

    def stop() -> bool:
        if next(polls) == STANDING_BY_POLLS:
            assert outputs(log, topics) == []
            owner.close()
        return len(outputs(log, topics)) == 50

    with capture_logs() as lines:
        Worker(log, Counter(), topics, FAST, instance="1").run(stop)
    assert outputs(log, topics) == expected(words(50))
    assert [line["event"] for line in lines if "standing by" in line["event"]] != []
