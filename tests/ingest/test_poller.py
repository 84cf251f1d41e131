import asyncio
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web

from streams.log import Append, CommitFailed, Fenced
from streams.sqlite.member import SqliteMember
from tests.conftest import ROOT
from tests.ingest.newsdesk import ONCE, QUICK, TOPICS, Desk, desk, rss
from tests.ingest.server import Server
from tests.waiting import wait_for

PATH = "/feed.xml"


@pytest.fixture
def news(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path) as made:
        yield made


def polled(news: Desk) -> set[str]:
    """The feeds about which something is known."""
    newest = {record.key or "": record.value for record in news.records("poller-changelog")}
    return {key.partition(":")[2] for key, value in newest.items() if value is not None}


class Wire:
    """A feed that grows, with validators as a good server gives them."""

    def __init__(self, server: Server) -> None:
        self.items: list[tuple[str, str]] = []
        self.more = ""
        self.not_modified = 0
        self.url = server.on(PATH, self._answer)

    async def _answer(self, request: web.Request) -> web.Response:
        tag = f'"{hash(tuple(self.items))}"'
        if request.headers.get("If-None-Match") == tag:
            self.not_modified += 1
            return web.Response(status=304)
        return web.Response(text=rss(self.items, self.more), headers={"ETag": tag})


@pytest.fixture
def wire(server: Server) -> Wire:
    return Wire(server)


def test_what_is_new_or_revised_is_emitted_once_and_what_is_unusable_is_a_dead_letter_once(
    news: Desk, wire: Wire
) -> None:
    wire.items = [("a", "one"), ("b", "one")]
    wire.more = "<item><author>nobody</author></item>"
    before = datetime.now(UTC)
    news.follow(wire.url, source="The Wire", lang="de")
    with news.polling():
        news.wait_for_titles("a", "b")
        wire.items = [("a", "one"), ("b", "two"), ("c", "one")]
        news.wait_for_titles("a", "b", "b", "c")
        quiet = wire.not_modified
        wait_for(lambda: wire.not_modified > quiet + 2)
    made = news.articles()
    assert [(article.title, article.text) for article in made] == [
        ("a", "one"), ("b", "one"), ("b", "two"), ("c", "one"),
    ]  # fmt: skip
    assert {(article.source, article.lang, article.feed) for article in made} == {("The Wire", "de", wire.url)}
    assert all(before <= article.fetched <= datetime.now(UTC) for article in made)
    records = news.records("articles")
    assert {(record.key, record.partition) for record in records} == {("de", TOPICS.partition("de"))}
    assert len({record.headers["trace"] for record in records}) == 4, "each has a trace of its own"
    (letter,) = news.records("dead-letters")
    assert (letter.key, letter.headers["stage"]) == (wire.url, "poller")
    assert letter.headers["message"].endswith(" no title, no text and no link")
    assert b"author: nobody" in (letter.value or b"")


def test_after_a_restart_the_feed_is_asked_conditionally_and_nothing_is_repeated(news: Desk, wire: Wire) -> None:
    wire.items = [(f"t{number}", "text") for number in range(100)]
    titles = [title for title, _ in wire.items]
    news.follow(wire.url)
    with news.polling():
        news.wait_for_titles(*titles)
    asked = wire.not_modified
    with news.polling():
        wait_for(lambda: wire.not_modified > asked + 2)
    assert news.titles() == titles
    written = {(record.key, len(record.value or b"")) for record in news.records("poller-changelog")}
    (known,) = [size for key, size in written if key == f"known:{wire.url}"]
    assert known > 3_000, "written once, when the entries came"
    assert all(size < 400 for key, size in written if key == f"poll:{wire.url}"), "written with every poll"


def test_a_feed_polled_before_the_restart_waits_for_its_time(news: Desk, server: Server) -> None:
    first, second = server.base + "/first", server.base + "/second"
    news.follow(first)
    with news.polling(ONCE):
        wait_for(lambda: first in polled(news))
    news.follow(first, second)
    with news.polling(ONCE):
        wait_for(lambda: second in polled(news))
    assert len(server.asked("/first")) == len(server.asked("/second")) == 1


