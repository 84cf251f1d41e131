"""Politeness: one host is asked by one connection at a time, with a pause between two requests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Host:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    visitors: int = 0
    free_at: float = 0.0


class Hosts:
    """Gives out turns at hosts."""

    def __init__(self, spacing_seconds: float) -> None:
        self._spacing = spacing_seconds
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncIterator[None]:
        """Wait for a host to be free, and hold it while the context lasts. First come, first served."""
        clock = asyncio.get_running_loop()
        host = self._hosts.setdefault(name, _Host())
        host.visitors += 1
        try:
            async with host.lock:
                await asyncio.sleep(max(0.0, host.free_at - clock.time()))
                try:
                    yield
                finally:
                    host.free_at = clock.time() + self._spacing
        finally:
            host.visitors -= 1
            clock.call_later(self._spacing, self._forget, name)

    def _forget(self, name: str) -> None:
        """Drop a host that nobody asks any more and whose pause is over."""
        host = self._hosts.get(name)
        if host and not host.visitors and host.free_at <= asyncio.get_running_loop().time():
            del self._hosts[name]
