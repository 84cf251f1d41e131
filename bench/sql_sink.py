"""What the SQL sink takes: `python -m bench.sql_sink [FOLDER]`.

Story updates as JSON, with texts of 3 KB, are decoded and given to the sink in batches of 200, as its loop does:
into a SQLite file in FOLDER (default: the temporary folder), and into a PostgreSQL server on this machine, started
for it with the settings that PostgreSQL comes with.
"""

import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import msgspec

from bench.embedded_log import say
from sinks.base import Delivery, Source
from sinks.open import open_sink
from streams.messages import Compared, Decoder, Evidence, PairScore, StoryUpdate, encode
from tests.builders import Wire
from tests.postgres.databases import Databases
from tests.postgres.server import NoServer, Server

COUNT, BATCH = 20_000, 200
TEXT_CHARS = 3_000
DURABLE = {"fsync": "on", "full_page_writes": "on", "shared_buffers": "128MB"}


def updates(count: int) -> Iterator[bytes]:
    """Four in five bring a new article, the others a sighting or a revision; some merge stories."""
    chance = random.Random(1)
    words = [f"{chance.choice('bcdfghklmnprst')}{chance.random():.5f}"[:7] for _ in range(5_000)]
    for update in Wire(1, ("en", "de")).updates(count):
        text = " ".join(chance.choices(words, k=TEXT_CHARS // 8))
        article = msgspec.structs.replace(update.article, text=text)
        assigned = update.assigned and msgspec.structs.replace(
            update.assigned, evidence=evidence(update.assigned.story)
        )
        yield encode(msgspec.structs.replace(update, article=article, assigned=assigned))


def evidence(story: str) -> Evidence:
    """As much as cluster says about an article that joined a story."""
    parts = {"dense": 2.9123, "sparse": 1.4021, "names": 1.2, "time": 0.6133, "title": 0.2044}
    members = tuple(PairScore(id=f"{story}-{n}", score=2.3101, parts=parts) for n in range(5))
    names, terms = ("Homs", "Russia", "Syria"), ("air", "strikes", "jets", "targets")
    compared = Compared(story=story, score=2.31, members=members, names=names, terms=terms, gap_days=0.125)
    return Evidence(reason="joined", threshold=1.25, best=compared, runner_up=compared)


def our_cpu() -> float:
    """Seconds that this process has computed."""
    return time.process_time()


def server_cpu(pid: int) -> float:
    """Seconds that a server and its processes have computed, those included that have ended."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            _, parent, *fields = path.read_text().rpartition(")")[2].split()
            own, ended = sum(map(int, fields[9:11])), sum(map(int, fields[11:13]))
            ticks += own + ended if int(path.parent.name) == pid else own if int(parent) == pid else 0
    return ticks / os.sysconf("SC_CLK_TCK")


def measure(name: str, url: str, values: list[bytes], **clocks: Callable[[], float]) -> None:
    """Write the values; say how many in a second, and the seconds of each clock."""
    decode = Decoder(StoryUpdate)
    with closing(open_sink(url)) as sink:
        sink.resume(Source("log", "stories"), [0])
        start_of = {clock: tell() for clock, tell in clocks.items()}
        wall = time.perf_counter()
        for start in range(0, len(values), BATCH):
            batch = enumerate(map(decode, values[start : start + BATCH]), start)
            sink.add([Delivery(0, offset, update) for offset, update in batch])
            sink.flush({0: min(start + BATCH, len(values))})
        wall = time.perf_counter() - wall
        taken = {clock: tell() - start_of[clock] for clock, tell in clocks.items()}
    say(f"{name}: updates/s", f"{len(values) / wall:,.0f}")
    for clock, seconds in taken.items():
        say(f"  CPU of {clock} for each", f"{seconds / len(values) * 1e6:,.0f} µs")


def main(folder: str | None) -> None:
    values = list(updates(COUNT))
    say("bytes of an update", f"{sum(map(len, values)) / COUNT:,.0f}")
    with tempfile.TemporaryDirectory(dir=folder) as place:
        measure("SQLite", f"sqlite:///{place}/stories.db", values, ours=our_cpu)
    try:
        with Server(DURABLE) as server:
            url = Databases(server.url).made(Path("bench"))
            measure("PostgreSQL", url, values, ours=our_cpu, server=lambda: server_cpu(server.pid))
    except NoServer as reason:
        say("PostgreSQL", str(reason))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
