"""What several commands share: their options, the settings they lead to, JSON."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from config.settings import Effective, Settings, load
from service import logs
from service.exits import Exit, UserError

Config = Annotated[
    Path | None,
    typer.Option("--config", "-c", metavar="FILE", help="Settings file (YAML).", show_default=False),
]
LogUrl = Annotated[
    str | None,
    typer.Option("--log", metavar="URL", help="The log: sqlite:///FILE or kafka://HOST:PORT.", show_default=False),
]
Namespace = Annotated[
    str | None,
    typer.Option("--namespace", metavar="NAME", help="Namespace of topics and results.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def loaded(config: Path | None, **flags: Any) -> Effective:
    """The settings in force, log lines set up as they say. Raises ConfigError."""
    found = load(config, flags)
    logs.configure(found.settings)
    return found


def print_json(value: Any) -> None:
    """For programs."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))


def database_of(settings: Settings, namespace: str | None) -> str:
    """The database that the reading commands read. Raises UserError where none is configured."""
    if namespace is not None and namespace != settings.namespace:
        return settings.replay_database(namespace)
    if settings.database is None:
        raise UserError("no SQL sink is configured, so there is nothing to read; add one to `sinks`", Exit.CONFIG)
    return settings.database
