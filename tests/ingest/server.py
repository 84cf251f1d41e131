"""A real HTTP server on 127.0.0.1, in a thread of its own, that does what a test tells it to."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it came."""

    path: str
    headers: Mapping[str, str]
    at: float
    """`time.monotonic()`."""


@dataclass(slots=True)
class Server:
    """Answers each path by its handler, and keeps what it was asked."""

    base: str = ""
    handlers: dict[str, Handler] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    open: int = 0
    """Requests being answered."""
    most_open: int = 0

    def serve(self, path: str, body: bytes | str, status: int = 200, **headers: str) -> str:
        """Answer a path always the same; `_` in header names stands for `-`. Returns the URL."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        content = body.encode() if isinstance(body, str) else body

        async def answer(request: web.Request) -> web.Response:
            return web.Response(body=content, status=status, headers=named)

        return self.on(path, answer)

    def on(self, path: str, handler: Handler) -> str:
        """Answer a path by a handler. Returns the URL."""
        self.handlers[path] = handler
        return self.base + path

    def asked(self, path: str) -> list[Seen]:
        """The requests for a path."""
        return [seen for seen in self.seen if seen.path == path]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(Seen(request.path, dict(request.headers), time.monotonic()))
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            handler = self.handlers.get(request.path)
            return await handler(request) if handler else web.Response(status=404)
        except ConnectionError:  # the client has gone, as it should
            return web.Response()
        finally:
            self.open -= 1


@contextmanager
def serving() -> Iterator[Server]:
    """A server for as long as the context lasts."""
    server, loop = Server(), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server._answer)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True)

    async def start() -> None:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()

    try:
        asyncio.run_coroutine_threadsafe(start(), loop).result()
        server.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
