"""From a sink's URL to the sink."""

import hashlib
from pathlib import Path
from typing import Literal

from config.masking import masked
from sinks.base import Sink, SinkError
from sinks.console import ConsoleSink
from sinks.database import open_database, place_of
from sinks.jsonl import JsonlSink
from sinks.sql import SqlSink

_FORMS = (
    "use console:, jsonl:FOLDER, sqlite:///relative/path, sqlite:////absolute/path or "
    "postgresql://user@host:port/database"
)


def open_sink(url: str, *, log_format: Literal["text", "json"] = "text", patient: bool = False) -> Sink:
    """The sink at `url`; folders, files and tables are created if need be. `log_format`: how the console writes.

    Raises SinkError naming the URL, the reason and the remedy; SinkDown when it does not answer now, unless
    `patient`: then `resume` raises it, until it does.
    """
    name = sink_name(url)
    if name == "console":
        return ConsoleSink(log_format=log_format)
    if url.startswith("jsonl:"):
        return JsonlSink(name, _folder(url))
    return SqlSink(name, open_database(url, create=True, patient=patient))


def sink_name(url: str) -> str:
    """What the sink is called in groups, logs and process lists: always the same for the same place.

    Raises SinkError for a URL that names no sink.
    """
    if url == "console:":
        return "console"
    scheme = url.partition(":")[0]
    if url.startswith("jsonl:"):
        place = str(_folder(url).absolute())
    elif url.startswith(("sqlite:", "postgresql:")):
        place = place_of(url).identity
    else:
        raise SinkError(f"{masked(url)}: is no URL of a sink; {_FORMS}")
    return f"{scheme}-{hashlib.sha256(place.encode()).hexdigest()[:8]}"


def _folder(url: str) -> Path:
    path = url.removeprefix("jsonl:")
    if not path or "\0" in path:
        raise SinkError(f"{url}: names no folder; use jsonl:relative/path or jsonl:/absolute/path")
    return Path(path)
