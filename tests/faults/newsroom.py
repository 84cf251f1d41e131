"""A real HTTP server with feeds of made-up news, in editions; the same for every run."""

import asyncio
import random
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape

from aiohttp import web

from streams.messages import Article
from tests.waiting import wait_for

WORDS = {
    "en": (
        "report said after before people city government yesterday morning official statement week public number "
        "could would between against during several according spokesman region country international agreement"
    ).split(),
    "de": (
        "sagte nach vor Menschen Stadt Regierung gestern morgens amtlich Erklärung Woche öffentlich Anzahl wurde "
        "könnte würde zwischen gegen während mehrere laut Sprecher Gegend Land international Vereinbarung über"
    ).split(),
}
SENTENCES = {
    "en": "The {topic} of {who} has been there, and this is what they have said about the {rest} of it.",
    "de": "Die {topic} von {who} wurde nicht gemeldet, weil das {rest} für uns ist.",
}
SYLLABLES = "ba do fe gi ha ku li ma no pe ra su ti vo wa".split()
NAMES = "Alden Brevik Castellan Dorring Elmhurst Farrow Gansevoort Hollis Ingram Jessop Kestrel Lomax".split()
START = datetime(2015, 9, 30, 6, 0, tzinfo=UTC)

LISTED = 120
"""Entries that a feed lists: more than come at once, fewer than all, as with real feeds."""


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the feed."""

    number: int
    lang: str
    title: str
    text: str
    published: datetime

    @property
    def url(self) -> str:
        return f"https://{self.lang}.wire.example/{self.number}"

    def article(self) -> Article:
        """As a poller would make it."""
        fetched = self.published + timedelta(minutes=5)
        return Article(
            id=f"{self.lang}-{self.number}",
            title=self.title,
            text=self.text,
            lang=self.lang,
            url=self.url,
            source="Wire",
            feed=f"https://{self.lang}.wire.example/feed.xml",
            published=self.published,
            fetched=fetched,
        )


def news(count: int, lang: str = "en", seed: int = 7) -> list[Item]:
    """So many articles over some dozens of events; every sixth is a lightly edited copy of an earlier one."""
    rng, common = random.Random(seed), WORDS[lang]
    events = [(" ".join(rng.sample(NAMES, 2)), [_word(rng) for _ in range(12)]) for _ in range(max(1, count // 8))]
    items: list[Item] = []
    for number in range(count):
        published = START + timedelta(minutes=7 * number)
        if number % 6 == 5:
            original = rng.choice(items[-20:])
            text = f"{original.text} {rng.choice(common)} {rng.choice(common)}."
            items.append(Item(number, lang, f"{original.title} {rng.choice(common)}", text, published))
            continue
        who, topic = rng.choice(events)
        sentences = [
            SENTENCES[lang].format(
                topic=" ".join(rng.choices(topic, k=8)), who=who, rest=" ".join(rng.choices(common, k=3))
            )
            for _ in range(10)
        ]
        title = f"{who}: {rng.choice(topic)} {rng.choice(common)} {rng.choice(topic)}"
        items.append(Item(number, lang, title, " ".join(sentences), published))
    return items


def _word(rng: random.Random) -> str:
    """One that no other event has."""
    return "".join(rng.choices(SYLLABLES, k=4))


class Newsroom:
    """Serves feeds, each on a host of its own, of which it shows the first `shown` items."""

    def __init__(self, feeds: Mapping[str, Sequence[Item]]) -> None:
        """`feeds`: by host, all of them names or addresses of this machine."""
        self.feeds = feeds
        self.shown = 0
        self.urls: list[str] = []
        self.asked = 0
        """Requests that have come."""
        self._gate = threading.Event()
        """What a request waits for that comes now."""
        self._gate.set()

    @property
    def total(self) -> int:
        """Items of all feeds."""
        return sum(map(len, self.feeds.values()))

    @contextmanager
    def holding(self, requests: int) -> Iterator[Callable[[], None]]:
        """Lets so many requests come and wait for their answers, until what the context gets is called.

        The requests that come after them are answered.
        """
        gate, before = threading.Event(), self.asked
        self._gate, opened = gate, self._gate
        try:
            wait_for(lambda: self.asked >= before + requests, what=f"{requests} requests")
            self._gate = opened
            yield gate.set
        finally:
            self._gate = opened
            gate.set()

    async def _feed(self, request: web.Request) -> web.Response:
        self.asked += 1
        gate = self._gate
        while not gate.is_set():
            await asyncio.sleep(0.01)
        host = request.match_info["host"]
        entries = "".join(
            f"<item><title>{escape(item.title)}</title><link>{item.url}</link><guid>{item.url}</guid>"
            f"<pubDate>{item.published:%a, %d %b %Y %H:%M:%S} GMT</pubDate>"
            f"<description>{escape(item.text)}</description></item>"
            for item in reversed(self.feeds[host][: self.shown][-LISTED:])
        )
        body = f'<rss version="2.0"><channel><title>{host}</title>{entries}</channel></rss>'
        return web.Response(text=body, content_type="application/rss+xml")

    @contextmanager
    def serving(self) -> Iterator["Newsroom"]:
        """Serve in a thread of its own while the context lasts."""
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        app = web.Application()
        app.router.add_get("/{host}.xml", self._feed)
        runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=1.0)

        async def start() -> None:
            await runner.setup()
            for host in self.feeds:
                await web.TCPSite(runner, host, 0).start()

        try:
            asyncio.run_coroutine_threadsafe(start(), loop).result()
            ports = [address[1] for address in runner.addresses]
            self.urls = [f"http://{host}:{port}/{host}.xml" for host, port in zip(self.feeds, ports, strict=True)]
            yield self
        finally:
            asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()
