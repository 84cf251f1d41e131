"""Databases for tests: made and dropped in milliseconds, on whichever server there is."""

import hashlib
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from psycopg import connect, sql


def named(server: str, name: str) -> str:
    """URL of the database of this name on the server that a URL leads to."""
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


@dataclass(frozen=True)
class Databases:
    """The databases of one test: one for each folder that it asks for, as other kinds of stores have one there."""

    server: str
    """URL of any database there, for a user who may create others."""
    prefix: str = field(default_factory=lambda: f"storywire_test_{uuid.uuid4().hex[:12]}_")

    def url(self, folder: Path) -> str:
        """URL of the folder's database, which need not be there yet."""
        return named(self.server, self._name(folder))

    def made(self, folder: Path) -> str:
        """URL of the folder's database, empty if it was not there yet."""
        if self._name(folder) not in self._present():
            self._tell("CREATE DATABASE {}", self._name(folder))
        return self.url(folder)

    def drop(self, folder: Path) -> None:
        """Drop the folder's database, if it is there, and end its connections."""
        self._tell("DROP DATABASE IF EXISTS {} WITH (FORCE)", self._name(folder))

    def drop_all(self) -> None:
        """Leave nothing behind."""
        for name in self._present():
            self._tell("DROP DATABASE {} WITH (FORCE)", name)

    def _name(self, folder: Path) -> str:
        return self.prefix + hashlib.sha256(str(folder).encode()).hexdigest()[:12]

    def _present(self) -> list[str]:
        with connect(self.server) as connection:
            found = connection.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [self.prefix]
            )
            return [name for (name,) in found]

    def _tell(self, command: str, name: str) -> None:
        with connect(self.server, autocommit=True) as connection:
            connection.execute(sql.SQL(command).format(sql.Identifier(name)))
