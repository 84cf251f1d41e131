"""A real PostgreSQL server of our own, in a temporary folder, which tests may stop, kill and start again."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from psycopg import connect
from psycopg.pq import PGconn, Ping

from tests.processes import DIES_WITH_US, free_ports
from tests.waiting import wait_for

USER, PASSWORD = "storywire", "g3heim/@:?&% #"
"""What tests log in with. The password has the characters that mean something in a URL, and may never show."""

SETTINGS: dict[str, object] = {
    "fsync": "off",  # a killed server loses nothing by it, only a machine without power would
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": 20,
    "timezone": "America/St_Johns",  # half an hour off all others: it may not show in what we write and read
}

SECONDS_TO_STOP = 30.0

# Whenever its end can be an orderly one: SIGKILL leaves shared memory behind, with nobody to remove it.
ENDS_WITH_US = [*DIES_WITH_US[:-1], "INT"] if DIES_WITH_US else []


class NoServer(Exception):
    """PostgreSQL is not installed here."""


def programs() -> Path:
    """The folder of `initdb` and `postgres`, the newest if there are several. Raises NoServer."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int(path.parent.name))
    on_path = shutil.which("postgres")
    for folder in [*debian, *([Path(on_path).resolve().parent] if on_path else [])]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoServer("no PostgreSQL server (initdb, postgres) is installed")


class Server:
    """Use it as a context manager, or `start` and `close` it. Its port and its data survive `stop` and `kill`.

    It sorts text as people do, by ICU, and lets nobody in by TCP without the password.
    """

    def __init__(self, settings: Mapping[str, object] | None = None) -> None:
        """`settings` change those that tests have. Raises NoServer."""
        self._settings = {**SETTINGS, **(settings or {})}
        self._programs = programs()
        self._user = "postgres" if os.getuid() == 0 else None  # PostgreSQL refuses to run as root
        (self.port,) = free_ports(1)
        self.folder = Path(tempfile.mkdtemp(prefix="storywire-postgres-"))
        self.log = self.folder / "server.log"
        if self._user is not None:
            os.chown(self.folder, pwd.getpwnam(self._user).pw_uid, -1)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def url(self) -> str:
        """URL of a database that is there, for a user who may create others."""
        return f"postgresql://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{self.port}/postgres"

    @property
    def admin(self) -> str:
        """URL of the same database for the superuser, through the socket in the folder."""
        return f"postgresql://postgres@/postgres?host={quote(str(self.folder), safe='')}&port={self.port}"

    @property
    def pid(self) -> int:
        assert self._process, "the server does not run"
        return self._process.pid

    def start(self, until: Ping = Ping.OK, **settings: str) -> None:
        """Returns when the server answers, so or otherwise. Call it from a thread that outlives the server."""
        assert not self._process, "the server runs already"
        if not (self.folder / "data").exists():
            self._lay_out()
        # One that was killed leaves children, which hold its memory for a moment: so long the next one refuses.
        wait_for(lambda: self._starts(until, settings), what=f"PostgreSQL to start; see {self.log}")
        if until != Ping.OK:
            return
        with connect(self.admin, autocommit=True) as connection:
            if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [USER]).fetchone() is None:
                connection.execute(f"CREATE ROLE {USER} LOGIN CREATEDB PASSWORD '{PASSWORD}'")

    def stop(self) -> None:
        """An orderly end, as an operator would do it: transactions are rolled back, and clients told to go."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """The end of a crash."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stop and start."""
        self.stop()
        self.start()

    def close(self) -> None:
        """End the server and remove its data."""
        if self._process:
            self.stop()
        shutil.rmtree(self.folder)

    def _end(self, number: signal.Signals) -> None:
        assert self._process, "the server does not run"
        self._process.send_signal(number)
        self._process.wait(SECONDS_TO_STOP)
        self._process = None

    def _lay_out(self) -> None:
        access = ["--username=postgres", "--auth-local=trust", "--auth-host=scram-sha-256"]
        text = ["--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en"]
        command = [self._programs / "initdb", "--no-sync", *access, *text, self.folder / "data"]
        done = subprocess.run(
            command, user=self._user, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if done.returncode:
            raise RuntimeError(f"PostgreSQL's data folder could not be laid out:\n{done.stdout}")

    def _starts(self, until: Ping, settings: Mapping[str, str]) -> bool:
        """Whether it could be started."""
        place = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": self.folder}
        options = [f"--{name}={value}" for name, value in {**self._settings, **settings, **place}.items()]
        command = [*ENDS_WITH_US, self._programs / "postgres", "-D", self.folder / "data", *options]
        with self.log.open("ab") as log:
            self._process = process = subprocess.Popen(
                command, user=self._user, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        wait_for(lambda: process.poll() is not None or PGconn.ping(self.admin.encode()) == until)
        return process.poll() is None
