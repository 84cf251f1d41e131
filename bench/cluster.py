"""Cluster beside single-pass clustering with one cosine threshold: `python -m bench.cluster [STORIES...] [FILE]`.

FILE is labelled JSONL or JSONL.gz with the fields of the shared data. Its first articles go through both in one
pass, none of them expiring; wherever so many LIVE ones are in the state, the next FRESH are timed: CPU time from
message in to message out, decoding, encoding and changelog included, sentence vectors not. The textbook's loop: a
story is the mean of its vectors, and an article joins the nearest one from a cosine of THRESHOLD on. Scores are
B-cubed over the labelled ones of all articles read. Then the state is restored from the changelog, as when a stage
starts.

FILE has too few articles for STORIES, the numbers of live stories at which cluster is timed next: these are made
of replicas of all its articles (`bench.replicas`), one every STEP, so that all are live in the default window.

Vectors are kept in the user's cache folder; making those of the default file takes some minutes the first time.
"""

import os
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import numpy as np

from bench.replicas import Replicas
from config.sections import ClusterSection, WorkerSection
from config.settings import Settings
from processors.cluster import Cluster
from processors.encoding.vectors import SCALE, unpack
from processors.stories.memory import Language, Stories
from service import pipeline
from service.evaluate import cached_encoder
from service.inputs import articles_in
from service.scores import b_cubed
from streams.messages import Decoder, Embedded, Message, encode
from streams.processor import Change

LIVE = (500, 2_000, 8_000)
STORIES = (5_000, 50_000)
STEP = timedelta(seconds=30)
FRESH = 500
"""Articles timed."""
THRESHOLD = 0.55
"""Of the textbook's loop: the best of 0.45, 0.50, ... 0.70 on stream_dev."""
FOREVER = ClusterSection(window_days=100_000)
TOGETHER = WorkerSection().batch
"""Messages that the worker takes at a time."""

PARTS = ("decode", "decide", "encode", "apply")

Records = dict[str, bytes | None]
Rates = list[float]
"""Articles per second at each number of live articles."""


def embedded(path: Path) -> tuple[list[bytes], dict[str, str]]:
    """The articles of a file as cluster gets them, and their labels."""
    settings = Settings()
    found = articles_in([path], settings, now=datetime.now(UTC))
    articles = found.articles
    with cached_encoder(settings) as vectors:
        messages = [
            encode(message) for batch in pipeline.embedded(articles, settings, vectors) for message in batch
        ]
    return messages, found.labels


def timed(messages: list[bytes], sizes: Sequence[int], take: Callable[[list[bytes]], None]) -> Rates:
    """Let `take` have all messages, and measure the FRESH ones after each of the sizes."""
    rates, done = [], 0
    for live in sizes:
        for start in range(done, live, TOGETHER):
            take(messages[start : min(start + TOGETHER, live)])
        began, done = time.process_time(), live + FRESH
        for start in range(live, done, TOGETHER):
            take(messages[start : min(start + TOGETHER, done)])
        rates.append(FRESH / (time.process_time() - began))
    return rates


class Textbook:
    """Single-pass clustering."""

    def __init__(self, most: int) -> None:
        self._decode = Decoder(Embedded)
        self._sums, self._norms = np.zeros((most, 384), np.float32), np.ones(most)
        self._stories = 0
        self.story_of: list[object] = []

    def take(self, batch: list[bytes]) -> None:
        """Put each article into the nearest story, or into one of its own."""
        for value in batch:
            message = self._decode(value)
            vector = np.zeros(384, np.float32) if message.vector is None else unpack(message.vector) / SCALE
            cosines = self._sums[: self._stories] @ vector / self._norms[: self._stories]
            best = int(cosines.argmax()) if self._stories else -1
            if best < 0 or cosines[best] < THRESHOLD:
                best, self._stories = self._stories, self._stories + 1
            self._sums[best] += vector
            self._norms[best] = np.linalg.norm(self._sums[best]).clip(1e-9)
            self.story_of.append(best)


class Ours:
    """The stage, as the worker runs it."""

    def __init__(self, section: ClusterSection) -> None:
        self._stage, self._decode = Cluster(section), Decoder(Embedded)
        self._state = self._stage.fresh()
        self._stories: list[str] = []
        self._into: dict[str, str] = {}
        self.records: Records = {}
        """The changelog, compacted."""
        self.written: list[int] = []
        """Bytes of each record of the changelog."""
        self.seconds = dict.fromkeys(PARTS, 0.0)
        """CPU time of each part of the work."""

    def take(self, batch: list[bytes]) -> None:
        """Decide each message, and write what it changes."""
        with self._time("decode"):
            messages = [self._decode(value) for value in batch]
            self._stage.prepare(messages)
        for message in messages:
            with self._time("decide"):
                decision = self._stage.decide(self._state, message)
            with self._time("encode"):
                encode(decision.output)
                records = [
                    (change.key, None if change.value is None else encode(change.value))
                    for change in decision.changes
                ]
            with self._time("apply"):
                for change in decision.changes:
                    self._stage.apply(self._state, change)
            self.records |= records
            self.written += [len(value or b"") for _, value in records]
            self._into |= {merged.old: merged.into for merged in decision.output.merged}
            self._stories.append(decision.output.assigned.story if decision.output.assigned else "")

    def language(self, lang: str) -> Language:
        """What the state holds of a language."""
        return self._state.language(lang)

    @contextmanager
    def _time(self, part: str) -> Iterator[None]:
        began = time.process_time()
        yield
        self.seconds[part] += time.process_time() - began

    @property
    def story_of(self) -> list[object]:
        """The story of each article after all merges."""
        return [self._followed(story) for story in self._stories]

    def _followed(self, story: str) -> str:
        while story in self._into:
            story = self._into[story]
        return story


