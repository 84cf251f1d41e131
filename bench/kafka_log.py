"""What the log on Kafka costs, and what the constants in `streams/kafka` are for: `python -m bench.kafka_log`.

Wall-clock times of one process beside the broker of the tests, with real articles of 3 KB. Each variant changes
one constant of ours. Variants are measured in turns, ROUNDS times each, so that a busy moment hits all of them.
`writing`, `reading`, `polling` and `working` can be named to run alone.
"""

import itertools
import os
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from unittest.mock import patch

import structlog
from kafka.codec import has_zstd

from bench.embedded_log import Echo, say, timed
from bench.pipeline.news import News
from config.sections import TopicsSection, WorkerSection
from streams.connect import connect
from streams.headers import INPUT, TRACE
from streams.kafka import member, producer, records
from streams.log import Append, Log, Member, Record, TopicPartition, TopicSpec
from streams.messages import Feed, encode
from streams.topics import Topics
from streams.worker import Worker
from tests.kafka.broker import Broker

ARTICLES = 2_000
SIZES = (1, 20, 200)
"""Messages in a transaction: news as it comes, a busy moment, and all that worker.batch allows."""
COMMITS = 40
"""Of each size, per round."""
ROUNDS = 3
READ = 20_000
"""Records of a topic that is read."""
CHANGE = 1_000
"""Bytes of the changelog record that goes with each message."""

TP = TopicPartition("in", 0)

WRITING: dict[str, dict[str, object]] = {
    "as it is": {},
    "batch_size 16 KB": {"BATCH_BYTES": 16 * 1024},
    "batch_size 1 MB": {"BATCH_BYTES": 2**20},
    "linger 0": {"LINGER_MS": 0},
    "linger 20 ms": {"LINGER_MS": 20},
    "retry_backoff 5 ms": {"RETRY_BACKOFF_MS": 5},
    "retry_backoff 100 ms": {"RETRY_BACKOFF_MS": 100},
    "no compression": {"COMPRESSION": None},
    **({"zstd": {"COMPRESSION": "zstd"}} if has_zstd() else {}),
}
"""Variants of `streams.kafka.producer`; zstd where somebody has installed `zstandard`."""

READING: dict[str, dict[str, object]] = {
    "as it is": {},
    "fetches of 16 MB": {"CONSUMER": records.CONSUMER | {"max_partition_fetch_bytes": 16 * 2**20}},
}
"""Variants of `streams.kafka.records`."""


@contextmanager
def changed(module: object, constants: dict[str, object]) -> Iterator[None]:
    """The constants of a module with other values."""
    with ExitStack() as stack:
        for name, value in constants.items():
            stack.enter_context(patch.object(module, name, value))
        yield


@contextmanager
def joined(log: Log, group: str) -> Iterator[Member]:
    """A member of a group of its own that owns the partition."""
    with closing(log.member(group, TP.topic, "0")) as one:
        while TP not in one.poll(1, 0.1).assigned:
            pass
        one.start(TP, 0)
        yield one


def transaction(articles: Iterator[bytes], size: int) -> list[Append]:
    """What a stage writes for so many messages: an output and a change for each."""
    headers = {TRACE: "0" * 32, INPUT: "articles/0/123456"}
    return [
        append
        for number, value in enumerate(itertools.islice(articles, size))
        for append in (
            Append("out", 0, "en", value, headers),
            Append("changelog", 0, str(number), value[:CHANGE]),
        )
    ]


def writing(url: str, articles: Sequence[bytes]) -> None:
    """Commits of a member, in each variant."""
    endless = itertools.cycle(articles)
    with closing(connect(url)) as log, joined(log, "warm") as one:  # the broker's code is compiled as it runs
        for offset in range(1, COMMITS):
            one.commit(transaction(endless, SIZES[-1]), {TP: offset})
    times: dict[str, dict[int, list[float]]] = {name: {size: [] for size in SIZES} for name in WRITING}
    for turn, (name, constants) in itertools.product(range(ROUNDS), WRITING.items()):
        with (
            changed(producer, constants),
            closing(connect(url)) as log,
            joined(log, f"{name.replace(' ', '-')}-{turn}") as one,
        ):
            for size in SIZES:
                batches = [transaction(endless, size) for _ in range(COMMITS)]
                for offset, batch in enumerate(batches, 1):
                    seconds = timed(lambda batch=batch, offset=offset: one.commit(batch, {TP: offset}))  # type: ignore[misc]
                    times[name][size].append(seconds)
    for name, by_size in times.items():
        say(f"commits, {name}: p50, p90 and p99, of", "messages/s")
        for size, found in by_size.items():
            cuts = statistics.quantiles(found, n=100)
            shown = " ".join(f"{cuts[percent - 1] * 1e3:8.1f} ms" for percent in (50, 90, 99))
            say(f"  {size:>4} messages {shown}", f"{size * len(found) / sum(found):,.0f}")


