"""The demo's world is what it claims to be: well-formed feeds, true relations between texts, honest HTTP."""

import asyncio
import os
import re
from calendar import timegm
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import combinations
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import feedparser
import pytest
from lxml import html

from config.feeds import load_feeds
from config.settings import load
from demo.events import Told, expected
from demo.server import BEFORE, FEEDS, World, serve

END = datetime(2015, 10, 9, tzinfo=UTC)
COPYING = ("copy", "edited copy", "excerpt")


@dataclass(frozen=True)
class Item:
    """An entry as feedparser reads it."""

    title: str
    published: datetime
    text: str

    @cached_property
    def shingles(self) -> frozenset[tuple[str, ...]]:
        words = re.findall(r"\w+", self.text.lower())
        return frozenset(zip(*(words[i:] for i in range(5)), strict=False))


def items_of(body: bytes) -> dict[str, Item]:
    feed = feedparser.parse(body)
    assert not feed.bozo, feed.bozo_exception
    return {entry.link: _item(entry) for entry in feed.entries}


def _item(entry: feedparser.FeedParserDict) -> Item:
    value = entry.content[0].value if "content" in entry else entry.summary
    text = " ".join(html.fromstring(f"<div>{value}</div>").itertext())
    published = entry.get("published_parsed") or entry.updated_parsed  # dc:date is `updated` to feedparser
    return Item(entry.title, datetime.fromtimestamp(timegm(published), UTC), " ".join(text.split()))


@pytest.fixture(scope="module")
def items() -> dict[str, Item]:
    return {link: item for file in FEEDS.glob("*.xml") for link, item in items_of(file.read_bytes()).items()}


@pytest.fixture(scope="module")
def truth() -> dict[str, Told]:
    return {told.link: told for told in expected()}


def jaccard(a: Item, b: Item) -> float:
    return len(a.shingles & b.shingles) / len(a.shingles | b.shingles)


def containment(short: Item, long: Item) -> float:
    return len(short.shingles & long.shingles) / len(short.shingles)


def copies(truth: dict[str, Told], role: str) -> Iterator[tuple[str, str]]:
    """Each article of that role with its agency text."""
    found = [(told.link, told.of) for told in truth.values() if told.role == role]
    assert found
    for link, of in found:
        assert of is not None
        yield link, of


def test_the_world_is_as_large_and_as_mixed_as_promised(items: dict[str, Item], truth: dict[str, Told]) -> None:
    events = Counter(told.event for told in truth.values())
    assert len(items) >= 45
    assert len({urlsplit(link).hostname for link in items}) == 10
    assert sum(count >= 3 for count in events.values()) >= 9
    assert 1 in events.values(), "some articles stand alone"
    strikes = {urlsplit(t.link).hostname for t in truth.values() if t.event == "russia-strikes-begin"}
    assert len(strikes) >= 6
    formats = {feedparser.parse(file.read_bytes()).version for file in FEEDS.glob("*.xml")}
    assert formats == {"rss20", "atom10", "rss10"}


def test_every_article_is_in_the_truth_and_the_truth_names_no_other(
    items: dict[str, Item], truth: dict[str, Told]
) -> None:
    assert set(items) == set(truth)
    assert len(expected()) == len(truth)
    assert all((told.of in items) == (told.role in COPYING) for told in truth.values())


def test_articles_are_whole_dated_in_those_days_and_link_to_no_real_site(items: dict[str, Item]) -> None:
    for link, item in items.items():
        assert item.title
        assert 90 <= len(item.text.split()) <= 350, link
        assert datetime(2015, 9, 28, tzinfo=UTC) <= item.published < END, link
        assert str(urlsplit(link).hostname).endswith(".example")


def test_verbatim_copies_are_verbatim_and_name_the_agency(items: dict[str, Item], truth: dict[str, Told]) -> None:
    for link, of in copies(truth, "copy"):
        assert items[link].text == items[of].text
        assert "(Meridian Press Agency)" in items[link].text
        assert items[link].published > items[of].published


def test_edited_copies_are_near_and_not_equal(items: dict[str, Item], truth: dict[str, Told]) -> None:
    for link, of in copies(truth, "edited copy"):
        assert 0.6 <= jaccard(items[link], items[of]) <= 0.95


