"""The poller on feeds of a local HTTP server, beside the fetching half of the naive script."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from html import escape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import yaml

from bench.pipeline.figures import Row
from bench.pipeline.news import News
from bench.pipeline.processes import side_by_side
from bench.pipeline.world import LOGS, LogKind, World
from streams.messages import Article, Decoder

ENTRIES = 50
"""In a feed."""

SECTION = {"allow_private_networks": True, "host_spacing_seconds": 0, "first_poll_days": None}


def poller(world: World, news: News) -> Iterator[Row]:
    """From HTTP to the log."""
    with _feeds(news.articles) as urls:
        row = Row("poller", "entries/s")
        row.sqlite, row.kafka = (_polled(world, log, urls, len(news.articles)) for log in LOGS)
        row.naive = _naive(world, urls)
        yield row


def _polled(world: World, log: LogKind, urls: Sequence[str], entries: int) -> float:
    with world.site("poller", log, poller=SECTION, feeds="feeds.yaml") as site:
        feeds = {"feeds": [{"url": url, "source": "Bench", "lang": "en"} for url in urls]}
        (site.file.parent / "feeds.yaml").write_text(yaml.safe_dump(feeds), encoding="utf-8")
        name = site.topics.name("articles")

        def done() -> bool:
            """Offsets also count the marks of transactions, so in the end the records are counted."""
            ends = sum(site.log.end_offsets(name).values())
            return ends >= entries and len(site.times("articles")) == entries

        with site.running("poller") as processes:
            processes.until(done)
        return rate(site.times("articles"))


def _naive(world: World, urls: Sequence[str]) -> float:
    with world.site("naive-poller", "kafka") as site:
        name = site.topics.name("articles")
        command = ["bench.naive", "fetch", world.broker, name, *urls]
        with side_by_side(site.file.parent, {"naive": command}) as processes:
            processes.until(lambda: processes.running["naive"].poll() == 0)
        return rate(site.times("articles"))


def rate(times: Sequence[float]) -> float:
    """Records per second from the commit that brought the first to the last."""
    return sum(time > times[0] for time in times) / (times[-1] - times[0])


@contextmanager
def _feeds(articles: Sequence[bytes]) -> Iterator[list[str]]:
    """The articles as RSS feeds; gives their URLs."""
    decode = Decoder(Article)
    with TemporaryDirectory(prefix="storywire-bench-") as folder:
        names = []
        for start in range(0, len(articles), ENTRIES):
            names.append(f"{start}.xml")
            feed = _rss([decode(value) for value in articles[start : start + ENTRIES]])
            (Path(folder) / names[-1]).write_text(feed, encoding="utf-8")
        with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder)) as server:
            thread = Thread(target=server.serve_forever)
            thread.start()
            try:
                yield [f"http://127.0.0.1:{server.server_port}/{name}" for name in names]
            finally:
                server.shutdown()
                thread.join()


def _rss(articles: Sequence[Article]) -> str:
    items = "".join(
        f"<item><title>{escape(article.title)}</title><link>{escape(article.url or '')}</link>"
        f"<guid>{escape(article.id)}</guid><pubDate>{article.fetched:%a, %d %b %Y %H:%M:%S} GMT</pubDate>"
        f"<description>{escape(article.text)}</description></item>"
        for article in articles
    )
    return f'<rss version="2.0"><channel><title>Bench</title><language>en</language>{items}</channel></rss>'


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Nothing is said of a request."""