def test_what_is_wrong_with_one_feed_is_told_and_hurts_no_other(
    news: Desk, wire: Wire, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    wire.items = [("fine", "text")]
    bad = {
        server.serve("/html", "<!doctype html><p>Hello", Content_Type="text/html"): "is an HTML page and no feed",
        server.serve("/empty", ""): "is empty",
        server.serve("/gone", "", status=410): "answered 410 Gone",
        server.serve("/huge", b"x" * 6_000_000): "larger than 5 MiB",
        "http://127.0.0.1:1/closed": "no connection to 127.0.0.1",
    }
    cut = server.serve("/cut", rss([("half", "a text that breaks off"), ("whole", "text")]).partition("breaks")[0])
    news.follow(*bad, cut, wire.url)
    with news.polling(ONCE):
        news.wait_for_titles("fine", "whole")
        wait_for(lambda: len(news.records("poller-changelog")) >= len(bad) + 4)
    told = capsys.readouterr().out.splitlines()
    for url, reason in bad.items():
        (line,) = [line for line in told if f"{url}: " in line]
        assert "warning" in line and reason in line and "failures=1" in line
    (line,) = [line for line in told if cut in line]
    assert "warning" in line and "truncated" in line


def test_a_removed_or_disabled_feed_is_no_longer_polled_and_a_removed_one_is_forgotten(
    news: Desk, server: Server
) -> None:
    removed, disabled, kept = (server.serve(f"/{name}", rss([(name, "text")])) for name in ("r", "d", "k"))
    news.follow(removed, disabled, kept)
    with news.polling():
        news.wait_for_titles("r", "d", "k")
        news.follow(kept, disabled=[disabled])
        wait_for(lambda: removed not in polled(news), what="the feed to be forgotten")
        asked = {path: len(server.asked(path)) for path in ("/r", "/d", "/k")}
        wait_for(lambda: len(server.asked("/k")) > asked["/k"] + 3)
        assert len(server.asked("/d")) <= asked["/d"] + 1, "one may have been on its way"
        assert len(server.asked("/r")) <= asked["/r"] + 1
    assert polled(news) == {disabled, kept}


def test_what_a_removed_feed_still_brings_is_dropped(news: Desk, server: Server) -> None:
    async def slow(request: web.Request) -> web.Response:
        while not late.is_set():
            await asyncio.sleep(0.01)
        return web.Response(text=rss([("late", "text")]))

    late, url = threading.Event(), server.on("/slow", slow)
    news.follow(url)
    with news.polling():
        wait_for(lambda: server.asked("/slow"))
        news.follow(server.base.replace("127.0.0.1", "localhost") + PATH)
        wait_for(lambda: server.asked(PATH))
        late.set()
        answered = server.on("/other", server.handlers["/slow"])
        news.follow(answered)
        news.wait_for_titles("late")
        assert [made.feed for made in news.articles()] == [answered]
    assert url not in polled(news)


def test_a_record_that_is_no_feed_is_a_dead_letter_and_the_others_go_on(news: Desk, server: Server) -> None:
    news.follow(server.base + "/fine")
    records = [b'{"schema": 99}', b'{"schema": 1, "url": "https://b.example/"}']
    news.log.append([Append("feeds", 1, f"https://{value[11]}.example/", value) for value in records])
    with news.polling(ONCE):
        wait_for(lambda: server.asked("/fine") and len(news.records("dead-letters")) == 2)
    first, second = news.records("dead-letters")
    assert (first.headers["error"], first.headers["topic"]) == ("UnknownSchema", "feeds")
    assert "the key is to be its URL" in second.headers["message"]


def test_a_stop_ends_the_poller_within_seconds_whatever_it_is_doing(news: Desk, server: Server) -> None:
    async def silent(request: web.Request) -> web.Response:
        await asyncio.sleep(60)
        return web.Response()

    deep = server.serve("/deep", "<rss version='2.0'><channel><item><description>" + "<div>" * 300_000)
    other_host = deep.replace("127.0.0.1", "localhost")
    news.follow(server.on("/silent", silent), other_host)
    with news.polling(QUICK):
        wait_for(lambda: server.asked("/silent") and server.asked("/deep"))
        stopping = time.monotonic()
    assert time.monotonic() - stopping < 3


def test_a_commit_that_fails_is_made_up_for_and_repeats_nothing(
    news: Desk, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit, failures = SqliteMember.commit, iter([True, True])

    def failing(self: SqliteMember, appends: list[Append], offsets: dict) -> None:  # type: ignore[type-arg]
        if any(append.topic == "articles" for append in appends) and next(failures, False):
            raise CommitFailed("the disk is busy")
        commit(self, appends, offsets)

    monkeypatch.setattr(SqliteMember, "commit", failing)
    wire.items = [("a", "one"), ("b", "one")]
    news.follow(wire.url)
    with news.polling():
        news.wait_for_titles("a", "b")
        wait_for(lambda: wire.not_modified > 2)
    assert next(failures, None) is None


def test_a_poller_whose_place_was_taken_stops(news: Desk, server: Server) -> None:
    news.follow(server.base + PATH)
    with pytest.raises(AssertionError, match="Fenced"), news.polling():
        wait_for(lambda: server.asked(PATH))
        successor = news.log.member("poller", "feeds", "0")
        try:
            wait_for(lambda: news.errors)
        finally:
            successor.close()
    assert isinstance(news.errors[0], Fenced)


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_killed_at_any_moment_the_poller_neither_loses_nor_repeats_an_entry(news: Desk, wire: Wire) -> None:
    rng = random.Random(11)
    news.follow(wire.url)
    command = [sys.executable, "-m", "tests.ingest.newsdesk", news.url, QUICK.model_dump_json()]
    for _ in range(2):
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as poller:
            try:
                emitted = len(news.articles())
                wire.items += [(f"t{len(wire.items) + more}", "text") for more in range(20)]
                wait_for(lambda had=emitted: len(news.articles()) > had, what="the poller to emit")
                for _ in range(rng.randrange(1, 4)):
                    wire.items.append((f"t{len(wire.items)}", "text"))
                    time.sleep(rng.random() * 0.2)  # not a wait: the moment of the kill is the point
                parsers = children(poller.pid)
                os.kill(poller.pid, signal.SIGKILL)
            finally:
                poller.kill()
        assert parsers
        wait_for(lambda orphans=parsers: not any(map(is_running, orphans)), what="the parser to end")
    with news.polling():
        wait_for(lambda: len(news.articles()) >= len(wire.items), what="the rest")
    assert Counter(news.titles()) == Counter(title for title, _ in wire.items)
