import asyncio
import gzip
import socket
import threading
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import pairwise

import pytest
from aiohttp import web

from config.sections import PollerSection
from ingest.fetch import MIB, Failed, Fetched, Fetcher, NotModified, Validators
from tests.ingest.server import Server

LOCAL = PollerSection(
    allow_private_networks=True, host_spacing_seconds=0, connect_seconds=2, read_seconds=0.4, total_seconds=0.8
)
GUARDED = LOCAL.model_copy(update={"allow_private_networks": False})


def fetch(
    *urls: str, section: PollerSection = LOCAL, validators: Validators | None = None
) -> list[Fetched | NotModified | Failed]:
    async def run() -> list[Fetched | NotModified | Failed]:
        async with Fetcher(section) as fetcher:
            return await asyncio.gather(*(fetcher.fetch(url, validators) for url in urls))

    return asyncio.run(run())


def failure(url: str, section: PollerSection = LOCAL) -> Failed:
    (answer,) = fetch(url, section=section)
    assert isinstance(answer, Failed), answer
    assert answer.reason.startswith(url), "an error names the URL"
    return answer


# --- conditional requests ------------------------------------------------------------------------------


def test_validators_are_sent_back_as_they_came_and_only_then(server: Server) -> None:
    url = server.serve("/feed", "news", ETag="W/\"odd 'tag'\"", Last_Modified="yesterday, about noon")
    (first,) = fetch(url)
    assert isinstance(first, Fetched)
    assert (first.body, first.url) == (b"news", url)
    fetch(url, validators=first.validators)
    before, after = (seen.headers for seen in server.asked("/feed"))
    assert "If-None-Match" not in before and "If-Modified-Since" not in before
    assert after["If-None-Match"] == "W/\"odd 'tag'\""
    assert after["If-Modified-Since"] == "yesterday, about noon"


def test_a_304_is_not_modified(server: Server) -> None:
    url = server.serve("/feed", "", status=304, Cache_Control="max-age=60")
    (answer,) = fetch(url, validators=Validators(url=url, etag='"1"'))
    assert isinstance(answer, NotModified)
    assert answer.headers["cache-control"] == "max-age=60"


def test_a_304_that_nobody_asked_for_is_a_failure(server: Server) -> None:
    assert failure(server.serve("/feed", "", status=304)).problem == "status"


def test_validators_of_another_address_are_not_sent(server: Server) -> None:
    url = server.serve("/feed", "news")
    fetch(url, validators=Validators(url=url + "/moved", etag='"1"'))
    assert "If-None-Match" not in server.asked("/feed")[0].headers


def test_a_redirected_feed_keeps_its_validators(server: Server) -> None:
    server.serve("/new", "news", ETag='"1"')
    url = server.serve("/old", "", status=301, Location="/new")
    (first,) = fetch(url)
    assert isinstance(first, Fetched) and first.url == server.base + "/new"
    fetch(url, validators=first.validators)
    assert server.asked("/new")[1].headers["If-None-Match"] == '"1"'


def test_no_validators_are_made_up_and_monstrous_ones_are_dropped(server: Server) -> None:
    for url in (server.serve("/none", "news"), server.serve("/huge", "news", ETag='"' + "x" * 5_000 + '"')):
        (answer,) = fetch(url)
        assert isinstance(answer, Fetched) and answer.validators is None


def test_who_asks_is_said(server: Server) -> None:
    fetch(server.serve("/feed", "news"), section=LOCAL.model_copy(update={"contact": "mailto:me@example.org"}))
    agent = server.seen[0].headers["User-Agent"]
    assert agent.startswith("Storywire/") and agent.endswith("(+mailto:me@example.org)")


# --- sizes ---------------------------------------------------------------------------------------------


def test_a_compressed_feed_is_unpacked(server: Server) -> None:
    packed = [("gzip", gzip.compress(b"news")), ("deflate", zlib.compress(b"news"))]
    for encoding, body in packed:
        (answer,) = fetch(server.serve("/feed", body, Content_Encoding=encoding))
        assert isinstance(answer, Fetched) and answer.body == b"news"