def restored(records: Records) -> Stories:
    """The state that the changelog leads to."""
    stage = Cluster(FOREVER)
    state, decode = stage.fresh(), Decoder[Message](stage.changes)
    for key, value in records.items():
        stage.apply(state, Change(key, None if value is None else decode(value)))
    return state


def score(messages: list[bytes], stories: Iterable[object], labels: dict[str, str]) -> str:
    """B-cubed F1 over the labelled articles, in percent."""
    decode = Decoder(Embedded)
    ids = [decode(message).article.id for message in messages]
    pairs = [(story, labels[id]) for story, id in zip(stories, ids, strict=True) if id in labels]  # noqa: A001
    return f"{100 * b_cubed(*zip(*pairs, strict=True)).f1:.1f}" if pairs else "–"


def arguments() -> tuple[Path, list[int]]:
    """The file, and the numbers of live stories."""
    sizes = sorted(int(argument) for argument in sys.argv[1:] if argument.isdigit())
    files = [Path(argument) for argument in sys.argv[1:] if not argument.isdigit()]
    default = Path(os.environ.get("STORYWIRE_DATA", "../shared/data")) / "stories/stream_dev.jsonl.gz"
    return next(iter(files), default), sizes or list(STORIES)


def main() -> None:
    """Run both, then cluster alone among many."""
    path, stories = arguments()
    messages, labels = embedded(path)
    beside_the_textbook(path, messages[: LIVE[-1] + FRESH], labels)
    among_many(messages, stories)


def beside_the_textbook(path: Path, messages: list[bytes], labels: dict[str, str]) -> None:
    """Print what both do, and what it takes to keep our state."""
    if len(messages) < LIVE[-1] + FRESH:
        raise SystemExit(f"{path} has {len(messages):,} articles, {LIVE[-1] + FRESH:,} are needed")
    textbook, ours = Textbook(len(messages)), Ours(FOREVER)
    rates = zip(LIVE, timed(messages, LIVE, textbook.take), timed(messages, LIVE, ours.take), strict=True)
    print(f"{path.name}, {len(messages):,} articles; articles/s with so many live ones, and B-cubed F1 at the end")
    print(f"{'live':>8}{'textbook':>12}{'cluster':>12}")
    for live, plain, rate in rates:
        print(f"{live:8,}{plain:12,.0f}{rate:12,.0f}")
    print(f"{'F1':>8}{score(messages, textbook.story_of, labels):>12}{score(messages, ours.story_of, labels):>12}")
    report(ours, len(messages))


def among_many(messages: list[bytes], sizes: Iterable[int]) -> None:
    """Print how fast replicas are clustered, what of it takes the time, and what the state takes."""
    decode, ours = Decoder(Embedded), Ours(ClusterSection())
    replicas = Replicas([decode(message) for message in messages], STEP)
    coming = map(encode, replicas)
    print(
        f"replicas of all its {len(messages):,} articles; articles/s with so many live stories, µs of an article"
    )
    heads = ["stories", "articles", "cluster", *PARTS, "bytes/article"]
    print("".join(f"{head:>{len(head) + 4}}" for head in heads))
    for size in sizes:
        while len(ours.language(replicas.lang).stories) < size:
            ours.take([*islice(coming, TOGETHER)])
        before = dict(ours.seconds)
        for _ in range(0, 2 * FRESH, TOGETHER):
            ours.take([*islice(coming, TOGETHER)])
        micros = [(ours.seconds[part] - before[part]) * 1e6 / (2 * FRESH) for part in PARTS]
        live = ours.language(replicas.lang)
        figures = [
            size,
            len(live.rows),
            1e6 / sum(micros),
            *micros,
            memory(ours.records) / len(live.rows),
        ]
        print("".join(f"{figure:{len(head) + 4},.0f}" for head, figure in zip(heads, figures, strict=True)))


def report(ours: Ours, articles: int) -> None:
    """Print what the state takes, and how fast it is restored."""
    count, size = len(ours.written), sum(ours.written)
    print(f"changelog, written: {count / articles:.1f} records of {size / count:,.0f} bytes per article")
    records = ours.records
    held = sum(len(key) + len(value or b"") for key, value in records.items())
    print(f"changelog, compacted: {len(records) / articles:.1f} records, {held / articles:,.0f} bytes per article")
    started = time.process_time()
    restored(records)
    seconds = time.process_time() - started
    print(f"restored: {len(records) / seconds:,.0f} records/s, {articles / seconds:,.0f} articles/s")
    print(f"memory: {memory(records) / articles:,.0f} bytes per live article")


def memory(records: Records) -> int:
    """The bytes that the state takes."""
    tracemalloc.start()
    state = restored(records)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del state
    return size


if __name__ == "__main__":
    main()
