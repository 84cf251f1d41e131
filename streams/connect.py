"""From a URL to a log."""

from pathlib import Path

from config.sections import KafkaSection
from streams.kafka.cluster import SCHEME, Cluster
from streams.kafka.log import KafkaLog
from streams.log import Log, LogError
from streams.sqlite.log import SqliteLog

_SQLITE = "sqlite:///"
_FORMS = "name it as sqlite:///relative/path, sqlite:////absolute/path or kafka://host:port"


def connect(url: str, kafka: KafkaSection | None = None) -> Log:
    """Open the log at `url`: `sqlite:///relative/path` or `sqlite:////absolute/path`, created if need be, or
    `kafka://host:port[,host:port…]`, reached as `kafka` says.

    Raises LogError naming the URL, the reason and the remedy; LogDown when no broker answers.
    """
    if url.startswith(SCHEME):
        return KafkaLog(Cluster(url, kafka or KafkaSection()))
    if not url.startswith(_SQLITE):
        raise LogError(f"cannot open the log {url}: not a URL of a log; {_FORMS}")
    path = url.removeprefix(_SQLITE)
    if path in ("", "/", ":memory:") or "\0" in path:
        raise LogError(f"cannot open the log {url}: it names no file; {_FORMS}")
    return SqliteLog(Path(path), url)
