"""Dedup beside the loop of datasketch's tutorial, side by side: `python -m bench.dedup [FILE] [ARTICLES]`.

FILE is JSONL or JSONL.gz with the fields of the shared data; its texts are cut to 400 words. Speed is CPU time on
one core; dedup is measured from message in to message out, encoding and changelog included, in an empty window and
in one that is full of made-up articles. Bytes are per article: what the state holds after the last one (traced),
and what the changelog takes.
"""

import gzip
import itertools
import json
import os
import re
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from datasketch import MinHash, MinHashLSH

from config.sections import DedupSection
from processors.dedup import Dedup
from processors.window import Window
from streams.messages import Article, Decoder, encode
from streams.processor import Change

WORDS = 400
MADE_UP = 45_000
"""Articles that fill the window before the file's articles come, for the second measurement."""
FETCHED = datetime(2018, 1, 1, tzinfo=UTC)  # of all: nothing leaves the window while memory is measured


def load(path: Path, limit: int) -> list[bytes]:
    """The first articles of a file, as messages."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
        rows = [json.loads(line) for line in itertools.islice(lines, limit)]
    return [
        encode(
            Article(
                id=row["id"], title=row["title"] or "", text=cut(row["text"]), lang=row["lang"], fetched=FETCHED
            )
        )
        for row in rows
    ]


def cut(text: str) -> str:
    """The first WORDS words, as they stand."""
    ends = [word.end() for word in re.finditer(r"\S+", text)]
    return text[: ends[WORDS - 1]] if len(ends) > WORDS else text


def textbook(messages: list[bytes]) -> tuple[float, int, float]:
    """The tutorial's loop: an update per shingle, query, insert. Nothing is verified, and nothing forgotten.

    Returns articles per second, how many it takes for copies, and bytes held per article.
    """
    articles = [Decoder(Article)(message) for message in messages]
    start = time.process_time()
    lsh, copies, signatures = MinHashLSH(threshold=0.5, num_perm=128), 0, []
    for article in articles:
        words = re.findall(r"\w+", article.text.lower())
        minhash = MinHash(num_perm=128)
        for at in range(len(words) - 4):
            minhash.update(" ".join(words[at : at + 5]).encode())
        copies += bool(lsh.query(minhash))
        lsh.insert(article.id, minhash)
        signatures.append(minhash)
    rate = len(articles) / (time.process_time() - start)

    def again() -> MinHashLSH:
        fresh = MinHashLSH(threshold=0.5, num_perm=128)
        for article, minhash in zip(articles, signatures, strict=True):
            fresh.insert(article.id, minhash)
        return fresh

    return rate, copies, traced(again) / len(articles)


class Run:
    """The stage, as the worker runs it."""

    def __init__(self) -> None:
        self._stage, self._decode = Dedup(DedupSection()), Decoder(Article)
        self._state = self._stage.fresh()
        self.copies = 0
        self.records: dict[str, bytes] = {}
        """The compacted changelog."""

    def rate(self, messages: Sequence[bytes]) -> float:
        """Take the messages; articles per second, from message in to output and changelog out."""
        start = time.process_time()
        for message in messages:
            decision = self._stage.decide(self._state, self._decode(message))
            encode(decision.output)
            for change in decision.changes:
                self._stage.apply(self._state, change)
                if change.value is None:
                    del self.records[change.key]
                else:
                    self.records[change.key] = encode(change.value)
            self.copies += decision.output.verdict.verdict != "original"
        return len(messages) / (time.process_time() - start)


def restore(records: Mapping[str, bytes]) -> tuple[Window, float]:
    """The state that the changelog leads to, and the records per second, read as the worker reads them."""
    stage = Dedup(DedupSection())
    state, decode = stage.fresh(), Decoder(stage.changes)
    start = time.process_time()
    for key, value in records.items():
        stage.apply(state, Change(key, decode(value)))
    return state, len(records) / (time.process_time() - start)


def made_up(count: int) -> Iterator[bytes]:
    """Messages that fill the window: 400 words drawn as often as words of a language are, half of the articles
    with one of 200 recurring passages (cookie notices, agency footers), every tenth an edited copy."""
    rng = np.random.default_rng(1)
    odds = np.cumsum(1 / np.arange(1, 50_001))
    words = [f"w{number}" for number in range(len(odds))]
    drawn = odds.searchsorted(rng.random((count + 200, WORDS)) * odds[-1])
    length = timedelta(days=DedupSection().window_days)
    for at in range(count):
        chosen = drawn[at].copy()
        if at % 10 == 9:
            chosen = drawn[at - rng.integers(1, min(at, 500) + 1)].copy()
            chosen[rng.integers(0, WORDS, 3)] = 0
        if at % 2:
            chosen[-25:] = drawn[count + int(200 ** rng.random() - 1), :25]
        text = " ".join(words[word] for word in chosen)
        fetched = FETCHED - length * (1 - at / count)
        yield encode(Article(id=f"{at:032x}", title=f"title {at}", text=text, lang="en", fetched=fetched))


def traced(build: Callable[[], object]) -> int:
    """Bytes held by what `build` returns."""
    tracemalloc.start()
    built = build()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del built
    return held


def main() -> None:
    """Run both, and print a table."""
    default = Path(os.environ.get("STORYWIRE_DATA", "../shared/data")) / "stories/stream_dev.jsonl.gz"
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    messages = load(path, int(sys.argv[2]) if len(sys.argv) > 2 else 5_000)
    rate, found, held = textbook(messages)
    print(f"{len(messages)} articles of {path.name}, at most {WORDS} words")
    print(f"{'':34}{'articles/s':>11}{'copies':>9}{'bytes held':>13}{'bytes logged':>14}{'restored/s':>12}")
    print(f"{'textbook':34}{rate:11,.0f}{found:9}{held:13,.0f}")
    for window in (0, MADE_UP):
        run = Run()
        run.rate(list(made_up(window)))
        before = run.copies
        rate = run.rate(messages)
        _, restored = restore(run.records)
        held = traced(lambda run=run: restore(run.records)) / len(run.records)
        logged = sum(map(len, run.records.values())) / len(run.records)
        name, copies = f"dedup, {len(run.records):,} in the window", run.copies - before
        print(f"{name:34}{rate:11,.0f}{copies:9}{held:13,.0f}{logged:14,.0f}{restored:12,.0f}")


if __name__ == "__main__":
    main()
