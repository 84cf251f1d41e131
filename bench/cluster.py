"""Cluster beside single-pass clustering with one cosine threshold: `python -m bench.cluster [FILE] [LIVE...]`.

FILE is labelled JSONL or JSONL.gz with the fields of the shared data. For each number LIVE, so many articles
fill the state and then FRESH more are timed, none of them expiring: CPU time on one core, from message in to
message out, encoding of messages and changelog included, sentence vectors not. The same articles go through the
textbook's loop: a story is the mean of its vectors, and an article joins the nearest one from a cosine of
THRESHOLD on. Scores are B-cubed over the labelled ones of all articles read.
"""

import os
import sys
import time
import tracemalloc
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from config.sections import ClusterSection
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
from streams.messages import Decoder, Embedded, encode
from streams.processor import Change

FRESH = 1_000
"""Articles timed."""
THRESHOLD = 0.55
"""Of the textbook's loop: the best of 0.45, 0.50, ... 0.70 on stream_dev."""
FOREVER = ClusterSection(window_days=100_000)

Records = list[tuple[str, bytes | None]]


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


def textbook(messages: list[bytes], live: int) -> tuple[float, list[int]]:
    """Articles per second after `live` of them, and the story of each."""
    decode = Decoder(Embedded)
    sums, sizes, story_of = np.zeros((len(messages), 384), np.float32), np.zeros(len(messages)), []
    started, stories = 0.0, 0
    for number, value in enumerate(messages):
        if number == live:
            started = time.process_time()
        message = decode(value)
        vector = np.zeros(384, np.float32) if message.vector is None else unpack(message.vector) / SCALE
        cosines = sums[:stories] @ vector / np.linalg.norm(sums[:stories], axis=1).clip(1e-9)
        best = int(cosines.argmax()) if stories else -1
        if best < 0 or cosines[best] < THRESHOLD:
            best, stories = stories, stories + 1
        sums[best] += vector
        sizes[best] += 1
        story_of.append(best)
    return (len(messages) - live) / (time.process_time() - started), story_of


def cluster(messages: list[bytes], live: int) -> tuple[float, list[str], Records]:
    """The stage, as the worker runs it: articles/s after `live` of them, the stories, and the changelog."""
    stage, decode = Cluster(FOREVER), Decoder(Embedded)
    state, records, into, stories, started = stage.fresh(), dict[str, bytes | None](), dict[str, str](), [], 0.0
    for number, value in enumerate(messages):
        if number == live:
            started = time.process_time()
        decision = stage.decide(state, decode(value))
        encode(decision.output)
        for change in decision.changes:
            stage.apply(state, change)
            records[change.key] = None if change.value is None else encode(change.value)
        into |= {merged.old: merged.into for merged in decision.output.merged}
        stories.append(decision.output.assigned.story if decision.output.assigned else "")
    rate = (len(messages) - live) / (time.process_time() - started)
    return rate, [followed(into, story) for story in stories], list(records.items())


def followed(into: dict[str, str], story: str) -> str:
    """The story after all merges."""
    while story in into:
        story = into[story]
    return story


def restored(records: Records) -> Stories:
    """The state that the changelog leads to."""
    stage = Cluster(FOREVER)
    state, decode = stage.fresh(), Decoder(stage.changes)
    for key, value in records:
        stage.apply(state, Change(key, None if value is None else decode(value)))
    return state


def score(messages: list[bytes], stories: Iterable[object], labels: dict[str, str]) -> str:
    """B-cubed F1 over the labelled articles, in percent."""
    decode = Decoder(Embedded)
    ids = [decode(message).article.id for message in messages]
    pairs = [(story, labels[id]) for story, id in zip(stories, ids, strict=True) if id in labels]  # noqa: A001
    return f"{100 * b_cubed(*zip(*pairs, strict=True)).f1:.1f}" if pairs else "–"


def main() -> None:
    """Run both at each size, and print a table."""
    default = Path(os.environ.get("STORYWIRE_DATA", "../shared/data")) / "stories/stream_dev.jsonl.gz"
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    sizes = [int(size) for size in sys.argv[2:]] or [2_000, 9_000]
    everything, labels = embedded(path, max(sizes) + FRESH)
    print(f"{path.name}: articles/s with so many live ones, and B-cubed F1")
    print(f"{'live':>8}{'textbook':>12}{'F1':>6}{'cluster':>12}{'F1':>6}")
    records: Records = []
    for live in sizes:
        messages = everything[: live + FRESH]
        rate, groups = textbook(messages, live)
        our_rate, stories, records = cluster(messages, live)
        plain, ours = score(messages, groups, labels), score(messages, stories, labels)
        print(f"{live:8,}{rate:12,.0f}{plain:>6}{our_rate:12,.0f}{ours:>6}")
    started = time.process_time()
    restored(records)
    rate = len(everything) / (time.process_time() - started)
    tracemalloc.start()
    state = restored(records)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del state
    size = sum(len(key) + len(value or b"") for key, value in records) / len(everything)
    print(f"cluster's memory: {held / len(everything):,.0f} bytes per live article")
    print(f"cluster's changelog: {size:,.0f} bytes per live article, restored at {rate:,.0f} articles/s")


if __name__ == "__main__":
    main()
