"""Files named on the command line, as articles."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from config.settings import Settings
from ingest.files import FilesError, FromFiles, read_files
from service.exits import Exit, UserError


def articles_in(
    paths: Sequence[Path], settings: Settings, *, now: datetime, published: datetime | None = None
) -> FromFiles:
    """The articles in files under the service's settings; `published` dates what is undated. Raises UserError."""
    poller = settings.poller
    try:
        return read_files(
            paths,
            published=published,
            now=now,
            default_lang=poller.default_lang,
            max_text_chars=poller.max_text_chars,
        )
    except FilesError as error:
        raise UserError(str(error), Exit.INPUT) from error
