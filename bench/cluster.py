"""Cluster beside single-pass clustering with one cosine threshold: `python -m bench.cluster [LIVE...] [FILE]`.

FILE is labelled JSONL or JSONL.gz with the fields of the shared data. Its articles go through both in one pass,
none of them expiring; wherever so many LIVE ones are in the state, the next FRESH are timed: CPU time from message
in to message out, decoding, encoding and changelog included, sentence vectors not. The textbook's loop: a story is
the mean of its vectors, and an article joins the nearest one from a cosine of THRESHOLD on. Scores are B-cubed
over the labelled ones of all articles read. Then the state is restored from the changelog, as when a stage starts.

Vectors are kept in the user's cache folder; making those of the default file takes some minutes the first time.
"""

import os
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from config.sections import ClusterSection, WorkerSection
from config.settings import Settings
from processors.cluster import Cluster
from processors.dedup import Dedup
from processors.embed import Embed
from processors.stories import Stories
from processors.vectors import SCALE, unpack
from service.evaluate import cached_encoder
from service.inputs import articles_in
from service.pipeline import BATCH, Stage
from service.scores import b_cubed
from streams.messages import Decoder, Embedded, Message, encode
from streams.processor import Change

LIVE = (500, 2_000, 8_000)
FRESH = 500
"""Articles timed."""
THRESHOLD = 0.55
"""Of the textbook's loop: the best of 0.45, 0.50, ... 0.70 on stream_dev."""
FOREVER = ClusterSection(window_days=100_000)
TOGETHER = WorkerSection().batch
"""Messages that the worker takes at a time."""

Records = dict[str, bytes | None]
Rates = list[float]
"""Articles per second at each number of live articles."""


def embedded(path: Path, limit: int) -> tuple[list[bytes], dict[str, str]]:
    """The first articles of a file as cluster gets them, and their labels."""
    settings = Settings()
    found = articles_in([path], settings, now=datetime.now(UTC))
    articles = found.articles[:limit]
    with cached_encoder(settings) as vectors:
        dedup, embed = Stage(Dedup(settings.dedup)), Stage(Embed(settings.embed, vectors))
        batches = (articles[start : start + BATCH] for start in range(0, len(articles), BATCH))
        messages = [encode(message) for batch in batches for message in embed.run(dedup.run(batch))]
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

    def __init__(self) -> None:
        self._stage, self._decode = Cluster(FOREVER), Decoder(Embedded)
        self._state = self._stage.fresh()
        self._stories: list[str] = []
        self._into: dict[str, str] = {}
        self.records: Records = {}
        """The changelog, compacted."""
        self.written: list[int] = []
        """Bytes of each record of the changelog."""

    def take(self, batch: list[bytes]) -> None:
        """Decide each message, and write what it changes."""
        messages = [self._decode(value) for value in batch]
        self._stage.prepare(messages)
        for message in messages:
            decision = self._stage.decide(self._state, message)
            encode(decision.output)
            for change in decision.changes:
                value = self.records[change.key] = None if change.value is None else encode(change.value)
                self.written.append(len(value or b""))
                self._stage.apply(self._state, change)
            self._into |= {merged.old: merged.into for merged in decision.output.merged}
            self._stories.append(decision.output.assigned.story if decision.output.assigned else "")

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
    """The file, and the numbers of live articles."""
    sizes = sorted(int(argument) for argument in sys.argv[1:] if argument.isdigit())
    files = [Path(argument) for argument in sys.argv[1:] if not argument.isdigit()]
    default = Path(os.environ.get("STORYWIRE_DATA", "../shared/data")) / "stories/stream_dev.jsonl.gz"
    return next(iter(files), default), sizes or list(LIVE)


def main() -> None:
    """Run both, and print what they do."""
    path, sizes = arguments()
    messages, labels = embedded(path, sizes[-1] + FRESH)
    if len(messages) < sizes[-1] + FRESH:
        raise SystemExit(f"{path} has {len(messages):,} articles, {sizes[-1] + FRESH:,} are needed")
    textbook, ours = Textbook(len(messages)), Ours()
    rates = zip(sizes, timed(messages, sizes, textbook.take), timed(messages, sizes, ours.take), strict=True)
    print(f"{path.name}, {len(messages):,} articles; articles/s with so many live ones, and B-cubed F1 at the end")
    print(f"{'live':>8}{'textbook':>12}{'cluster':>12}")
    for live, plain, rate in rates:
        print(f"{live:8,}{plain:12,.0f}{rate:12,.0f}")
    print(f"{'F1':>8}{score(messages, textbook.story_of, labels):>12}{score(messages, ours.story_of, labels):>12}")
    report(ours, len(messages))


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
    tracemalloc.start()
    state = restored(records)
    memory, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del state
    print(f"memory: {memory / articles:,.0f} bytes per live article")


if __name__ == "__main__":
    main()
