"""Containers of ours as processes: with the command and the environment that Compose and the image give them."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.deploy import image
from tests.deploy.compose import Service

SECONDS_TO_END = 10.0
"""What SIGTERM promises; Compose waits a little longer."""


@dataclass(frozen=True)
class Container:
    """A service of ours."""

    name: str
    service: Service
    folder: Path
    """Stands for the container's root."""
    elsewhere: Mapping[str, str]
    """Where a place that the file names is in the test."""

    @property
    def home(self) -> Path:
        """The working directory, which is also the home of the image's user."""
        return self.folder / image.only("WORKDIR").arguments.lstrip("/")

    @property
    def stores(self) -> bool:
        """Whether a volume is mounted there."""
        targets = [volume["target"] for volume in self.service.get("volumes", ())]
        return image.only("WORKDIR").arguments in targets

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of whoever runs the tests, but for the folder of the `storywire` program."""
        given = {**image.environment(), **self.service["environment"]}
        path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
        return {
            **{name: self._placed(value) for name, value in given.items()},
            "PATH": path,
            "HOME": str(self.home),
        }

    def start(self) -> subprocess.Popen[bytes]:
        """The service's own process."""
        self.home.mkdir(parents=True)
        with self._output.open("wb") as output:
            return subprocess.Popen(
                [*image.only("ENTRYPOINT").words, *self.service["command"]],
                cwd=self.home,
                env=self.environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def exec(self, *command: str) -> str:
        """What a command says that is run beside it: `docker compose exec`."""
        return subprocess.check_output(command, cwd=self.home, env=self.environment, text=True, timeout=60)

    def said(self) -> str:
        """Its log so far."""
        return self._output.read_text(errors="replace")

    @property
    def _output(self) -> Path:
        return self.folder / "output"

    def _placed(self, value: str) -> str:
        places = {"/data": str(self.home), **self.elsewhere}
        for place, there in places.items():
            value = value.replace(place, there)
        return value


@contextmanager
def running(*containers: Container) -> Iterator[None]:
    """Runs them all. At the end they get SIGTERM, and end in time and well; a failed test shows what they said."""
    processes = {container.name: container.start() for container in containers}
    try:
        yield
        ended = {name: process.poll() for name, process in processes.items()}
        assert not any(code is not None for code in ended.values()), f"ended by themselves: {ended}"
        begun = time.monotonic()
        for process in processes.values():
            process.terminate()
        codes = {
            name: process.wait(begun + SECONDS_TO_END - time.monotonic()) for name, process in processes.items()
        }
        assert not any(codes.values()), f"exit codes: {codes}"
    finally:
        for process in processes.values():
            process.kill()
            process.wait()
        for container in containers:
            print(f"--- {container.name}\n{container.said()}")
