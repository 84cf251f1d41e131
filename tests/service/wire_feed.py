"""A real HTTP server with feeds of made-up news, in editions; the same for every run."""

import asyncio
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape

from aiohttp import web

WORDS = (
    "minister harbour strike council bridge river storm election market factory hospital railway teacher court "
    "budget border island festival museum airport union senate mayor police flood earthquake vaccine satellite "
    "report said after before people city government yesterday morning official statement week public number "
    "could would between against during several according spokesman region country international agreement"
).split()
NAMES = "Alden Brevik Castellan Dorring Elmhurst Farrow Gansevoort Hollis Ingram Jessop Kestrel Lomax".split()
START = datetime(2015, 9, 30, 6, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the feed."""

    number: int
    title: str
    text: str
    published: datetime

    @property
    def url(self) -> str:
        return f"https://wire.example/{self.number}"


def news(count: int, seed: int = 7) -> list[Item]:
    """So many articles over some dozens of events; every sixth is a lightly edited copy of an earlier one."""
    rng = random.Random(seed)
    events = [
        (f"{rng.choice(NAMES)} {rng.choice(NAMES)}", rng.sample(WORDS, 12)) for _ in range(max(1, count // 8))
    ]
    items: list[Item] = []
    for number in range(count):
        published = START + timedelta(minutes=7 * number)
        if number % 6 == 5:
            original = rng.choice(items[-20:])
            text = f"{original.text} The agency's report was edited for length {rng.choice(WORDS)}."
            items.append(Item(number, f"{original.title}, agency says", text, published))
            continue
        who, topic = events[rng.randrange(len(events))]
        sentences = [
            f"The {' '.join(rng.choices(topic, k=4))} of {who} was {' '.join(rng.choices(WORDS, k=7))}."
            for _ in range(12)
        ]
        title = f"{who}: the {rng.choice(topic)} and the {rng.choice(topic)}"
        items.append(Item(number, title, " ".join(sentences), published))
    return items


class Newsroom:
    """Serves the first `shown` items as one RSS feed."""

    def __init__(self, items: list[Item]) -> None:
        self.items = items
        self.shown = 0
        self.url = ""

    async def _feed(self, request: web.Request) -> web.Response:
        entries = "".join(
            f"<item><title>{escape(item.title)}</title><link>{item.url}</link><guid>{item.url}</guid>"
            f"<pubDate>{item.published:%a, %d %b %Y %H:%M:%S} GMT</pubDate>"
            f"<description>{escape(item.text)}</description></item>"
            for item in reversed(self.items[: self.shown])
        )
        body = f'<rss version="2.0"><channel><title>Wire</title><language>en</language>{entries}</channel></rss>'
        return web.Response(text=body, content_type="application/rss+xml")

    @contextmanager
    def serving(self) -> Iterator["Newsroom"]:
        """Serve on 127.0.0.1 in a thread of its own while the context lasts."""
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        app = web.Application()
        app.router.add_get("/feed.xml", self._feed)
        runner = web.AppRunner(app)

        async def start() -> None:
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()

        try:
            asyncio.run_coroutine_threadsafe(start(), loop).result()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/feed.xml"
            yield self
        finally:
            asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()
