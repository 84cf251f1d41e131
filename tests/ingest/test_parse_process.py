import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.sections import PollerSection
from ingest.extract import Job
from ingest.parse_process import ParseFailed, ParseProcess
from streams.messages import Feed
from tests.conftest import ROOT

URL = "https://news.example/feed.xml"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

SMALL = b"<rss version='2.0'><channel><item><title>Storm</title></item></channel></rss>"
DEEP = b"<rss version='2.0'><channel><item><description>" + b"<div>" * 300_000
"""Nested so deep that feedparser takes minutes over it; about 1.5 MB."""


def job(body: bytes) -> Job:
    return Job(feed=Feed(url=URL), url=URL, content_type=None, body=body, now=NOW)


Use = Callable[[Callable[[ParseProcess], Awaitable[None]]], None]


@pytest.fixture(scope="module")
def run() -> Iterator[Use]:
    """Runs a test's coroutine with the one process of all tests here: starting one takes a second or two."""
    with asyncio.Runner() as runner:
        process = ParseProcess(PollerSection(parse_seconds=0.4))
        try:
            yield lambda use: runner.run(_awaited(use(process)))
        finally:
            runner.run(process.aclose())


async def _awaited(work: Awaitable[None]) -> None:
    await work


async def titles(process: ParseProcess, body: bytes = SMALL) -> list[str]:
    extracted = await process.extract(job(body))
    return [item.article.title for item in extracted.items if item.article]


def pid_of(process: ParseProcess) -> int:
    assert process._process
    return process._process.pid


def is_running(pid: int) -> bool:
    """Whether a process lives; one that is dead and not yet waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_parse_that_overruns_is_ended_and_fails_that_feed_alone(run: Use) -> None:
    async def use(process: ParseProcess) -> None:
        await titles(process)
        slow, fine = await asyncio.gather(process.extract(job(DEEP)), titles(process), return_exceptions=True)
        assert isinstance(slow, ParseFailed)
        assert str(slow) == f"{URL}: parsing took longer than 0.4 s and was ended"
        assert fine == ["Storm"]

    run(use)


def test_a_parser_that_dies_fails_its_feed_and_is_replaced(run: Use) -> None:
    async def use(process: ParseProcess) -> None:
        await titles(process)
        task = asyncio.create_task(process.extract(job(DEEP)))
        await asyncio.sleep(0)
        os.kill(pid_of(process), signal.SIGKILL)
        with pytest.raises(ParseFailed, match=r"the parsing process died \(status -9\)"):
            await task
        assert await titles(process) == ["Storm"]

    run(use)


def test_after_a_parse_was_given_up_nobody_gets_its_answer(run: Use) -> None:
    async def use(process: ParseProcess) -> None:
        await titles(process)
        pid = pid_of(process)
        task = asyncio.create_task(process.extract(job(DEEP)))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not is_running(pid)
        assert await titles(process) == ["Storm"]

    run(use)


def test_an_entity_bomb_is_no_harm(run: Use) -> None:
    entities = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 12))
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY e0 "ha">' + entities + b"]>"
        b"<rss version='2.0'><channel><item><title>&e11;</title><link>https://a.example/1</link></item></channel></rss>"
    )

    async def use(process: ParseProcess) -> None:
        with suppress(ParseFailed):  # ended in time: as good
            extracted = await process.extract(job(bomb))
            assert all(item.article is None or len(item.article.title) <= 500 for item in extracted.items)
        assert await titles(process) == ["Storm"]

    run(use)


def test_the_parser_ends_when_the_poller_goes_without_a_word(run: Use) -> None:
    async def use(process: ParseProcess) -> None:
        await titles(process)
        assert process._process and process._process.stdin
        process._process.stdin.close()
        assert await asyncio.wait_for(process._process.wait(), 10) == 0

    run(use)


@pytest.mark.parametrize("left", [b"", (1_000).to_bytes(8) + b"half a question"], ids=["nothing", "half"])
def test_it_ends_without_a_word_when_its_poller_is_killed(left: bytes) -> None:
    command = [sys.executable, "-m", "ingest.parse_process", "en", "1000", "5"]
    done = subprocess.run(command, input=left, cwd=ROOT, capture_output=True, timeout=30)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
