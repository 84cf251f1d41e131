"""Exit codes of the `storywire` command, and the errors that lead to them."""

from enum import IntEnum

from config.yamlfile import ConfigError
from sinks.base import SinkDown, SinkError
from streams.failures import StageStopped
from streams.log import LogError
from streams.processor import Halt


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


def exit_code(error: Exception) -> Exit:
    """The code a command ends with; Exit.BUG for an error that nobody foresaw."""
    if isinstance(error, UserError):
        return error.code
    foreseen: dict[type[Exception] | tuple[type[Exception], ...], Exit] = {
        ConfigError: Exit.CONFIG,
        (LogError, SinkError, SinkDown): Exit.STORE,
        (StageStopped, Halt): Exit.STOPPED,
    }
    return next((code for kinds, code in foreseen.items() if isinstance(error, kinds)), Exit.BUG)
