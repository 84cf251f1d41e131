"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[
    Path | None,
    typer.Option("--config", "-c", metavar="FILE", help="Settings file (YAML).", show_default=False),
]
LogUrl = Annotated[
    str | None,
    typer.Option("--log", metavar="URL", help="The log, e.g. sqlite:///var/log.db.", show_default=False),
]
Namespace = Annotated[
    str | None,
    typer.Option("--namespace", metavar="NAME", help="Namespace of topics and results.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
