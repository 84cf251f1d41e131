"""Dead letters: what a stage could not process, with the reason."""

import traceback
from pathlib import Path

from streams.headers import trace_of
from streams.log import Append, Record
from streams.messages import BadMessage, storable

MAX_REASON_CHARS = 2_000
"""Longer error messages are cut: some quote their whole input."""


class ProcessDied(Exception):
    """Deciding a message ended the process, again and again."""


def reason(error: Exception) -> str:
    """What an exception says, in one storable line; of those that accuse the code also where it was raised."""
    text = " ".join(storable(str(error)).split())[:MAX_REASON_CHARS]
    frames = [] if isinstance(error, BadMessage) else traceback.extract_tb(error.__traceback__)
    return f"{text} ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else text


def dead_letter(topic: str, stage: str, record: Record, error: str, message: str) -> Append:
    """The record for the topic of dead letters: the original key and bytes, and in the headers why and whence.

    `error` is the type of the error, `message` what it says.
    """
    headers = {
        "stage": stage,
        "topic": record.topic,
        "partition": str(record.partition),
        "offset": str(record.offset),
        "error": error,
        "message": message,
    }
    return Append(topic, record.partition, record.key, record.value, trace_of(record) | headers)
