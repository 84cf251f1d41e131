"""From a sink's URL to the sink."""

import hashlib
import re
from pathlib import Path
from typing import Literal

from sinks.base import Sink, SinkError
from sinks.console import ConsoleSink
from sinks.database import database_path, open_database
from sinks.jsonl import JsonlSink
from sinks.sql import SqlSink

_FORMS = "use console:, jsonl:FOLDER, sqlite:///relative/path or sqlite:////absolute/path"


def open_sink(url: str, *, log_format: Literal["text", "json"] = "text") -> Sink:
    """The sink at `url`; folders and files are created if need be. `log_format`: how the console writes.

    Raises SinkError naming the URL, the reason and the remedy; SinkDown when it does not answer now.
    """
    name = sink_name(url)
    if name == "console":
        return ConsoleSink(log_format=log_format)
    if url.startswith("jsonl:"):
        return JsonlSink(name, _folder(url))
    return SqlSink(name, url, open_database(url, create=True))


def sink_name(url: str) -> str:
    """What the sink is called in groups, logs and process lists: always the same for the same place.

    Raises SinkError for a URL that names no sink.
    """
    if url == "console:":
        return "console"
    scheme = url.partition(":")[0]
    if url.startswith("jsonl:"):
        place = str(_folder(url).absolute())
    elif url.startswith("sqlite:"):
        place = str(database_path(url))
    else:
        raise SinkError(f"{without_secrets(url)}: is no URL of a sink; {_FORMS}")
    return f"{scheme}-{hashlib.sha256(place.encode()).hexdigest()[:8]}"


def without_secrets(url: str) -> str:
    """A URL as it may be shown: without user, password and query."""
    return re.sub(r"(?s)^([a-z0-9+]+:(?://)?)?.*@", r"\1***@", url).partition("?")[0]


def _folder(url: str) -> Path:
    path = url.removeprefix("jsonl:")
    if not path or "\0" in path:
        raise SinkError(f"{url}: names no folder; use jsonl:relative/path or jsonl:/absolute/path")
    return Path(path)
