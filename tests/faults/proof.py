"""Proves from the log and the sinks that a service has lost nothing, repeated nothing, and decided as undisturbed.

The undisturbed run is a fold: the processors over the topic `articles`, in memory, without commits or deaths. The
service must have come to the very bytes of it, however it was disturbed.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing

import msgspec

from config.settings import Settings
from processors.encoding.encoders import encoder
from service.pipeline import updates
from sinks.open import open_sink
from streams.headers import INPUT
from streams.log import Log
from streams.messages import Article, Decoder, StoryUpdate, encode
from streams.topics import FLOW, Topics
from tests.faults.checker import Answers, difference, wrong_answers
from tests.faults.newsroom import Newsroom
from tests.faults.site import Site
from tests.sinks.kinds import JSONL, tables
from tests.sinks.world import deliver

_article = Decoder(Article)


def faults(site: Site) -> list[str]:
    """All that is wrong with what a service has left at a site that has ended; empty when nothing is."""
    expected = undisturbed(site.log, site.topics, site.settings)
    found = [*stages_at_fault(site.log, site.topics), *stories_at_fault(site.log, site.topics, expected)]
    all_updates = [update for updates in expected.values() for update in updates]
    return [*found, *rows_at_fault(site, all_updates), *_lines_at_fault(site, expected)]


def emitted(site: Site) -> list[Article]:
    """Everything on the topic `articles`."""
    return [_article(record.value) for record in site.records("articles")]


def poller_at_fault(desk: Newsroom, emitted: Sequence[Article]) -> list[str]:
    """Entries of the feeds that are not on the topic `articles` exactly once, in the order of their feed."""
    return [
        f"feed {url}: {fault}"
        for url, items in zip(desk.urls, desk.feeds.values(), strict=True)
        for fault in difference(
            [item.url for item in items[: desk.shown]], [each.url or "" for each in emitted if each.feed == url]
        )
    ]


def undisturbed(log: Log, topics: Topics, settings: Settings) -> dict[int, list[StoryUpdate]]:
    """What is to come of the topic `articles`, by partition."""
    topic = topics.name("articles")
    with closing(encoder(settings.embed)) as encodes:
        return {
            partition: list(updates([_article(r.value) for r in log.read(topic, partition)], settings, encodes))
            for partition in log.end_offsets(topic)
        }


def stages_at_fault(log: Log, topics: Topics, *stages: str) -> list[str]:
    """Inputs of the stages (none: of all) that were not answered exactly once, in order."""
    return [
        f"{stage}, partition {partition}: {fault}"
        for stage in stages or FLOW
        for partition in log.end_offsets(topics.reads(stage))
        for fault in wrong_answers(answers(log, topics, stage, partition))
    ]


def answers(log: Log, topics: Topics, stage: str, partition: int) -> Answers:
    """What the log says of one stage and one partition."""
    source = f"{topics.reads(stage)}/{partition}/"
    letters = [
        int(letter.headers["offset"])
        for letter in log.read(topics.name("dead-letters"), partition)
        if letter.headers["stage"] == stage
    ]
    named = [record.headers[INPUT] for record in log.read(topics.writes(stage), partition)]
    # One that names another partition answers no input of this one.
    outputs = [int(name.removeprefix(source)) if name.startswith(source) else -1 for name in named]
    return Answers([record.offset for record in log.read(topics.reads(stage), partition)], outputs, letters)


def stories_at_fault(log: Log, topics: Topics, expected: dict[int, list[StoryUpdate]]) -> list[str]:
    """What on the topic `stories` is not, byte for byte, as it is to be."""
    topic = topics.name("stories")
    return [
        f"topic stories, partition {partition}: {fault}"
        for partition, due in expected.items()
        for fault in difference(
            [encode(update).decode() for update in due],
            [(record.value or b"").decode() for record in log.read(topic, partition)],
        )
    ]


def rows_at_fault(site: Site, expected: Sequence[StoryUpdate]) -> Iterator[str]:
    """What in the database is not as in one that took these updates without disturbance."""
    url = f"sqlite:///{site.folder}/undisturbed.db"
    with closing(open_sink(url)) as sink:
        deliver(sink, *expected)
    found = site.sql.dump(site.folder)
    for table, rows in tables(url).items():
        yield from (f"table {table}: {fault}" for fault in difference(rows, found[table]))


def _lines_at_fault(site: Site, expected: dict[int, list[StoryUpdate]]) -> Iterator[str]:
    """What in the files of the JSONL sink is not as it is to be."""
    found = JSONL.dump(site.folder)
    for partition, due in expected.items():
        lines = [str(line) for line in found.get(f"p{partition:03}", [])]
        wanted = [str(msgspec.json.decode(encode(update))) for update in due]
        yield from (f"files, partition {partition}: {fault}" for fault in difference(wanted, lines))
