"""From a URL to a log."""

from pathlib import Path

from streams.log import Log, LogError
from streams.sqlite.log import SqliteLog

_SQLITE = "sqlite:///"
_FORMS = "name it as sqlite:///relative/path or sqlite:////absolute/path"


def connect(url: str) -> Log:
    """Open the log at `url`: `sqlite:///relative/path` or `sqlite:////absolute/path`, created if need be.

    Raises LogError naming the URL, the reason and the remedy.
    """
    if url.startswith("kafka://"):
        reason = "this version has the embedded log only"
        raise LogError(f"cannot open the log {url}: {reason}; {_FORMS}")
    if not url.startswith(_SQLITE):
        raise LogError(f"cannot open the log {url}: not a URL of a log; {_FORMS}")
    path = url.removeprefix(_SQLITE)
    if path in ("", "/", ":memory:") or "\0" in path:
        raise LogError(f"cannot open the log {url}: it names no file; {_FORMS}")
    return SqliteLog(Path(path), url)
