import asyncio
import time
from itertools import pairwise

from ingest.hosts import Hosts

SPACING = 0.1


def test_one_host_is_visited_one_after_another_with_a_pause_and_others_meanwhile() -> None:
    visits: dict[str, list[tuple[float, float]]] = {"a": [], "b": []}

    async def visit(hosts: Hosts, name: str) -> None:
        async with hosts.turn(name):
            began = time.monotonic()
            await asyncio.sleep(0.05)
            visits[name].append((began, time.monotonic()))

    async def crowd() -> None:
        hosts = Hosts(SPACING)
        await asyncio.gather(*(visit(hosts, name) for name in "aabbab"))

    asyncio.run(crowd())
    for spans in visits.values():
        assert all(later[0] - earlier[1] >= SPACING - 0.01 for earlier, later in pairwise(spans))
    assert visits["b"][0][0] < visits["a"][0][1], "the second host waited for the first"


def test_the_pause_is_kept_after_a_failed_visit_too() -> None:
    async def run() -> float:
        hosts = Hosts(SPACING)
        try:
            async with hosts.turn("a"):
                raise OSError
        except OSError:
            ended = time.monotonic()
        async with hosts.turn("a"):
            return time.monotonic() - ended

    assert asyncio.run(run()) >= SPACING - 0.01


def test_hosts_are_forgotten_when_nobody_asks_them_any_more() -> None:
    async def run() -> int:
        hosts = Hosts(0.01)
        for number in range(50):
            async with hosts.turn(f"h{number}"):
                pass
        while hosts._hosts:
            await asyncio.sleep(0.01)
        return len(hosts._hosts)

    assert asyncio.run(asyncio.wait_for(run(), 5)) == 0
