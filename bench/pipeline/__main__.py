"""Measures the stages and the whole pipeline, and prints a table: `python -m bench.pipeline [-n COUNT] [PART...]`.

COUNT articles of 3 KB are taken from the shared data (STORYWIRE_DATA, by default ../shared/data). Everything runs
on this machine: the broker and the database that the tests start, the stages as `storywire run STAGE` runs them,
and whatever else is at work here, so let there be nothing else.
"""

import argparse
import os
import platform
import signal
import sqlite3
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import psycopg
import structlog

from bench.pipeline.figures import Row, table
from bench.pipeline.latency import latency
from bench.pipeline.news import ARTICLE_BYTES, News
from bench.pipeline.poller import poller
from bench.pipeline.restore import restore
from bench.pipeline.stages import LIVE, cluster, dedup, embed, sink
from bench.pipeline.whole import whole
from bench.pipeline.world import World
from bench.sql_sink import DURABLE
from tests.kafka.broker import Broker
from tests.kafka.jars import jars, lacking
from tests.postgres.server import Server

PARTS = {part.__name__: part for part in (poller, dedup, embed, cluster, sink, whole, latency, restore)}

COUNT = LIVE + 1_000

PACKAGES = ("kafka-python", "datasketch", "sentence-transformers", "torch")


def machine(postgres: str) -> str:
    """What the figures depend on, besides the code."""
    info = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(": ")[2] for line in info if line.startswith("model name")), platform.processor())
    (kafka,) = (jar.stem.split("-")[1] for jar in jars().glob("kafka_2*.jar"))
    with psycopg.connect(postgres) as connection:
        database = str(connection.info.parameter_status("server_version")).split()[0]
    cores = f"{os.cpu_count()} cores ({model}), Python {platform.python_version()}"
    servers = f"Kafka {kafka}, PostgreSQL {database}, SQLite {sqlite3.sqlite_version}"
    packages = (f"{name} {version(name)}" for name in PACKAGES)
    return f"{cores}, {servers},\n{', '.join(packages)}"


def main() -> None:
    """Run the parts that are asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.pipeline", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", choices=[*PARTS, []], help=", ".join(PARTS))
    parser.add_argument("-n", type=int, default=COUNT, metavar="COUNT", help=f"articles (default {COUNT:,})")
    asked = parser.parse_args()
    if lacks := lacking():
        sys.exit(lacks)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))  # the servers and their folders go, too
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    data = Path(os.environ.get("STORYWIRE_DATA", "../shared/data")) / "stories/stream_dev.jsonl.gz"
    news = News(data, asked.n)
    rows: list[Row] = []
    with (
        tempfile.TemporaryDirectory(prefix="storywire-bench-") as folder,
        Broker() as broker,
        Server(DURABLE) as server,
    ):
        world = World(Path(folder), broker, server)
        about = machine(server.url)
        for name in asked.parts or PARTS:
            for row in PARTS[name](world, news):
                rows.append(row)
                print(" | ".join(row.cells()), file=sys.stderr, flush=True)
    print(f"{asked.n:,} articles of {ARTICLE_BYTES:,} bytes; {about}\n\n{table(rows)}", flush=True)


if __name__ == "__main__":
    main()
