"""What a `postgresql://` URL says: libpq's own reading of it, and a file for the password."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Conninfo

from config.masking import masked
from sinks.base import SinkError

_FORM = "postgresql://user@host:port/database"
_PASSWORD_FORM = (
    "percent-encode what is no letter or digit in a password, or keep it in a file and add ?password_file=FILE"
)

_SHAPES = {
    "user": re.compile(r".+"),
    "host": re.compile(r"[\w.:-]+(,[\w.:-]+)*|/.*"),
    "dbname": re.compile(r"[^@/]+"),
    "port": re.compile(r"\d*(,\d*)*"),
}
"""What the parts look like. A password with a character that means something in a URL breaks into other parts,
which then look unlike this."""

_PARAMETERS = {option.keyword.decode() for option in Conninfo.get_defaults()} | {"password_file"}


@dataclass(frozen=True)
class PostgresqlUrl:
    """A database on a server, and who asks for it how."""

    shown: str
    """The URL as it may be shown: the same for the same place, without parameters and passwords."""
    given: Mapping[str, str] = field(repr=False)
    """libpq's parameters that the URL gives, the password too if it stands there."""
    password_file: Path | None

    def parameters(self) -> dict[str, str]:
        """libpq's parameters. Raises SinkError when the password's file cannot be read."""
        if self.password_file is None:
            return dict(self.given)
        try:
            text = self.password_file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
            raise SinkError(
                f"{self.shown}: password_file {self.password_file} cannot be read ({reason}); write the password "
                f"there, for this user only"
            ) from None
        return {**self.given, "password": text.rstrip("\r\n")}


def parse(url: str) -> PostgresqlUrl:
    """What a URL says. Raises SinkError, which shows nothing that may be a password."""
    place, _, query = url.partition("?")
    parameters = [parameter for parameter in query.split("&") if parameter]
    files = [parameter for parameter in parameters if parameter.startswith("password_file=")]
    rest = "&".join(parameter for parameter in parameters if parameter not in files)
    for name in {parameter.partition("=")[0] for parameter in parameters} - _PARAMETERS:
        if "@" not in query:
            raise SinkError(f"{masked(url)}: has a parameter {name}, which neither libpq nor Storywire knows")
    try:
        read = conninfo_to_dict(f"{place}?{rest}" if rest else place)
    except psycopg.Error:  # which quotes what it did not understand
        raise SinkError(f"{masked(url)}: is no URL of a database; use {_FORM}, and {_PASSWORD_FORM}") from None
    given = {name: str(value) for name, value in read.items()}
    for name, shape in _SHAPES.items():
        if name not in given and name != "port":
            raise SinkError(f"{masked(url)}: names no {name.replace('dbname', 'database')}; use {_FORM}")
        if "@" in query or not shape.fullmatch(given.get(name, "")):
            raise SinkError(f"{masked(url)}: cannot be told apart; use {_FORM}, and {_PASSWORD_FORM}")
    if files and "password" in given:
        raise SinkError(f"{masked(url)}: has a password and a password_file; leave the password out")
    file = Path(unquote(files[-1].partition("=")[2])) if files else None
    return PostgresqlUrl(_shown(given), given, file)


def _shown(given: Mapping[str, str]) -> str:
    hosts = given["host"].split(",")
    ports = given.get("port", "").split(",")
    ports = ports if len(ports) > 1 else ports * len(hosts)
    servers = ",".join(f"{_host(host)}:{port or '5432'}" for host, port in zip(hosts, ports, strict=False))
    return f"postgresql://{quote(given['user'], safe='')}@{servers}/{quote(given['dbname'], safe='')}"


def _host(host: str) -> str:
    if host.startswith("/"):  # the folder of a socket
        return quote(host, safe="")
    return f"[{host}]" if ":" in host else host.lower()
