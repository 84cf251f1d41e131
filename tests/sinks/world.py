"""A real log with story updates on it, and how they come to a sink."""

from collections.abc import Iterable
from pathlib import Path

from config.sections import TopicsSection, WorkerSection
from sinks.base import Delivery, Sink, Source
from streams.connect import connect
from streams.log import Append, Log
from streams.messages import StoryUpdate, encode
from streams.topics import Topics

TOPICS = Topics("", TopicsSection(partitions=2))
LANGS = ("en", "de")  # of different partitions, which a test asserts
WORKER = WorkerSection(batch=20, poll_seconds=0.05)
SOURCE = Source("log-1", "stories")


def at(offset: int, update: StoryUpdate, partition: int = 0) -> Delivery:
    """An update and where it stood."""
    return Delivery(partition, offset, update)


def deliver(sink: Sink, *updates: StoryUpdate, batch: int | None = None) -> None:
    """Give a sink updates from offset 0 of partition 0 on, in one flush or in flushes of `batch`."""
    sink.resume(SOURCE, [0])
    size = batch or max(1, len(updates))
    for start in range(0, len(updates), size):
        part = updates[start : start + size]
        sink.add([at(start + n, update) for n, update in enumerate(part)])
        sink.flush({0: start + len(part)})


def deliver_more(sink: Sink, offset: int, *updates: StoryUpdate) -> None:
    """Give a sink updates from this offset of partition 0 on, in one flush."""
    sink.add([at(offset + n, each) for n, each in enumerate(updates)])
    sink.flush({0: offset + len(updates)})


def new_log(folder: Path) -> Log:
    """The log of a test, with its topics."""
    log = connect(f"sqlite:///{folder}/log.db")
    log.create(TOPICS.specs())
    return log


def put(log: Log, updates: Iterable[StoryUpdate | bytes]) -> None:
    """Append updates to the topic `stories`; bytes are appended as they are, to the first language."""
    appends = [
        Append(TOPICS.name("stories"), TOPICS.partition(LANGS[0]), LANGS[0], update)
        if isinstance(update, bytes)
        else Append(
            TOPICS.name("stories"), TOPICS.partition(update.article.lang), update.article.lang, encode(update)
        )
        for update in updates
    ]
    log.append(appends)


def letters(log: Log) -> list[tuple[str, str]]:
    """The dead letters: where each stood, and why."""
    topic = TOPICS.name("dead-letters")
    return [
        (f"{record.headers['partition']}/{record.headers['offset']}", record.headers["error"])
        for partition in log.end_offsets(topic)
        for record in log.read(topic, partition)
    ]
