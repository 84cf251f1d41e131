"""A `storywire` process of a test: what it says, which stages it runs, and the signals that it gets."""

import json
import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.waiting import wait_for

SECONDS_TO_END = 12.0
"""A process has 10 s after SIGTERM."""

Line = Mapping[str, Any]


@dataclass(frozen=True)
class Process:
    """One that runs, or has run."""

    name: str
    popen: subprocess.Popen[bytes]
    output: Path

    # --- what it says ----------------------------------------------------------------------------------

    def said(self, event: str, **fields: str) -> list[Line]:
        """The log lines with this event that have come so far, also of the stages that it runs."""
        lines = self.output.read_text(errors="replace").splitlines()
        found = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]
        return [line for line in found if line["event"] == event and fields.items() <= line.items()]

    @property
    def last_words(self) -> str:
        """Its last line."""
        return self.output.read_text(errors="replace").splitlines()[-1]

    # --- what is done to it ----------------------------------------------------------------------------

    @property
    def has_ended(self) -> bool:
        return self.popen.poll() is not None

    @property
    def is_frozen(self) -> bool:
        return Path(f"/proc/{self.popen.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"

    def freeze(self) -> None:
        """Returns when it has stopped."""
        os.kill(self.popen.pid, signal.SIGSTOP)
        wait_for(lambda: self.is_frozen, what=f"{self.name} to stop")

    def thaw(self) -> None:
        os.kill(self.popen.pid, signal.SIGCONT)

    def kill(self) -> None:
        self.popen.kill()
        self.popen.wait()

    def terminate(self) -> int:
        """The exit code after SIGTERM."""
        self.popen.terminate()
        return self.ended()

    def ended(self, seconds: float = SECONDS_TO_END) -> int:
        """The exit code."""
        return self.popen.wait(seconds)

    # --- what it supervises ----------------------------------------------------------------------------

    def stages(self) -> dict[str, int]:
        """Pids of the stages that run now, by name."""
        pid = self.popen.pid
        found = {}
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            with suppress(FileNotFoundError):
                arguments = Path(f"/proc/{child}/cmdline").read_bytes().decode().split("\0")
                if "run" in arguments:  # not so between fork and exec
                    stage, *more = arguments[arguments.index("run") + 1 :]
                    found[f"sink-{more[1]}" if stage == "sinks" else stage] = int(child)
        return found
