"""Dedup beside the loop of datasketch's tutorial, and beside rensa: `python -m bench.dedup [FILE] [ARTICLES]`.

FILE is JSONL or JSONL.gz with the fields of the shared data; its texts are cut to 400 words. Speed is CPU time on
one core; dedup is measured from message in to message out, encoding and changelog included, in an empty window and
in one that is full of made-up articles. Bytes are per article: what the state holds after the last one (traced),
and what the changelog takes.

`python -m bench.dedup --million`: what an article costs when a million are in the window (10 minutes, 6 GB).
"""

import argparse
import gzip
import itertools
import json
import os
import re
import time
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from datasketch import MinHash, MinHashLSH
from rensa import RMinHash, RMinHashLSH

from bench.made_up import made_up
from bench.million import million
from config.sections import DedupSection
from processors.copies.window import Window
from processors.dedup import Dedup
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
        minhash = MinHash(num_perm=128)
        for shingle in shingles(article.text):
            minhash.update(shingle.encode())
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


def rensa(messages: list[bytes]) -> tuple[float, int]:
    """The same with rensa, in Rust: a MinHash of all shingles at once, 42 bands of 3 as dedup has them.

    Returns articles per second, and how many it takes for copies. Its memory cannot be traced.
    """
    articles = [Decoder(Article)(message) for message in messages]
    start = time.process_time()
    lsh, copies = RMinHashLSH(threshold=0.5, num_perm=126, num_bands=42), 0
    for number, article in enumerate(articles):
        minhash = RMinHash(num_perm=126, seed=1)
        minhash.update(shingles(article.text))
        copies += bool(lsh.query(minhash))
        lsh.insert(number, minhash)
    return len(articles) / (time.process_time() - start), copies


def shingles(text: str) -> list[str]:
    """All runs of five words, as a tutorial makes them."""
    words = re.findall(r"\w+", text.lower())
    return [" ".join(words[at : at + 5]) for at in range(len(words) - 4)]


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


def traced(build: Callable[[], object]) -> int:
    """Bytes held by what `build` returns."""
    tracemalloc.start()
    built = build()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del built
    return held


def main() -> None:
    """Run all, and print a table."""
    default = Path(os.environ.get("STORYWIRE_DATA", "../shared/data")) / "stories/stream_dev.jsonl.gz"
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, nargs="?", default=default)
    parser.add_argument("articles", type=int, nargs="?", default=5_000)
    parser.add_argument("--million", action="store_true")
    asked = parser.parse_args()
    if asked.million:
        million(1_000_000)
        return
    messages = load(asked.file, asked.articles)
    rate, found, held = textbook(messages)
    print(f"{len(messages)} articles of {asked.file.name}, at most {WORDS} words")
    print(f"{'':34}{'articles/s':>11}{'copies':>9}{'bytes held':>13}{'bytes logged':>14}{'restored/s':>12}")
    print(f"{'textbook':34}{rate:11,.0f}{found:9}{held:13,.0f}")
    rate, found = rensa(messages)
    print(f"{'rensa':34}{rate:11,.0f}{found:9}")
    length = timedelta(days=DedupSection().window_days)
    for window in (0, MADE_UP):
        run = Run()
        run.rate(list(made_up(window, FETCHED - length, length)))
        before = run.copies
        rate = run.rate(messages)
        _, restored = restore(run.records)
        held = traced(lambda run=run: restore(run.records)) / len(run.records)
        logged = sum(map(len, run.records.values())) / len(run.records)
        name, copies = f"dedup, {len(run.records):,} in the window", run.copies - before
        print(f"{name:34}{rate:11,.0f}{copies:9}{held:13,.0f}{logged:14,.0f}{restored:12,.0f}")


if __name__ == "__main__":
    main()