def test_a_bomb_is_measured_unpacked_and_costs_little_memory(server: Server) -> None:
    bomb = gzip.compress(b"\0" * 100 * MIB)
    assert len(bomb) < MIB
    url = server.serve("/bomb", bomb, Content_Encoding="gzip")
    tracemalloc.start()
    try:
        answer = failure(url)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (answer.problem, answer.reason) == ("size", f"{url}: larger than 5 MiB")
    assert peak < 30 * MIB


def test_50_megabytes_are_refused(server: Server) -> None:
    assert failure(server.serve("/huge", b"x" * 50 * MIB)).problem == "size"


def test_a_feed_just_within_the_limit_is_taken(server: Server) -> None:
    (answer,) = fetch(server.serve("/big", b"x" * 5 * MIB))
    assert isinstance(answer, Fetched) and len(answer.body) == 5 * MIB


def test_an_endless_body_ends_at_the_limit_of_size_or_time(server: Server) -> None:
    async def endless(request: web.Request, piece: bytes, pause: float) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(piece)
            await asyncio.sleep(pause)

    flood = server.on("/flood", lambda request: endless(request, b"x" * 65_536, 0))
    drip = server.on("/drip", lambda request: endless(request, b"x", 0.05))
    assert failure(flood).problem == "size"
    dripped = failure(drip)
    assert (dripped.problem, dripped.reason) == ("timeout", f"{drip}: not complete within 0.8 s")


def test_a_server_that_falls_silent_is_not_waited_for(server: Server) -> None:
    async def silent(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"x")
        await asyncio.sleep(30)
        return response

    url = server.on("/silent", silent)
    assert failure(url).reason == f"{url}: silent for 0.4 s"


def test_a_body_that_breaks_off_is_a_failure(server: Server) -> None:
    async def broken(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"x")
        assert request.transport
        request.transport.close()
        return response

    assert failure(server.on("/broken", broken)).problem == "body"


def test_a_body_that_is_not_what_it_says_is_a_failure(server: Server) -> None:
    assert failure(server.serve("/feed", "no gzip", Content_Encoding="gzip")).problem == "body"
    assert failure(server.serve("/feed", "no brotli", Content_Encoding="br")).problem == "body"


# --- answers that are none -----------------------------------------------------------------------------


@pytest.mark.parametrize("status", [204, 206, 403, 404, 410, 500])
def test_any_other_status_is_a_failure_that_says_so(server: Server, status: int) -> None:
    answer = failure(server.serve("/feed", "", status=status))
    assert answer.problem == "status"
    assert f"answered {status}" in answer.reason


def test_retry_after_is_handed_on(server: Server) -> None:
    assert failure(server.serve("/feed", "", status=429, Retry_After="120")).headers["retry-after"] == "120"


@contextmanager
def raw_server(answer: bytes) -> Iterator[str]:
    """A server that sends these bytes to everyone, whatever they ask, and hangs up."""

    def serve() -> None:
        with suppress(OSError):  # closed below
            while True:
                connection, _ = listening.accept()
                with connection:
                    connection.recv(65_536)
                    connection.sendall(answer)

    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x16\x03\x01\x02\x00",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_http_is_a_failure_and_no_crash(answer: bytes) -> None:
    with raw_server(answer) as url:
        assert failure(url).problem in ("body", "connect")


def test_headers_that_are_no_text_are_mended() -> None:
    answer = b'HTTP/1.1 200 OK\r\nETag: "\xff"\r\nContent-Type: text/\xfe\r\nContent-Length: 4\r\n\r\nnews'
    with raw_server(answer) as url:
        (fetched,) = fetch(url)
    assert isinstance(fetched, Fetched)
    assert fetched.validators is None, "a tag that cannot be sent back is none"
    assert fetched.headers["content-type"] == "text/\ufffd"


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://127.0.0.1:1/", "connect"),
        ("http://no-such-host.invalid/", "connect"),
        ("ftp://127.0.0.1/feed", "url"),
        ("http://", "url"),
        ("http://[::1", "url"),
        ("http://" + "a" * 70 + ".example/", "url"),
    ],
)
def test_a_url_that_leads_nowhere_is_a_failure(url: str, problem: str) -> None:
    assert failure(url).problem == problem


