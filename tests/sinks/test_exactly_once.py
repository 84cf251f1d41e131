"""What every storing sink must keep: each update once, whatever dies and whenever."""

import os
import random
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from config.sections import WorkerSection
from sinks.base import Delivery, Sink, SinkError, Source
from sinks.loop import SinkLoop
from streams.log import Log
from tests.builders import Wire, article, update
from tests.sinks.kinds import Kind
from tests.sinks.world import LANGS, SOURCE, TOPICS, WORKER, at, letters, new_log, put
from tests.streams.processes import forked, kill
from tests.waiting import wait_for

BAD = (b"not json", b'{"schema": 99}')


def stream(count: int, seed: int = 1) -> list:
    """Updates of two languages with bad messages in between."""
    updates: list = list(Wire(seed, LANGS).updates(count))
    for n, where in enumerate(range(10, count, count // 5)):
        updates.insert(where, BAD[n % 2])
    return updates


@pytest.fixture
def undisturbed(kind: Kind, tmp_path: Path) -> "tuple[Log, dict, list]":
    """A log with a stream, and what an undisturbed sink makes of it."""
    assert {TOPICS.partition(lang) for lang in LANGS} == {0, 1}
    log = new_log(tmp_path)
    put(log, stream(500))
    other = tmp_path / "undisturbed"
    other.mkdir()
    kind.feed(log, other)
    expected, dead = kind.dump(other), letters(log)
    assert len(dead) == 5
    # Forget that it ever ran: the disturbed sink is to write the dead letters itself.
    log.drop([TOPICS.name("dead-letters")])
    log.create(TOPICS.specs())
    return log, expected, dead


def run_until_killed(kind: Kind, folder: Path) -> None:
    small = WorkerSection(batch=3, poll_seconds=0.05)  # many flushes to be killed in
    SinkLoop(new_log(folder), kind.open(folder), TOPICS, small).run(lambda: False)


def test_killed_at_random_moments_it_holds_every_update_once(kind, undisturbed, tmp_path):
    log, expected, dead = undisturbed
    chance = random.Random(7)

    def reached() -> int:
        return sum(log.committed(kind.group(tmp_path), TOPICS.name("stories")).values())

    kills = 0
    while reached() < 430:
        target = reached() + chance.randrange(1, 60)
        with forked(run_until_killed, kind, tmp_path) as process:
            wait_for(lambda target=target: reached() >= target, what=f"{target} updates")
            kill(process)
            kills += 1
    assert kills >= 6
    kind.feed(log, tmp_path)
    assert kind.dump(tmp_path) == expected
    assert letters(log) == dead


class Dying:
    """A real sink whose process is killed at one step: before a flush, or after it and before the commit."""

    def __init__(self, sink: Sink, step: str, flushes: int) -> None:
        self._sink, self._step, self._flushes = sink, step, flushes
        self.name = sink.name

    def resume(self, source: Source, partitions: Sequence[int]) -> dict[int, int | None]:
        return self._sink.resume(source, partitions)

    def add(self, deliveries: Sequence[Delivery]) -> None:
        self._sink.add(deliveries)

    def flush(self, offsets: Mapping[int, int]) -> None:
        self._flushes -= bool(offsets)
        if self._flushes == 0 and self._step == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        self._sink.flush(offsets)
        if self._flushes == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def close(self) -> None:
        self._sink.close()


def run_dying(kind: Kind, folder: Path, step: str, flushes: int) -> None:
    SinkLoop(new_log(folder), Dying(kind.open(folder), step, flushes), TOPICS, WORKER).run(lambda: False)


@pytest.mark.parametrize("step", ["before", "after"])
def test_killed_between_two_steps_it_holds_every_update_and_every_dead_letter_once(
    kind, undisturbed, tmp_path, step
):
    log, expected, dead = undisturbed
    for flushes in (1, 2, 3, 5, 8):
        with forked(run_dying, kind, tmp_path, step, flushes) as process:
            process.join(20)
            assert process.exitcode == -signal.SIGKILL
    kind.feed(log, tmp_path)
    assert kind.dump(tmp_path) == expected
    assert letters(log) == dead


def test_it_goes_on_where_it_flushed_and_each_partition_by_itself(kind, tmp_path):
    sink = kind.open(tmp_path)
    assert sink.resume(SOURCE, [0, 1]) == {0: 0, 1: 0}
    sink.add([at(0, update(article("a1"))), at(7, update(article("a2")), partition=1)])
    sink.flush({0: 1, 1: 8})
    sink.add([at(1, update(article("never flushed")))])
    sink.close()
    assert kind.open(tmp_path).resume(SOURCE, [0, 1]) == {0: 1, 1: 8}


def test_what_was_added_before_a_resume_is_forgotten(kind, tmp_path):
    sink = kind.open(tmp_path)
    sink.resume(SOURCE, [0])
    sink.add([at(0, update(article("a1")))])
    sink.resume(SOURCE, [0])
    sink.add([at(0, update(article("a1")))])
    sink.flush({0: 1})
    sink.close()
    log = new_log(tmp_path)
    put(log, [update(article("a1"))])
    other = tmp_path / "undisturbed"
    other.mkdir()
    kind.feed(log, other)
    once, twice = kind.dump(other), kind.dump(tmp_path)
    assert list(once.values()) == list(twice.values())


def test_lost_group_offsets_repeat_nothing_in_the_sink(kind, tmp_path):
    log = new_log(tmp_path)
    put(log, Wire(1, LANGS).updates(60))
    kind.feed(log, tmp_path)
    before = kind.dump(tmp_path)
    log.drop_groups([kind.group(tmp_path)])
    kind.feed(log, tmp_path)
    assert kind.dump(tmp_path) == before


def test_a_sink_that_was_removed_is_filled_anew_without_new_dead_letters(kind, tmp_path):
    log = new_log(tmp_path)
    put(log, stream(60))
    kind.feed(log, tmp_path)
    before, dead = kind.dump(tmp_path), letters(log)
    kind.remove(tmp_path)
    kind.feed(log, tmp_path)
    assert kind.dump(tmp_path) == before
    assert letters(log) == dead


@pytest.mark.parametrize("other", [Source("log-2", "stories"), Source("log-1", "test.stories")])
def test_another_log_or_namespace_is_refused_with_the_remedy(kind, tmp_path, other):
    sink = kind.open(tmp_path)
    sink.resume(SOURCE, [0])
    sink.add([at(0, update(article()))])
    sink.flush({0: 1})
    with pytest.raises(SinkError, match=rf"{other.topic} of {other.log}.*move this one away and it is"):
        sink.resume(other, [0])


def test_a_log_put_back_to_an_older_state_is_refused_rather_than_skipped(kind, tmp_path):
    log = new_log(tmp_path)
    sink = kind.open(tmp_path)
    sink.resume(Source(log.identity, "stories"), [0])
    sink.add([at(9, update(article()))])
    sink.flush({0: 10})
    sink.close()
    with pytest.raises(SinkError, match=r"up to 10, and the log ends at 0: .* older state"):
        SinkLoop(log, kind.open(tmp_path), TOPICS, WORKER).run(lambda: False)


def test_sigterm_finishes_the_batch_and_leaves_finished_work(kind, undisturbed, tmp_path):
    log, expected, dead = undisturbed
    polls = iter(range(sys.maxsize))
    SinkLoop(log, kind.open(tmp_path), TOPICS, WORKER).run(lambda: next(polls) > 10)
    kind.feed(log, tmp_path)
    assert kind.dump(tmp_path) == expected
    assert letters(log) == dead
