"""Servers of our own beside the tests: ports that they keep, and an end with the process that started them."""

import random
import shutil
import socket
from contextlib import suppress

# Before a command: Linux ends it with the thread that started it, also when pytest is killed.
DIES_WITH_US = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []


def free_ports(count: int) -> list[int]:
    """Ports that nobody uses, and that Linux gives to no client by itself (those are 32768 and up): while its
    server is down, such a port may go to a client, even to one that looks for the server and so reaches itself."""
    found: list[int] = []
    while len(found) < count:
        port = random.SystemRandom().randrange(15_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found += [port] if port not in found else []
    return found
