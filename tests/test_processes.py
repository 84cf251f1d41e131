"""Servers beside the tests get ports of their own, and do not outlive the tests."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import DIES_WITH_US, free_ports
from tests.waiting import wait_for

STARTS_AND_WAITS = f"""
import subprocess
print(subprocess.Popen({[*DIES_WITH_US, "sleep", "1000"]}, stdout=subprocess.DEVNULL).pid, flush=True)
input()
"""


def test_ports_differ_and_are_none_that_clients_get() -> None:
    ports = free_ports(50)
    assert len(set(ports)) == 50
    assert max(ports) < 32_768


@pytest.mark.skipif(not DIES_WITH_US, reason="no setpriv: servers outlive a killed pytest")
def test_a_server_ends_with_the_process_that_started_it() -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTS_AND_WAITS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with starter:
        assert starter.stdout
        server = Path("/proc", starter.stdout.readline().strip(), "cmdline")
        wait_for(lambda: server.read_bytes().startswith(b"sleep"), what="setpriv to become the server")
        starter.kill()
    wait_for(lambda: not server.exists() or not server.read_bytes(), what=f"the end of {server}")
