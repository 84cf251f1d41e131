"""The `storywire` command as a person runs it: a process of its own, in a folder of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

COMMAND = [sys.executable, "-m", "service.cli"]


@dataclass(frozen=True)
class Storywire:
    """Runs commands in `folder`, with the deterministic stand-in for the model unless told otherwise."""

    folder: Path

    def environment(self, **variables: str) -> dict[str, str]:
        """Ours without settings, with the given ones."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("STORYWIRE_")}
        return {**inherited, "STORYWIRE_EMBED__MODEL": "hashing", "COLUMNS": "100", **variables}

    def __call__(self, *arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run to the end."""
        return subprocess.run(
            [*COMMAND, *map(str, arguments)],
            cwd=self.folder,
            env=self.environment(**variables),
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

    def start(self, *arguments: str | Path, **variables: str) -> subprocess.Popen[bytes]:
        """Start and leave running."""
        return subprocess.Popen(
            [*COMMAND, *map(str, arguments)], cwd=self.folder, env=self.environment(**variables)
        )
