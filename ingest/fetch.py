"""Fetches feeds over HTTP: politely, and on guard against what is hostile."""

import asyncio
import hashlib
import importlib.metadata
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Literal, Self

import aiohttp
import msgspec
from yarl import URL

from config.sections import PollerSection
from ingest.addresses import NOT_PUBLIC, public_socket
from ingest.hosts import Hosts
from streams.messages import storable

ACCEPT = "application/rss+xml, application/atom+xml, application/rdf+xml, application/xml;q=0.9, */*;q=0.5"
MIB = 1_048_576

Headers = Mapping[str, str]
"""Of a response, names in lower case."""

Problem = Literal["url", "address", "connect", "tls", "timeout", "redirect", "status", "size", "body"]

MAX_VALIDATOR_CHARS = 1_000
"""Longer validators are not kept; real ones have a few dozen characters."""


class Validators(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a server gave to ask "has this changed?" with. Opaque: sent back as it came, never interpreted."""

    url: str
    """The address that gave them, after redirects; they are sent to no other."""
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A response with a body."""

    url: str
    """Where it came from in the end."""
    body: bytes
    headers: Headers
    validators: Validators | None

    @property
    def digest(self) -> str:
        """Hash of the body: some servers give a new tag for the same feed, or the same tag for a new one."""
        return hashlib.sha256(self.body).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class NotModified:
    """The server says that nothing has changed."""

    headers: Headers


@dataclass(frozen=True, slots=True)
class Failed:
    """No feed, and why."""

    problem: Problem
    reason: str
    """For people; names the URL."""
    headers: Headers


class _Failure(Exception):
    def __init__(self, problem: Problem, reason: str, headers: Headers | None = None) -> None:
        super().__init__(reason)
        self.failed = Failed(problem, " ".join(storable(reason).split()), headers or {})


class Fetcher:
    """Fetches feeds. An asynchronous context manager: it closes its connections at the end."""

    def __init__(self, section: PollerSection) -> None:
        self._section = section
        self._hosts = Hosts(section.host_spacing_seconds)
        self._room = asyncio.Semaphore(section.concurrency)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        section = self._section
        connector = aiohttp.TCPConnector(
            limit=0,  # `Hosts` and the semaphore limit, and know why
            force_close=True,
            socket_factory=None if section.allow_private_networks else public_socket,
        )
        version = importlib.metadata.version("storywire")
        agent = section.user_agent.replace("{version}", version).replace("{contact}", section.contact)
        self._session = await self._stack.enter_async_context(
            aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(
                    total=None, connect=section.connect_seconds, sock_read=section.read_seconds
                ),
                headers={
                    "User-Agent": agent,
                    "Accept": ACCEPT,
                },
            )
        )
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self._stack.aclose()

    async def fetch(self, url: str, validators: Validators | None) -> Fetched | NotModified | Failed:
        """Ask for a feed, conditionally where there are validators. Never raises for what the other side does.

        Redirects are followed here, so that each hop is checked, waits for its host's turn, and shares one time
        limit with the others; waiting for a turn does not count.
        """
        left = self._section.total_seconds
        clock = asyncio.get_running_loop()
        try:
            target = first = _checked(url, url)
            for _ in range(self._section.max_redirects + 1):
                async with self._hosts.turn(target.host or ""), self._room:
                    started = clock.time()
                    where = url if target == first else f"{url}: redirected to {target}"
                    answer = await self._hop(where, target, validators, left)
                    left -= clock.time() - started
                if not isinstance(answer, URL):
                    return answer
                target = answer
            limit = self._section.max_redirects
            raise _Failure("redirect", f"{url}: more than {limit} redirects, the last to {target}")
        except _Failure as failure:
            return failure.failed

    async def _hop(
        self, where: str, target: URL, validators: Validators | None, seconds: float
    ) -> Fetched | NotModified | URL:
        """One request. The answer may be another URL to ask."""
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                return await self._request(where, target, validators)
        except aiohttp.ConnectionTimeoutError:
            limit = self._section.connect_seconds
            raise _Failure("timeout", f"{where}: no connection within {limit:g} s") from None
        except aiohttp.SocketTimeoutError:
            limit = self._section.read_seconds
            raise _Failure("timeout", f"{where}: silent for {limit:g} s") from None
        except TimeoutError:
            limit = self._section.total_seconds
            raise _Failure("timeout", f"{where}: not complete within {limit:g} s") from None
        except _Failure:
            raise
        except Exception as error:  # whatever the client makes of hostile bytes concerns this feed alone
            raise _explained(where, target, error) from None

    async def _request(
        self, where: str, target: URL, validators: Validators | None
    ) -> Fetched | NotModified | URL:
        conditional = _conditional(target, validators)
        async with self._session.get(target, headers=conditional, allow_redirects=False) as response:
            headers = {name.lower(): storable(value) for name, value in response.headers.items()}
            status = response.status
            if status == 304 and conditional:
                return NotModified(headers)
            if status in (301, 302, 303, 307, 308) and "location" in headers:
                return _checked(headers["location"], where, target)
            if status != 200:
                raise _Failure("status", f"{where}: answered {status} {response.reason}", headers)
            body = await self._body(where, response)
            return Fetched(str(target), body, headers, _validators(target, headers))

    async def _body(self, where: str, response: aiohttp.ClientResponse) -> bytes:
        """The whole body. It is measured as it comes, decompressed: nobody's word is taken for its size."""
        limit = int(self._section.max_feed_mib * MIB)
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > limit:
                raise _Failure("size", f"{where}: larger than {self._section.max_feed_mib:g} MiB")
        return bytes(body)


