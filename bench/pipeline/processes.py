"""The programs that are measured, as processes of their own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.processes import DIES_WITH_US

ROOT = Path(__file__).parent.parent.parent

PATIENCE_SECONDS = 600.0

TICK_SECONDS = 0.25
"""Between two looks whether something is over, where nothing is measured by them."""


@dataclass(frozen=True, slots=True)
class Processes:
    """Processes that run now, and the files with what they say."""

    running: Mapping[str, subprocess.Popen[bytes]]
    folder: Path

    def until(self, done: Callable[[], bool], tick: float = TICK_SECONDS) -> None:
        """Wait for something. Raises SystemExit when a process fails before, or when it takes too long."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not done():
            for name, process in self.running.items():
                if process.poll() not in (None, 0):
                    raise SystemExit(f"{name} ended with {process.returncode}:\n{self.said(name)}")
            if time.monotonic() > deadline:
                raise SystemExit(f"{', '.join(self.running)}: not done in {PATIENCE_SECONDS:.0f} s")
            time.sleep(tick)

    def cpu(self) -> dict[str, float]:
        """The processor time that each has used so far, in seconds."""
        return {name: cpu_of(process.pid) for name, process in self.running.items()}

    def said(self, name: str) -> str:
        """The end of what a process has said."""
        return "\n".join(said_to(self.folder, name).read_text(errors="replace").splitlines()[-20:])


def cpu_of(pid: int) -> float:
    """The processor time of a process and of all that it has started, in seconds."""
    used: dict[int, float] = {}
    parents: dict[int, int] = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended just now
            fields = file.read_text().rpartition(")")[2].split()
            number = int(file.parent.name)
            parents[number] = int(fields[1])
            used[number] = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")  # those that ended are counted
    family = {pid}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(used[member] for member in family)


def said_to(folder: Path, name: str) -> Path:
    """Where a process's output goes."""
    return folder / f"{name}.out"


@contextmanager
def side_by_side(folder: Path, commands: Mapping[str, Sequence[str]]) -> Iterator[Processes]:
    """Run modules of ours (`-m` is said already), each in a process of its own, while the context lasts."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STORYWIRE_")}
    environment["PYTHONPATH"] = str(ROOT)
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in commands.items():
            with said_to(folder, name).open("wb") as out:
                running[name] = subprocess.Popen(
                    [*DIES_WITH_US, sys.executable, "-m", *command],
                    cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                )  # fmt: skip
        yield Processes(running, folder)
    finally:
        for process in running.values():
            process.send_signal(signal.SIGTERM)
        for process in running.values():
            process.wait()
