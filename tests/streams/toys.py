"""Small real processors, whose outputs depend on everything they have seen."""

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

from config.sections import TopicsSection, WorkerSection
from streams.headers import INPUT
from streams.log import Append, Log, Record
from streams.messages import Decoder, Message, encode
from streams.processor import Change, Decision, Halt, Processor
from streams.topics import Topics
from streams.worker import Worker

PARTITIONS = 2
FAST = WorkerSection(batch=20, poll_seconds=0.01)


class Word(Message, frozen=True, kw_only=True):
    """The input."""

    text: str


class Counted(Message, frozen=True, kw_only=True):
    """The output: the word, how often it was seen lately, and a digest of all words so far."""

    text: str
    count: int
    digest: str


class Count(Message, frozen=True, kw_only=True, tag="count"):
    """A change."""

    count: int


class Digest(Message, frozen=True, kw_only=True, tag="digest"):
    """A change."""

    digest: str


@dataclass
class State:
    """The counts, and the digest."""

    counts: dict[str, int] = field(default_factory=dict)
    digest: str = ""


class Counter(Processor[Word, Counted, State]):
    """Counts words; a word seen three times is forgotten."""

    stage = "dedup"
    reads = Word
    changes = cast(type[Message], Count | Digest)

    def fresh(self) -> State:
        return State()

    def decide(self, state: State, message: Word) -> Decision[Counted]:
        count = state.counts.get(message.text, 0) + 1
        digest = hashlib.sha256(f"{state.digest} {message.text}".encode()).hexdigest()[:16]
        kept = Change(message.text, Count(count=count) if count < 3 else None)
        output = Counted(text=message.text, count=count, digest=digest)
        return Decision(output, [kept, Change("the digest", Digest(digest=digest))])

    def apply(self, state: State, change: Change) -> None:
        match change.value:
            case Digest(digest=digest):
                state.digest = digest
            case Count(count=count):
                state.counts[change.key] = count
            case _:
                state.counts.pop(change.key, None)


class Broken(Exception):
    """What a broken processor raises."""


@dataclass
class Fragile(Counter):
    """A counter that fails on the words it is told to fail on."""

    raises: Sequence[str] = ()
    raises_once: set[str] = field(default_factory=set)
    raises_in_apply: set[str] = field(default_factory=set)
    halts: Sequence[str] = ()
    dies: Sequence[str] = ()
    """Words that end the process, whichever way it is asked to look at them."""
    before: Callable[[Word], None] = lambda message: None

    def prepare(self, messages: Sequence[Word]) -> None:
        if any(message.text in self.raises for message in messages):
            raise Broken("prepare")

    def decide(self, state: State, message: Word) -> Decision[Counted]:
        self.before(message)
        if message.text in self.dies:
            os._exit(9)
        if message.text in self.halts:
            raise Halt(f"cannot go on at {message.text}")
        if message.text in self.raises:
            raise Broken(f"cannot decide {message.text}")
        if message.text in self.raises_once:
            self.raises_once.remove(message.text)
            raise Broken("once")
        return super().decide(state, message)

    def apply(self, state: State, change: Change) -> None:
        super().apply(state, change)
        if change.key in self.raises_in_apply:
            self.raises_in_apply.remove(change.key)
            raise Broken("half-way")


def topics_of(namespace: str = "") -> Topics:
    """The topics of a namespace."""
    return Topics(namespace, TopicsSection(partitions=PARTITIONS))


def feed(log: Log, topics: Topics, words: Sequence[str], partition: int = 0) -> None:
    """Put words on the input topic, each with a trace."""
    encoded = [(word, encode(Word(text=word))) for word in words]
    topic = topics.reads("dedup")
    log.append([Append(topic, partition, "en", v, {"trace": f"trace of {word}"}) for word, v in encoded])


def outputs(log: Log, topics: Topics, partition: int = 0) -> list[Counted]:
    """What came out."""
    decode = Decoder(Counted)
    return [decode(record.value) for record in log.read(topics.writes("dedup"), partition)]


def inputs_of(log: Log, topics: Topics, partition: int = 0) -> list[int]:
    """For each output the offset of its input, by its header."""
    sources = [record.headers[INPUT].rsplit("/", 2) for record in log.read(topics.writes("dedup"), partition)]
    assert all(source[:2] == [topics.reads("dedup"), str(partition)] for source in sources)
    return [int(source[2]) for source in sources]


def dead_letters(log: Log, topics: Topics, partition: int = 0) -> list[Record]:
    """What was given up."""
    return list(log.read(topics.name("dead-letters"), partition))


def expected(words: Sequence[str]) -> list[Counted]:
    """The outputs of an undisturbed run, without any log."""
    counter, state = Counter(), State()
    results = []
    for word in words:
        decision = counter.decide(state, Word(text=word))
        for change in decision.changes:
            counter.apply(state, change)
        results.append(decision.output)
    return results


def words(number: int) -> list[str]:
    """Seven words, in an irregular order."""
    return [f"w{n * n % 7}" for n in range(number)]


def drain(log: Log, topics: Topics, processor: Counter | None = None, section: WorkerSection = FAST) -> None:
    """Let a worker process all that there is."""
    Worker(log, processor or Counter(), topics, section).drain()


def changelog(log: Log, topics: Topics, partition: int = 0) -> dict[str | None, bytes]:
    """What the changelog holds."""
    newest = {r.key: r.value for r in log.read(topics.changelog("dedup"), partition)}
    return {key: value for key, value in newest.items() if value is not None}