def test_excerpts_stand_in_the_longer_text_and_are_much_shorter(
    items: dict[str, Item], truth: dict[str, Told]
) -> None:
    for link, of in copies(truth, "excerpt"):
        assert containment(items[link], items[of]) >= 0.85
        assert jaccard(items[link], items[of]) < 0.5


def test_independent_texts_share_no_sentences(items: dict[str, Item], truth: dict[str, Told]) -> None:
    """Neither within an event nor with a look-alike: only declared copies are copies."""
    independent = [link for link, told in truth.items() if told.role not in COPYING]
    for a, b in combinations(independent, 2):
        assert jaccard(items[a], items[b]) < 0.15, (a, b)


def test_the_world_plays_time(items: dict[str, Item]) -> None:
    """Each edition holds what was published until then, in every format, and the RDF list of items agrees."""
    world = World(END)
    for until in [BEFORE, *world.editions()[::3], END]:
        world.until = until
        shown: set[str] = set()
        for body in [feed.at(until) for feed in world.feeds]:
            links = {entry.link for entry in feedparser.parse(body).entries}
            listed = {link.decode() for link in re.findall(rb'rdf:li rdf:resource="([^"]+)"', body)}
            assert listed == (links if b"<rdf:RDF" in body else set())
            shown |= links
        assert shown == {link for link, item in items.items() if item.published <= until}
        assert len(shown) == world.articles
    assert world.articles == len(items)


def test_a_copy_never_comes_out_in_the_same_edition_as_its_original(
    items: dict[str, Item], truth: dict[str, Told]
) -> None:
    def edition(link: str) -> int:
        return sum(moment < items[link].published for moment in World(END).editions())

    for told in truth.values():
        assert told.of is None or edition(told.of) < edition(told.link), told.link


def test_a_feed_answers_304_until_its_next_article() -> None:
    first = datetime(2015, 9, 29, tzinfo=UTC)

    async def conversation(path: str) -> list[tuple[int, int]]:
        world, seen = World(first), []
        async with serve(world) as base, aiohttp.ClientSession() as session:

            async def get(**headers: str) -> tuple[str, str]:
                named = {name.replace("_", "-"): value for name, value in headers.items()}
                async with session.get(base + path, headers=named) as response:
                    body = await response.read()
                    seen.append((response.status, len(items_of(body)) if body else 0))
                    return response.headers["ETag"], response.headers["Last-Modified"]

            tag, modified = await get()
            await get(If_None_Match=tag)
            await get(If_Modified_Since=modified)
            await get(If_None_Match='"another"', If_Modified_Since=modified)
            world.until = END
            await get(If_None_Match=tag, If_Modified_Since=modified)
        return seen

    for feed in World(END).feeds:
        early, late = sum(moment <= first for moment in feed.published.values()), len(feed.published)
        answers = [(200, early), (304, 0), (304, 0), (200, early), (200, late)]
        assert asyncio.run(conversation(feed.path)) == answers, feed.path


def test_the_server_does_not_listen_beyond_127_0_0_1() -> None:
    async def ask_another_address() -> None:
        async with serve(World(END)) as base:
            port = urlsplit(base).port
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"http://127.0.0.2:{port}/orrery/index.rdf"),
            ):
                pass

    with pytest.raises(aiohttp.ClientConnectionError):
        asyncio.run(ask_another_address())


def test_the_settings_are_valid_and_let_a_first_poll_take_articles_of_2015(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for variable in [name for name in os.environ if name.startswith("STORYWIRE_")]:
        monkeypatch.delenv(variable)
    settings = load(FEEDS.with_name("storywire.yaml"), {}).settings
    assert settings.poller.first_poll_days is None
    assert settings.poller.allow_private_networks
    assert settings.database is not None


def test_the_list_of_feeds_is_one_that_the_service_reads(tmp_path: Path) -> None:
    world, file = World(END), tmp_path / "feeds.yaml"
    file.write_text(world.feeds_yaml("http://127.0.0.1:8000"), encoding="utf-8")
    feeds = load_feeds(file)
    assert len(feeds) == len(world.feeds)
    assert [feed.source for feed in feeds if feed.lang == "de"] == ["Elbkurier"]
    assert "http://127.0.0.1:8000/harbourtimes/rss.xml" in {feed.url for feed in feeds}
