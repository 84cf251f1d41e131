"""Exactly once: a real worker, killed at any moment."""

import random
import time
from contextlib import closing
from pathlib import Path

import pytest

from config.sections import WorkerSection
from streams.connect import connect
from streams.worker import Worker
from tests.streams.processes import forked, kill
from tests.streams.toys import Counter, Fragile, dead_letters, expected, feed, inputs_of, outputs, topics_of

SECTION = WorkerSection(batch=5, poll_seconds=0.01)
WORDS = [f"w{n * n % 23}" for n in range(2_000)]


def work_until_killed(url: str) -> None:
    slow = Fragile(before=lambda message: time.sleep(0.0003))
    Worker(connect(url), slow, topics_of(), SECTION).run(lambda: False)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_worker_killed_at_random_moments_loses_nothing_and_repeats_nothing(tmp_path: Path, seed: int) -> None:
    url, topics, moment = f"sqlite:///{tmp_path}/log.db", topics_of(), random.Random(seed)
    with closing(connect(url)) as log:
        log.create(topics.specs())
        for partition in (0, 1):
            feed(log, topics, WORDS, partition)
        for _ in range(12):
            with forked(work_until_killed, url) as worker:
                time.sleep(moment.uniform(0, 0.15))  # from before it has joined to the middle of its work
                kill(worker)
        reached = log.committed("dedup", "articles")
        assert 0 < sum(reached.values()) < 2 * len(WORDS), "the kills did not come in the middle of the work"
        Worker(log, Counter(), topics, SECTION).drain()
        for partition in (0, 1):
            assert inputs_of(log, topics, partition) == list(range(len(WORDS)))
            assert outputs(log, topics, partition) == expected(WORDS)
            assert dead_letters(log, topics, partition) == []
