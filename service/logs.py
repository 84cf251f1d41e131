"""Log lines: one per event on stderr, for people or as JSON."""

import logging
import sys
from typing import Literal

import structlog

from config.settings import Settings


def configure(settings: Settings) -> None:
    """Set up structlog for this process."""
    levels = logging.getLevelNamesMapping()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            *_rendering(settings.log_format),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(levels[settings.log_level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    # What kafka-python has to say of its connections, several times a second while a broker is away, we say once.
    logging.getLogger("kafka").setLevel(logging.NOTSET if settings.log_level == "debug" else logging.CRITICAL)


def _rendering(log_format: Literal["text", "json"]) -> list[structlog.typing.Processor]:
    if log_format == "json":
        return [
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    return [
        structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False),
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), pad_event_to=0, pad_level=False, sort_keys=False
        ),
    ]