def test_a_server_without_tls_is_a_failure(server: Server) -> None:
    assert failure(server.base.replace("http:", "https:") + "/").problem == "tls"


# --- redirects and addresses ---------------------------------------------------------------------------


def test_a_redirect_loop_ends(server: Server) -> None:
    url = server.serve("/loop", "", status=302, Location="/loop")
    assert failure(url).reason == f"{url}: more than 5 redirects, the last to {url}"
    assert len(server.asked("/loop")) == 6


def test_all_redirects_together_have_one_time_limit(server: Server) -> None:
    async def slow(request: web.Request) -> web.Response:
        await asyncio.sleep(0.3)
        return web.Response(status=302, headers={"Location": request.path + "x"})

    server.serve("/feed" + "x" * 5, "news")
    for hop in range(5):
        server.on("/feed" + "x" * hop, slow)
    assert failure(server.base + "/feed").problem == "timeout"


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://a.example/", "http://[", "javascript:alert(1)"])
def test_a_redirect_leads_to_web_addresses_only(server: Server, target: str) -> None:
    assert failure(server.serve("/feed", "", status=302, Location=target)).problem == "url"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"])
def test_a_guarded_poller_connects_to_nothing_private_however_it_is_named(host: str) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as inside:
        inside.settimeout(0.05)
        answer = failure(f"http://{host}:{inside.getsockname()[1]}/", GUARDED)
        assert answer.problem in ("address", "url")
        with pytest.raises(TimeoutError):
            inside.accept()


def test_a_redirect_to_a_private_address_is_refused_before_it_connects(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(socket.create_server(("127.0.0.2", 0))) as inside:
        inside.settimeout(0.05)
        target = f"http://127.0.0.2:{inside.getsockname()[1]}/"
        url = server.serve("/feed", "", status=302, Location=target)
        # The server of the test stands for the public internet; everything else is judged as ever.
        monkeypatch.setattr("ingest.addresses._reached", _public_is_127_0_0_1)
        answer = failure(url, GUARDED)
        assert answer.reason == (
            f"{url}: redirected to {target}: refused, 127.0.0.2 is not a public address; "
            "poller.allow_private_networks permits it"
        )
        with pytest.raises(TimeoutError):
            inside.accept()
    assert len(server.asked("/feed")) == 1, "the redirect itself was followed"


def _public_is_127_0_0_1(ip: object) -> list[object]:
    return [] if str(ip) == "127.0.0.1" else [ip]


# --- politeness ----------------------------------------------------------------------------------------


def test_one_host_is_asked_one_request_at_a_time_with_a_pause(server: Server) -> None:
    async def slow(request: web.Request) -> web.Response:
        await asyncio.sleep(0.05)
        return web.Response()

    urls = [server.on(f"/{number}", slow) for number in range(4)]
    fetch(*urls, section=LOCAL.model_copy(update={"host_spacing_seconds": 0.1}))
    assert server.most_open == 1
    assert all(later.at - earlier.at >= 0.14 for earlier, later in pairwise(server.seen))


def test_waiting_for_a_turn_does_not_count_as_time_of_the_request(server: Server) -> None:
    urls = [server.serve(f"/{number}", "news") for number in range(4)]
    answers = fetch(*urls, section=LOCAL.model_copy(update={"host_spacing_seconds": 0.3}))
    assert all(isinstance(answer, Fetched) for answer in answers)


def test_no_more_than_so_many_requests_at_once(server: Server) -> None:
    async def slow(request: web.Request) -> web.Response:
        await asyncio.sleep(0.05)
        return web.Response()

    port = server.base.rpartition(":")[2]
    server.on("/feed", slow)
    urls = [f"http://127.0.0.1:{port}/feed", f"http://localhost:{port}/feed", f"http://127.1:{port}/feed"]
    fetch(*urls, section=LOCAL.model_copy(update={"concurrency": 1}))
    assert server.most_open == 1
    fetch(*urls, section=LOCAL)
    assert server.most_open >= 2
