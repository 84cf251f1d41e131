"""A process of its own for parsing: what a hostile or huge feed does to it, it does to no other feed.

The process ends itself when a feed takes too long, by a timer that also interrupts compiled code, and when the
poller goes, however it goes: then its standard input ends.
"""

import asyncio
import os
import resource
import signal
import sys
from contextlib import suppress
from typing import BinaryIO

import msgspec

from config.sections import PollerSection
from ingest.article import Writer
from ingest.extract import Extracted, Job, extract
from ingest.language import Languages
from streams.dead_letters import reason

MEMORY_BYTES = 4 << 30
"""Address space of the process; what needs more is a feed made to hurt. Measured: 0.36 GB for the worst of the
feeds of 5 MiB that were tried, 0.29 GB of it before the first."""

_HEAD_BYTES = 8
"""A frame is its length in so many bytes, and msgpack."""

_encode = msgspec.msgpack.Encoder().encode
_job = msgspec.msgpack.Decoder(Job).decode
_extracted = msgspec.msgpack.Decoder(Extracted).decode


class ParseFailed(Exception):
    """The feed could not be parsed in the limits of time and memory; the message says which."""


class ParseProcess:
    """The parser as its user sees it: one feed at a time, in order of asking."""

    def __init__(self, section: PollerSection) -> None:
        self._section = section
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None

    async def extract(self, job: Job) -> Extracted:
        """`ingest.extract.extract`, elsewhere. Raises ParseFailed."""
        async with self._turn:
            process = self._process or await self._start()
            try:
                return await _ask(process, job)
            except (EOFError, ConnectionError):  # IncompleteReadError is an EOFError
                self._process = None
                raise ParseFailed(f"{job.feed.url}: {self._cause(await process.wait())}") from None
            except BaseException:  # cancelled: the answer to this question must not meet the next one
                await self.aclose()
                raise

    async def aclose(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _start(self) -> asyncio.subprocess.Process:
        section = self._section
        limits = (section.default_lang, str(section.max_text_chars), str(section.parse_seconds))
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ingest.parse_process", *limits, stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        return self._process

    def _cause(self, status: int) -> str:
        if status == -signal.SIGALRM:
            return f"parsing took longer than {self._section.parse_seconds:g} s and was ended"
        return f"the parsing process died (status {status})"


async def _ask(process: asyncio.subprocess.Process, job: Job) -> Extracted:
    assert process.stdin and process.stdout
    question = _encode(job)
    process.stdin.write(len(question).to_bytes(_HEAD_BYTES) + question)
    await process.stdin.drain()
    length = int.from_bytes(await process.stdout.readexactly(_HEAD_BYTES))
    return _extracted(await process.stdout.readexactly(length))


def main() -> None:
    """The process: answers one question after another until its standard input ends."""
    default_lang, max_text_chars, seconds = sys.argv[1:]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the poller's to hear
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not become part of an answer
    writer = Writer(Languages(), default_lang, int(max_text_chars))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    with suppress(BrokenPipeError):
        while question := _read(questions):
            signal.setitimer(signal.ITIMER_REAL, float(seconds))  # unhandled, the alarm ends the process
            answer = _encode(_extract(_job(question), writer))
            signal.setitimer(signal.ITIMER_REAL, 0)
            answers.write(len(answer).to_bytes(_HEAD_BYTES) + answer)
            answers.flush()


def _extract(job: Job, writer: Writer) -> Extracted:
    try:
        return extract(job, writer)
    except Exception as error:  # a bug that this feed has found, or its memory is up: the others go on
        return Extracted(error=f"{job.feed.url}: cannot be parsed: {type(error).__name__}: {reason(error)}")


def _read(stream: BinaryIO) -> bytes:
    """The next frame; empty at the end, also where that came in the middle of one: the poller was killed."""
    length = int.from_bytes(stream.read(_HEAD_BYTES))
    frame = stream.read(length)
    return frame if len(frame) == length else b""


if __name__ == "__main__":
    main()
