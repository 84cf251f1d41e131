"""What the embedded log costs: `python -m bench.embedded_log [FOLDER]`.

Wall-clock times of one process on the disk of FOLDER (default: the temporary folder), with values of 4 KB, except
where a line says otherwise. The loop around it is measured with a processor that does next to nothing.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import structlog

from config.sections import TopicsSection, WorkerSection
from streams.headers import TRACE
from streams.log import Append, Member, TopicPartition, TopicSpec
from streams.messages import Feed, encode
from streams.processor import Change, Decision, Processor
from streams.sqlite.log import PRUNE_CHUNK, SqliteLog
from streams.topics import Topics
from streams.worker import Worker

VALUE = bytes(range(256)) * 16
COUNT, BATCH = 20_000, 200


class Echo(Processor[Feed, Feed, dict[str, Feed]]):
    """Passes every message on, and keeps it."""

    stage = "dedup"
    reads = Feed
    changes = Feed

    def fresh(self) -> dict[str, Feed]:
        return {}

    def decide(self, state: dict[str, Feed], message: Feed) -> Decision[Feed]:
        return Decision(message, [Change(message.url, message)])

    def apply(self, state: dict[str, Feed], change: Change) -> None:
        assert isinstance(change.value, Feed)
        state[change.key] = change.value


def timed(action: Callable[[], object]) -> float:
    """Seconds that an action takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def say(what: str, figure: str) -> None:
    print(f"{what:<58} {figure:>16}")


def commits(log: SqliteLog, size: int, count: int) -> list[float]:
    batch = [Append("plain", 0, "en", VALUE)] * size
    return [timed(lambda: log.append(batch)) for _ in range(count)]


def plain(log: SqliteLog, member: Member) -> None:
    log.create([TopicSpec("plain", 1), TopicSpec("compacted", 1, "compact")])
    times = commits(log, BATCH, COUNT // BATCH)
    say(f"appends/s, {BATCH} a transaction", f"{COUNT / sum(times):,.0f}")
    say(f"  one transaction of {BATCH}: median, longest", f"{_ms(times)}")
    say("  one transaction of 1: median, longest", f"{_ms(commits(log, 1, 500))}")
    changes = [[Append("compacted", 0, f"{n}.{k}", VALUE[:1_000]) for k in range(BATCH)] for n in range(50)] * 2
    seconds = sum(timed(lambda batch=batch: log.append(batch)) for batch in changes)  # type: ignore[misc]
    say("appends/s to a compacted topic, 1 KB, every key twice", f"{len(changes) * BATCH / seconds:,.0f}")
    say("reads/s", f"{COUNT / timed(lambda: [*log.read('plain', 0, 0, COUNT)]):,.0f}")
    tp = TopicPartition("plain", 0)
    member.start(tp, 0)
    say(f"reads/s by a member, polls of {BATCH}", f"{COUNT / timed(lambda: drained(member)):,.0f}")


def _ms(times: list[float]) -> str:
    return f"{statistics.median(times) * 1e3:.1f} ms, {max(times) * 1e3:.0f} ms"


def drained(member: Member) -> None:
    seen = 0
    while seen < COUNT:
        seen += len(member.poll(BATCH, 0.0).records)


def waiting(log: SqliteLog, member: Member) -> None:
    while member.poll(BATCH, 0.0).records:
        pass
    cpu = time.process_time()
    member.poll(1, 3.0)
    say("CPU of a member that waits", f"{(time.process_time() - cpu) / 3:.2%}")


def deleting(log: SqliteLog) -> None:
    log.create([TopicSpec("plain", 1, "delete", 0.001)])
    times = [timed(lambda: log.prune(PRUNE_CHUNK)) for _ in range(COUNT // PRUNE_CHUNK)]
    say(f"deleting {PRUNE_CHUNK:,} expired records: median, longest", f"{_ms(times)}")
    say("looking for expired records when there are none", f"{timed(lambda: log.prune(0)) * 1e3:.1f} ms")
    say("dropping a topic and giving its space back", f"{timed(lambda: log.drop(['plain', 'compacted'])):.2f} s")


def worker(log: SqliteLog) -> None:
    topics = Topics("bench", TopicsSection())
    log.create(topics.specs())
    for size in (1, 20, BATCH):
        count = COUNT // 2 if size > 1 else 1_000
        values = [encode(Feed(url=f"{size}.{n}", source=VALUE.decode("latin-1")[:2_000])) for n in range(count)]
        log.append([Append(topics.reads("dedup"), 0, "en", value, {TRACE: "t"}) for value in values])
        run = Worker(log, Echo(), topics, WorkerSection(batch=size))
        say(f"messages/s through the worker, batches of {size}", f"{count / timed(run.drain):,.0f}")


def main(folder: str | None) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    with tempfile.TemporaryDirectory(dir=folder) as place:
        path = Path(place) / "log.db"
        with closing(SqliteLog(path, f"sqlite:///{path}")) as log:
            log.create([TopicSpec("plain", 1)])
            with closing(log.member("bench", "plain", "0")) as member:
                member.poll(1, 1.0)
                plain(log, member)
                waiting(log, member)
            deleting(log)
            worker(log)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
