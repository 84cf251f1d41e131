"""Exit codes of the `storywire` command, and the errors that lead to them."""

from enum import IntEnum


class Exit(IntEnum):
    """Documented in `docs/cli.md`; stable."""

    OK = 0
    """Done; also after SIGTERM or Ctrl-C."""
    BUG = 1
    """Something unforeseen; the traceback is in the log."""
    USAGE = 2
    """The command line is wrong."""
    CONFIG = 3
    """Settings or the feed list are wrong."""
    INPUT = 4
    """A file, id or namespace that was named cannot be used."""
    STORE = 5
    """A log, database or sink cannot be opened or reached."""
    STOPPED = 6
    """A stage stopped itself: too many messages in a row failed, or its changelog does not fit the settings."""


class UserError(Exception):
    """A problem the user can solve; the message is shown without a traceback."""

    def __init__(self, message: str, code: Exit = Exit.INPUT) -> None:
        super().__init__(message)
        self.code = code
