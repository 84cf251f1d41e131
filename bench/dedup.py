"""Dedup beside the loop of datasketch's tutorial, side by side: `python -m bench.dedup [FILE] [ARTICLES]`.

FILE is JSONL or JSONL.gz with the fields of the shared data; its texts are cut to 400 words. Speed is CPU time on
one core; dedup is measured from message in to message out, encoding and changelog included. Memory is what the
index holds after the last article, traced.
"""

import gzip
import itertools
import json
import os
import re
import sys
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from datasketch import MinHash, MinHashLSH

from config.sections import DedupSection
from processors.dedup import Dedup
from processors.window import Window
from streams.messages import Article, Decoder, encode
from streams.processor import Change

WORDS = 400
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


def dedup(messages: list[bytes]) -> tuple[float, int, list[tuple[str, bytes]]]:
    """The stage, as the worker runs it: articles per second, copies, and the changelog."""
    stage, decode = Dedup(DedupSection()), Decoder(Article)
    state, records, copies = stage.fresh(), [], 0
    start = time.process_time()
    for message in messages:
        decision = stage.decide(state, decode(message))
        encode(decision.output)
        for change in decision.changes:
            stage.apply(state, change)
            if change.value is not None:
                records.append((change.key, encode(change.value)))
        copies += decision.output.verdict.verdict != "original"
    return len(messages) / (time.process_time() - start), copies, records


def restore(records: list[tuple[str, bytes]]) -> Window:
    """The state that the changelog leads to."""
    stage = Dedup(DedupSection())
    state, decode = stage.fresh(), Decoder(stage.changes)
    for key, value in records:
        stage.apply(state, Change(key, decode(value)))
    return state


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
    our_rate, our_found, records = dedup(messages)
    start = time.process_time()
    restore(records)
    restored = len(records) / (time.process_time() - start)
    our_held = traced(lambda: restore(records)) / len(records)
    print(f"{len(messages)} articles of {path.name}, at most {WORDS} words")
    print(f"{'':10}{'articles/s':>12}{'bytes/article':>15}{'copies':>8}")
    print(f"{'textbook':10}{rate:12,.0f}{held:15,.0f}{found:8}")
    print(f"{'dedup':10}{our_rate:12,.0f}{our_held:15,.0f}{our_found:8}")
    size = sum(len(value) for _, value in records) / len(records)
    print(f"dedup's changelog: {size:,.0f} bytes per article, restored at {restored:,.0f} articles/s")


if __name__ == "__main__":
    main()
