"""Where a Kafka cluster is, how one talks to it, and what its errors mean for us."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kafka import errors

from config.sections import KafkaSection
from streams.log import Fenced, LogDown, LogError

SCHEME = "kafka://"
FORM = "name it as kafka://host:port, or kafka://host:port,host:port"

BOOTSTRAP_SECONDS = 5.0
"""How long a new client looks for a broker. It cannot be interrupted, and SIGTERM promises an end within 10 s; the
client's own 30 s would also let a person wait for the message."""

RECONNECT_SECONDS = 1.0
"""The longest wait between two attempts to connect. With the client's own 30 s a stage is back half a minute after
its broker; with this 0.6 to 1.3 s after the broker answers."""

_SERVER = re.compile(r"(?:[^\s:\[\]/@,]+|\[[0-9a-fA-F:.]+\]):\d{1,5}")

_DENIED = (
    errors.AuthorizationError,
    errors.SaslAuthenticationFailedError,
    errors.UnsupportedSaslMechanismError,
    errors.IllegalSaslStateError,
    errors.SecurityDisabledError,
)
_DOWN = (errors.RetriableError, errors.UnknownBrokerIdError)
"""Errors of the client itself. The second, which it does not call one to retry: nobody leads a partition just now,
as after an outage."""
_REPLACED = (errors.ProducerFencedError, errors.FencedInstanceIdError)


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster by its URL, `kafka://host:port[,host:port…]`, and the settings that go with it."""

    url: str
    section: KafkaSection

    def __post_init__(self) -> None:
        """Raises LogError for a URL that names no broker."""
        for server in self.servers:
            if not _SERVER.fullmatch(server):
                what = f"{server!r} is no host:port" if server else "it names no broker"
                raise LogError(f"cannot open the log {self.url}: {what}; {FORM}")

    @property
    def servers(self) -> list[str]:
        """The brokers to begin with."""
        return self.url.removeprefix(SCHEME).rstrip("/").split(",")

    def options(self) -> dict[str, Any]:
        """What every client of kafka-python is made with. Raises LogError for a password that cannot be read."""
        section = self.section
        options: dict[str, Any] = {
            "bootstrap_servers": self.servers,
            "bootstrap_timeout_ms": _ms(BOOTSTRAP_SECONDS),
            "reconnect_backoff_max_ms": _ms(RECONNECT_SECONDS),
            "security_protocol": section.security.upper(),
        }
        if section.security in ("ssl", "sasl_ssl"):
            files = {"ca_file": section.ca_file, "cert_file": section.cert_file, "key_file": section.key_file}
            options |= {
                f"ssl_{name.replace('_', '')}": _readable(name, path)
                for name, path in files.items()
                if path is not None
            }
        if section.security.startswith("sasl_"):
            options |= {
                "sasl_mechanism": section.mechanism,
                "sasl_plain_username": section.user,
                "sasl_plain_password": self._password(),
            }
        return options

    def _password(self) -> str:
        path = self.section.password_file
        if path is None or self.section.user is None:
            what = f"kafka.security = {self.section.security} needs kafka.user and kafka.password_file"
            raise LogError(f"cannot open the log {self.url}: {what}")
        return Path(_readable("password_file", path)).read_text(encoding="utf-8", errors="replace").rstrip("\r\n")

    @contextmanager
    def problems(self, doing: str, otherwise: type[LogError] = LogError) -> Iterator[None]:
        """Turns the client's errors into ours.

        `doing`: what could not be done, for the message: "commit to", "read x on". `otherwise`: for errors that
        neither waiting nor a person's permission can help.
        """
        try:
            yield
        except errors.KafkaError as error:
            raise self.meaning(error, doing, otherwise) from error
        except OSError as error:  # a certificate that is missing or does not fit
            remedy = "look at kafka.ca_file, cert_file and key_file"
            raise LogError(f"cannot {doing} the log {self.url}: {error}; {remedy}") from error

    def meaning(self, error: errors.KafkaError, doing: str, otherwise: type[LogError] = LogError) -> LogError:
        """What an error of the client means for us, in words."""
        said = str(error) or type(error).__name__
        what = f"cannot {doing} the log {self.url}: {said}"
        if isinstance(error, _REPLACED):
            return Fenced(f"{what}; another process has taken this one's place: give each its own `instance`")
        if isinstance(error, _DENIED):
            return LogError(f"{what}; look at kafka.user, its password and what it may do")
        if isinstance(error, _DOWN) or getattr(error, "retriable", False):
            # the client does not tell a broker that refuses a password from one that is not there
            secured = self.section.security != "plaintext"
            also = " And are kafka.user, its password and kafka.ca_file right?" if secured else ""
            return LogDown(f"{what}; is a broker running there?{also}")
        return otherwise(what)


def _readable(setting: str, path: Path) -> str:
    """The path of a file that can be read. The client itself would try to connect without it until it gives up."""
    try:
        with path.open("rb"):
            return str(path)
    except OSError as error:
        raise LogError(f"kafka.{setting} {path}: cannot be read ({error.strerror})") from error


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