def reading(url: str, articles: Sequence[bytes]) -> None:
    """A partition read from outside, in each variant: the best of the rounds, as whatever disturbs only slows."""
    changes = [value[:CHANGE] for value in articles]
    for topic, what, values in (("long", "articles of 3 KB", articles), ("short", "changes of 1 KB", changes)):
        rates: dict[str, list[float]] = {name: [] for name in READING}
        with closing(connect(url)) as log:
            fill(log, topic, values)
            fill(log, f"{topic}-warm", values[:1])
        for _, (name, constants) in itertools.product(range(ROUNDS), READING.items()):
            with changed(records, constants), closing(connect(url)) as log:
                [*log.read(f"{topic}-warm", 0)]  # connects
                seconds = timed(lambda log=log, topic=topic: sum(1 for _ in log.read(topic, 0)))  # type: ignore[misc]
                rates[name].append(READ / seconds)
        for name, found in rates.items():
            say(f"reads/s of {what}, {name}", f"{max(found):,.0f}")


def fill(log: Log, topic: str, values: Sequence[bytes]) -> None:
    """Put READ records on a topic; one, where there is only one."""
    log.create([TopicSpec(topic, 1)])
    count = READ if len(values) > 1 else 1
    appends = [Append(topic, 0, "en", value) for value in itertools.islice(itertools.cycle(values), count)]
    for start in range(0, count, 500):
        log.append(appends[start : start + 500])


def polling(url: str, articles: Sequence[bytes]) -> None:
    """Records as a member gets them."""
    with closing(connect(url)) as log:
        fill(log, TP.topic, articles)
        with joined(log, "polling") as one:

            def drain() -> None:
                seen = 0
                while seen < READ:
                    seen += len(one.poll(200, 1.0).records)

            say("reads/s by a member, polls of 200", f"{READ / timed(drain):,.0f}")
            cpu = time.process_time()
            one.poll(1, 3.0)
            say("CPU of a member that waits", f"{(time.process_time() - cpu) / 3:.2%}")


def working(url: str, articles: Sequence[bytes]) -> None:
    """Messages through the worker, with a processor that does next to nothing."""
    work(url, articles, 1)
    work(url, articles, 20)
    work(url, articles, 200)
    work(url, articles, 1_000)
    with changed(member, {"FETCH_BYTES": 2**20}):
        work(url, articles, 200, ", fetches of 1 MB")


def work(url: str, articles: Sequence[bytes], size: int, how: str = "") -> None:
    count = max(500, min(size * 20, READ // 4))
    topics = Topics(f"batch-{size}{'-changed' if how else ''}", TopicsSection())
    with closing(connect(url)) as log:
        log.create(topics.specs())
        values = [encode(Feed(url=str(n), source=articles[n % len(articles)].decode())) for n in range(count)]
        appends = [Append(topics.reads("dedup"), 0, "en", value, {TRACE: "t"}) for value in values]
        for start in range(0, count, 500):
            log.append(appends[start : start + 500])
        run, cpu = Worker(log, Echo(), topics, WorkerSection(batch=size)), time.process_time()
        run.drain()
        cpu = time.process_time() - cpu
        rate, micros = throughput(log.read(topics.writes("dedup"), 0)), f"{cpu / count * 1e6:,.0f} µs"
    say(f"messages/s through the worker, batches of {size}{how}", f"{rate:,.0f}")
    say("  CPU of each", micros)


def throughput(written: Iterator[Record]) -> float:
    """Records per second from the end of the first transaction to that of the last but one.

    Behind each stands its mark, where an offset is missing among those of the records.
    """
    pairs = enumerate(itertools.pairwise(written), 1)
    ends = [(count, last.timestamp) for count, (last, after) in pairs if after.offset > last.offset + 1]
    return (ends[-1][0] - ends[0][0]) / (ends[-1][1] - ends[0][1])


def main() -> None:
    """Run those parts that are named, or all."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    data = Path(os.environ.get("STORYWIRE_DATA", "../shared/data")) / "stories/stream_dev.jsonl.gz"
    articles = News(data, ARTICLES).articles
    with Broker() as broker:
        with closing(connect(broker.url)) as log:
            log.create([TopicSpec(TP.topic, 1), TopicSpec("out", 1), TopicSpec("changelog", 1, "compact")])
        parts = {
            "writing": lambda: writing(broker.url, articles),
            "reading": lambda: reading(broker.url, articles),
            "polling": lambda: polling(broker.url, articles),
            "working": lambda: working(broker.url, articles),
        }
        for name in sys.argv[1:] or parts:
            parts[name]()


if __name__ == "__main__":
    main()