def _checked(text: str, where: str, base: URL | None = None) -> URL:
    """The URL in a text, against the one that redirected to it. Only http and https are followed."""
    try:
        url = URL(text) if base is None else base.join(URL(text))
        host = url.host
    except ValueError as error:
        raise _Failure("url", f"{where}: {text!r} is no URL ({error})") from None
    if url.scheme not in ("http", "https") or not host:
        raise _Failure("url", f"{where}: {text!r} is no http or https URL")
    return url.with_fragment(None)


def _conditional(target: URL, validators: Validators | None) -> dict[str, str]:
    if validators is None or validators.url != str(target):
        return {}
    sent = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
    return {name: value for name, value in sent.items() if value}


def _validators(target: URL, headers: Headers) -> Validators | None:
    etag, modified = _short(headers.get("etag")), _short(headers.get("last-modified"))
    return Validators(url=str(target), etag=etag, last_modified=modified) if etag or modified else None


def _short(value: str | None) -> str | None:
    """The value of a header, unless it is empty, overlong, or held bytes that `storable` had to replace."""
    return value if value and len(value) <= MAX_VALIDATOR_CHARS and "\ufffd" not in value else None


def _explained(where: str, target: URL, error: Exception) -> _Failure:
    """What an exception of the client means."""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return _Failure("connect", f"{where}: the name {target.host} cannot be resolved")
    if isinstance(error, aiohttp.ClientSSLError):
        return _Failure("tls", f"{where}: no secure connection to {target.host} ({error.os_error})")
    if isinstance(error, aiohttp.ClientConnectorError):
        if NOT_PUBLIC in str(error.os_error):
            remedy = "poller.allow_private_networks permits it"
            return _Failure("address", f"{where}: refused, {error.os_error}; {remedy}")
        return _Failure("connect", f"{where}: no connection to {target.host} ({error.os_error.strerror})")
    if isinstance(error, aiohttp.ServerDisconnectedError | ConnectionError):
        return _Failure("connect", f"{where}: the server hung up without an answer")
    if isinstance(error, aiohttp.ClientPayloadError):
        return _Failure("body", f"{where}: the response broke off or could not be decoded ({error})")
    if isinstance(error, aiohttp.InvalidURL | UnicodeError):
        return _Failure("url", f"{where}: no valid host name ({error})")
    return _Failure("body", f"{where}: not understood ({type(error).__name__}: {error})")
