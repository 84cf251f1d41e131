"""Two pollers share one feed list by the hosts of the feeds, whichever of them dies and whenever."""

import random
from contextlib import ExitStack

import pytest

from ingest.feedlist import partition_of
from tests.faults.newsroom import Newsroom, news
from tests.faults.process import Process
from tests.faults.proof import emitted, poller_at_fault
from tests.faults.site import MakeSite

HOSTS = ("127.0.0.1", "127.0.0.2", "127.0.0.4", "127.0.0.5", "127.0.0.6")
"""Of all four partitions, two of them of one."""

SEED, KILLS = 5, 3
EDITION = 10
"""Articles that each feed brings at once."""


@pytest.mark.timeout(180)
def test_they_share_the_feeds_lose_and_repeat_nothing_and_the_last_one_takes_all(
    on_kafka: MakeSite,
) -> None:
    chance = random.Random(SEED)
    print(f"seed {SEED}")
    desk = Newsroom({host: news((KILLS + 3) * EDITION, seed=seed) for seed, host in enumerate(HOSTS)})
    with desk.serving(), ExitStack() as processes:
        site = on_kafka(feeds=desk.urls)
        assert len({partition_of(site.topics, url) for url in desk.urls}) == 4

        def start(instance: int) -> Process:
            name = f"poller-{instance}"
            return processes.enter_context(site.running("poller", name=name, instance=str(instance)))

        def edition(until: int = EDITION * len(HOSTS)) -> None:
            """Show more of each feed, and wait for so many of it."""
            before = desk.shown * len(HOSTS)
            desk.shown += EDITION
            site.awaits(lambda: len(emitted(site)) >= before + until, f"{until} of edition {desk.shown}")

        def all_are_emitted() -> bool:
            return len(emitted(site)) >= desk.shown * len(HOSTS)

        pollers = [start(0), start(1)]
        for _ in range(KILLS):
            edition(until=chance.randrange(1, EDITION * len(HOSTS)))
            victim = chance.randrange(2)
            pollers[victim].kill()
            pollers[victim] = start(victim)
            site.awaits(all_are_emitted, "the rest of the edition")

        site.awaits(lambda: all(poller.said("restored") for poller in pollers), "both to own feeds")
        told = [len(poller.said("polled")) for poller in pollers]
        edition()
        by = [{line["feed"] for line in p.said("polled")[n:]} for p, n in zip(pollers, told, strict=True)]
        assert by[0] and by[1] and not by[0] & by[1] and by[0] | by[1] == set(desk.urls)

        pollers[1].kill()
        edition()
        assert poller_at_fault(desk, emitted(site)) == []
