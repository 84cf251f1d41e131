"""A process is stopped until another has taken its place, and then goes on: nothing that it still holds may count.

It is stopped where it hurts: with messages decided and not committed, with a fetch under way, with rows about to
be written. Its successor is another member of its group, or, with the same `instance`, its replacement.
"""

from collections.abc import Sequence

import pytest

from service.exits import Exit
from streams.log import Append
from streams.messages import StoryUpdate, encode
from tests.builders import Wire
from tests.faults.newsroom import Newsroom, news
from tests.faults.process import Process
from tests.faults.proof import emitted, faults, poller_at_fault, rows_at_fault
from tests.faults.site import MakeSite, Site
from tests.waiting import wait_for

OTHER, SAME = "1", "0"
"""The `instance` of the successor; that of the zombie is 0."""

REPLACED = "another process has taken this one's place: give each its own `instance`"


def check_fenced(zombie: Process, successor: str) -> None:
    """A zombie with a replacement ends and says why; one that lost its partitions goes on as a member."""
    if successor == SAME:
        assert zombie.ended() == Exit.STORE
        assert zombie.last_words.startswith("storywire: ")
        assert zombie.last_words.endswith(REPLACED)


@pytest.mark.parametrize("successor", [OTHER, SAME], ids=["other instance", "same instance"])
def test_what_a_paused_stage_has_decided_counts_for_nothing(on_kafka: MakeSite, successor: str) -> None:
    site, items = on_kafka(), news(80)
    site.publish(items[:40])
    with site.running("dedup", name="zombie", tampering="stops_in_dedup") as zombie:
        wait_for(lambda: zombie.is_frozen, what="the stage to stop")
        with site.running("dedup", name="successor", instance=successor):
            site.awaits(lambda: deduped(site) == 40, "40 articles")
            zombie.thaw()
            check_fenced(zombie, successor)
            if successor == OTHER:
                wait_for(lambda: zombie.said("commit failed, restoring"), what="the refusal of its commit")
            site.publish(items[40:])
            site.awaits(lambda: deduped(site) == 80, "80 articles")
    site.drain()
    assert faults(site) == []


def deduped(site: Site) -> int:
    """How many articles dedup has put out."""
    return len(site.records("deduped"))


@pytest.mark.parametrize("successor", [OTHER, SAME], ids=["other instance", "same instance"])
def test_what_a_paused_poller_has_fetched_counts_for_nothing(on_kafka: MakeSite, successor: str) -> None:
    desk = Newsroom({"127.0.0.1": news(60), "127.0.0.2": news(60, "de")})
    with desk.serving():
        site = on_kafka(feeds=desk.urls)
        desk.shown = 20
        with site.running("poller", name="zombie") as zombie:
            site.awaits(lambda: len(emitted(site)) == 40, "the first articles")
            with desk.holding(requests=2) as answer:
                zombie.freeze()
                desk.shown = 40
                with site.running("poller", name="successor", instance=successor):
                    site.awaits(lambda: len(emitted(site)) == 80, "the successor to take the feeds over")
                    zombie.thaw()
                    answer()
                    check_fenced(zombie, successor)
                    desk.shown = 60
                    site.awaits(lambda: len(emitted(site)) == 120, "the last articles")
    assert poller_at_fault(desk, emitted(site)) == []


@pytest.mark.parametrize("successor", [OTHER, SAME], ids=["other instance", "same instance"])
def test_what_a_paused_sink_was_about_to_write_counts_for_nothing(on_kafka: MakeSite, successor: str) -> None:
    site, updates = on_kafka(), list(Wire(1, ("en", "de")).updates(120))
    tell(site, updates[:90])
    sink = ("sinks", "--sink", site.database)
    with site.running(*sink, name="zombie", tampering="stops_in_flush") as zombie:
        wait_for(lambda: zombie.is_frozen, what="the sink to stop")
        with site.running(*sink, name="successor", instance=successor):
            site.awaits(lambda: has_taken(site, updates[:90]), "the successor to take the updates")
            zombie.thaw()
            check_fenced(zombie, successor)
            tell(site, updates[90:])
            site.awaits(lambda: has_taken(site, updates), "the last updates")
    assert list(rows_at_fault(site, updates)) == []


def tell(site: Site, updates: Sequence[StoryUpdate]) -> None:
    """Put updates on the topic `stories`."""
    appends = [
        Append(site.topics.name("stories"), site.topics.partition(lang), lang, encode(update))
        for update in updates
        if (lang := update.article.lang)
    ]
    site.log.append(appends)


def has_taken(site: Site, updates: Sequence[StoryUpdate]) -> bool:
    """Whether the database holds all articles of the updates."""
    return site.arrived() == len({update.article.id for update in updates})
