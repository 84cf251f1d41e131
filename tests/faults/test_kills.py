"""The whole service, from feeds over HTTP to the sinks, while random stages are killed."""

import os
import random
import signal
import statistics
import time
from collections.abc import Callable

import pytest

from streams.log import Log
from streams.topics import Topics
from tests.faults.newsroom import Newsroom, news
from tests.faults.process import Process
from tests.faults.proof import emitted, faults, poller_at_fault
from tests.faults.site import MakeSite, Site
from tests.waiting import wait_for

EDITION = 40
"""Articles that each feed brings at once: several batches, so that a kill meets all stages at work."""

SECONDS_TO_RETURN = 10.0
"""From the kill of a stage to the next that it puts out: half of them at least, on a machine that is busy."""

SESSION_SECONDS = 30
"""Far longer than that: a stage that had to wait for its own old session to end would show."""


def newsroom(articles: int) -> Newsroom:
    """Two feeds in two languages, so that two partitions of every topic are at work."""
    half = articles // 2
    return Newsroom({"127.0.0.1": news(half, "en"), "127.0.0.2": news(half, "de")})


def next_output(log: Log, topics: Topics, stage: str) -> Callable[[], bool]:
    """Tells whether the stage has put out anything since now."""
    if stage.startswith("sink-"):
        group, topic = topics.name(stage), topics.name("stories")
        before = log.committed(group, topic)
        return lambda: log.committed(group, topic) != before
    topic = topics.name("articles") if stage == "poller" else topics.writes(stage)
    ends = log.end_offsets(topic)
    return lambda: any(list(log.read(topic, partition, end)) for partition, end in ends.items())


def kill(site: Site, process: Process, desk: Newsroom, deck: list[str], rng: random.Random) -> list[float]:
    """Kill one stage, now and then two, and return after how many seconds each put out something again.

    `deck`: the stages to come, shuffled anew when there are too few, so that each has its turn.
    """
    running = wait_for(process.stages)
    count = 2 if rng.random() < 0.2 else 1
    if len(deck) < count:
        deck[:] = rng.sample(sorted(running), len(running))
    victims = [deck.pop() for _ in range(count)]
    for stage in victims:
        os.kill(running[stage], signal.SIGKILL)
    killed = time.monotonic()
    desk.shown += 1  # so that there is something to do for each
    back = {}
    for stage, is_back in [(stage, next_output(site.log, site.topics, stage)) for stage in victims]:
        site.awaits(is_back, f"{stage} to be back")
        back[stage] = time.monotonic() - killed
    print("killed, and back after", ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in back.items()))
    return list(back.values())


def disturb(site: Site, desk: Newsroom, kills: int, rng: random.Random) -> list[float]:
    """Run a service until all news has arrived, and kill stages on the way; how long each took to return."""
    total = desk.total
    at = sorted(rng.sample(range(1, total - len(desk.feeds) * kills), kills))
    returned: list[float] = []
    deck: list[str] = []
    with site.running() as process:
        while (arrived := site.arrived()) < total:
            if arrived >= desk.shown * len(desk.feeds):
                # One article of each feed is kept back for each kill to come.
                desk.shown = min(desk.shown + EDITION, total // len(desk.feeds) - len(at))
            wanted = min([desk.shown * len(desk.feeds), *at[:1]])
            site.awaits(lambda n=wanted: site.arrived() >= n, f"{wanted} articles")
            while at and site.arrived() >= at[0]:
                at.pop(0)
                returned += kill(site, process, desk, deck, rng)
        site.awaits(lambda: site.lines() >= total, "the last line of the files")
    return returned


def check(make: MakeSite, articles: int, kills: int, seed: int) -> None:
    """So many kills change nothing."""
    print(f"seed {seed}")
    desk = newsroom(articles)
    with desk.serving():
        site = make(feeds=desk.urls, session_seconds=SESSION_SECONDS)
        returned = disturb(site, desk, kills, random.Random(seed))
    made = emitted(site)
    assert poller_at_fault(desk, made) == []
    assert {article.lang for article in made} == {"en", "de"}, "two partitions were to be at work"
    assert faults(site) == []
    verdicts = {row for (row,) in site.sql.ask(site.folder, "SELECT DISTINCT verdict FROM articles")}
    assert {"original", "near"} <= verdicts, "the news must give dedup something to find"
    (stories,) = site.sql.ask(site.folder, "SELECT count(*) FROM stories")[0]
    assert stories < articles, "the news must give cluster something to gather"
    half = statistics.median(returned)
    what = f"{kills} kills over {articles} articles: 0 lost, 0 twice, 0 differing"
    print(f"{what}; half were back after {half:.1f} s, the slowest after {max(returned):.1f} s")
    assert half < SECONDS_TO_RETURN


@pytest.mark.timeout(240)
def test_five_kills_change_nothing_on_the_embedded_log(embedded: MakeSite) -> None:
    check(embedded, articles=300, kills=5, seed=1)


@pytest.mark.timeout(240)
def test_five_kills_change_nothing_on_kafka(on_kafka: MakeSite) -> None:
    check(on_kafka, articles=300, kills=5, seed=2)


@pytest.mark.chaos
@pytest.mark.timeout(1_800)
def test_a_hundred_kills_change_nothing_on_the_embedded_log(embedded: MakeSite) -> None:
    check(embedded, articles=2_000, kills=100, seed=3)


@pytest.mark.chaos
@pytest.mark.timeout(1_800)
def test_a_hundred_kills_change_nothing_on_kafka(on_kafka: MakeSite) -> None:
    check(on_kafka, articles=2_000, kills=100, seed=4)
