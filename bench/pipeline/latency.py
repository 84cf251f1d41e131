"""How long an article takes from its append on `articles` to the commit of its row, when news comes steadily."""

import time
from collections.abc import Iterator
from statistics import quantiles

from bench.pipeline.figures import Row, Target
from bench.pipeline.news import News
from bench.pipeline.whole import DATABASE_OF, STAGES
from bench.pipeline.world import LOGS, LogKind, World, arrivals

PER_SECOND = 5
MINUTES = 1
WARM = 5
"""Articles that go before, one by one, so that all stages run and the model is loaded."""

LOOK_SECONDS = 0.02
"""Between two looks at the database, which are counted as part of the latency."""


def latency(world: World, news: News) -> Iterator[Row]:
    """With the default settings: float32, one encoder process."""
    times = {log: _latencies(world, news, log) for log in LOGS}
    for what, at, limit in (("p50", 50, 1.5), ("p99", 99, 5.0)):
        row = Row(f"latency at {PER_SECOND} articles/s, {what}", "s", Target("at most", limit))
        row.sqlite, row.kafka = (quantiles(times[log], n=100)[at - 1] for log in LOGS)
        yield row


def _latencies(world: World, news: News, log: LogKind) -> list[float]:
    articles = news.articles[: WARM + PER_SECOND * 60 * MINUTES]
    with (
        world.site("latency", log, DATABASE_OF[log]) as site,
        site.running(*STAGES) as processes,
        arrivals(site, processes) as count,
    ):
        for number, article in enumerate(articles[:WARM], 1):
            site.append("articles", [article])
            processes.until(lambda number=number: count() == number, LOOK_SECONDS)  # type: ignore[misc]
        sent: list[float] = []
        taken: list[float] = []
        start = time.monotonic()

        def done() -> bool:
            """Append what is due, and look how many have arrived: they keep their order."""
            if len(sent) < len(articles) - WARM and time.monotonic() >= start + len(sent) / PER_SECOND:
                sent.append(time.monotonic())
                site.append("articles", [articles[WARM + len(sent) - 1]])
            arrived, now = count() - WARM, time.monotonic()
            taken.extend(now - moment for moment in sent[len(taken) : arrived])
            return len(taken) == len(articles) - WARM

        processes.until(done, LOOK_SECONDS)
        return taken
