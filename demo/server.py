"""Serves the demo's feeds on 127.0.0.1, as they stood at a chosen moment of 2015."""

import copy
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time
from email.utils import parsedate_to_datetime
from pathlib import Path

import yaml
from aiohttp import ETag, web
from lxml import etree

from demo.events import expected

FEEDS = Path(__file__).with_name("feeds")
HOST = "127.0.0.1"

FORMATS = {
    "rss": ("rss.xml", "application/rss+xml"),
    "feed": ("atom.xml", "application/atom+xml"),
    "RDF": ("index.rdf", "application/rdf+xml"),
}
"""By root element: the last part of a feed's path, and its media type."""

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"

BEFORE = datetime(2015, 1, 1, tzinfo=UTC)
"""When a feed that shows no entry yet was modified."""


class DemoFeed:
    """One file of `demo/feeds`: all that an outlet published in those days."""

    def __init__(self, file: Path) -> None:
        # CDATA stays CDATA: what is served looks like the file.
        self._document = etree.parse(file, etree.XMLParser(strip_cdata=False))
        root = self._document.getroot()
        name, self.media_type = FORMATS[etree.QName(root).localname]
        self.path = f"/{file.stem}/{name}"
        self.title = str(next(root.iter("{*}title")).text)
        self.lang = str(root.get(XML_LANG) or next(root.iter("{*}language")).text)[:2]
        """ISO 639-1."""
        self.published = {_link(entry): _published(entry) for entry in _entries(root)}
        """When each article was published, by its link."""

    def modified(self, until: datetime) -> datetime:
        """When the newest entry published by then was published."""
        return max((moment for moment in self.published.values() if moment <= until), default=BEFORE)

    def at(self, until: datetime) -> bytes:
        """The feed with the entries published by then."""
        document = copy.deepcopy(self._document)
        root = document.getroot()
        hidden = [entry for entry in _entries(root) if _published(entry) > until]
        links = {entry.get(f"{RDF}about") for entry in hidden}
        # RSS 1.0 lists its items a second time at the top.
        listed = [line for line in root.iter(f"{RDF}li") if line.get(f"{RDF}resource") in links]
        for element in hidden + listed:
            element.getparent().remove(element)
        updated = root.find("{http://www.w3.org/2005/Atom}updated")
        if updated is not None:
            updated.text = self.modified(until).isoformat()
        return bytes(etree.tostring(document, encoding="utf-8", xml_declaration=True))


class World:
    """The demo's feeds at the moment `until`, which whoever holds the world moves on."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        self.feeds = [DemoFeed(file) for file in sorted(FEEDS.glob("*.xml"))]

    @property
    def published(self) -> dict[str, datetime]:
        """When each article was published, by its link."""
        return {link: moment for feed in self.feeds for link, moment in feed.published.items()}

    @property
    def articles(self) -> int:
        """How many articles have been published so far."""
        return sum(moment <= self.until for moment in self.published.values())

    def editions(self) -> list[datetime]:
        """The moments to stop at when the world is shown step by step.

        The end of each day (UTC), and the publication of each text that others copied: a poller that asks once a
        day meets copy and original together, and may well take the copy first.
        """
        published = self.published
        days = {moment.astimezone(UTC).date() for moment in published.values()}
        copied = {published[told.of] for told in expected() if told.of}
        return sorted(copied | {datetime.combine(day, time.max, UTC) for day in days})

    def feeds_yaml(self, base_url: str) -> str:
        """The list of feeds for the service's `feeds` setting, served under `base_url`."""
        feeds = [{"url": base_url + feed.path, "source": feed.title, "lang": feed.lang} for feed in self.feeds]
        return yaml.safe_dump({"feeds": feeds}, sort_keys=False, allow_unicode=True)


@asynccontextmanager
async def serve(world: World, port: int = 0) -> AsyncIterator[str]:
    """Serve the world on 127.0.0.1 while the context lasts; gives the base URL. Port 0: any free one."""
    app = web.Application()
    for feed in world.feeds:
        app.router.add_get(feed.path, _handler(world, feed))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port).start()
        yield f"http://{HOST}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _handler(world: World, feed: DemoFeed) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        until = world.until
        body, modified = feed.at(until), feed.modified(until)
        tag = hashlib.sha256(body).hexdigest()[:16]
        if _is_current(request, tag, modified):
            response = web.Response(status=304)
        else:
            response = web.Response(body=body, content_type=feed.media_type, charset="utf-8")
        response.etag = ETag(tag)
        response.last_modified = modified
        return response

    return handle


def _is_current(request: web.Request, tag: str, modified: datetime) -> bool:
    """Whether the client has this very version; where it sends both validators, the tag decides (RFC 9110)."""
    if request.if_none_match is not None:
        return any(known.value in (tag, "*") for known in request.if_none_match)
    return request.if_modified_since is not None and modified <= request.if_modified_since


def _entries(root: etree._Element) -> list[etree._Element]:
    return list(root.iter("{*}item", "{*}entry"))


def _link(entry: etree._Element) -> str:
    link = next(entry.iter("{*}link"))
    return str(link.get("href") or link.text)


def _published(entry: etree._Element) -> datetime:
    text = str(next(entry.iter("{*}pubDate", "{*}published", "{*}date")).text)
    return parsedate_to_datetime(text) if "," in text else datetime.fromisoformat(text)
