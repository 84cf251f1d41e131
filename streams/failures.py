"""When does a stage stop because too many messages fail? The breaker, as pure decisions.

A few messages that raise an exception are dead letters. Many of them are our bug or a missing part, and the topic
must not drain away into dead letters. The count stands in the changelog, so that restarting does not reset it: a
stage that was stopped tries one message and stops again, until a message succeeds.
"""

from config.sections import WorkerSection
from streams.messages import Message

KEY = "worker:failures"
"""Key of the record in the changelog."""

WINDOW = 1_000
"""The offsets that `failures_in_1000` looks back on."""


class StageStopped(Exception):
    """Too many messages failed; the message says where, why, and what to do."""


class Failures(Message, frozen=True, kw_only=True):
    """The dead letters of one partition that an exception made."""

    in_a_row: int = 0
    offsets: tuple[int, ...] = ()
    """Where they stood, of the last 1,000 offsets."""


def recent(failures: Failures, offset: int) -> Failures:
    """The count as seen from the message at `offset`: what lies too far back is left out."""
    return Failures(in_a_row=failures.in_a_row, offsets=tuple(o for o in failures.offsets if o > offset - WINDOW))


def failed(failures: Failures, offset: int) -> Failures:
    """The count after the message at `offset` failed."""
    before = recent(failures, offset)
    return Failures(in_a_row=before.in_a_row + 1, offsets=(*before.offsets, offset))


def succeeded(failures: Failures) -> Failures:
    """The count after a message that went well."""
    return Failures(in_a_row=0, offsets=failures.offsets)


def too_many(failures: Failures, section: WorkerSection) -> str | None:
    """Why the stage must stop; None when it need not."""
    if failures.in_a_row >= section.failures_in_a_row:
        return f"{failures.in_a_row} messages in a row failed (worker.failures_in_a_row)"
    if len(failures.offsets) > section.failures_in_1000:
        return f"{len(failures.offsets)} of the last {WINDOW:,} messages failed (worker.failures_in_1000)"
    return None
