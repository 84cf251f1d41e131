"""Which message kills the process? The counting of deaths, as pure decisions.

A run of a stage on a partition leaves a record in the changelog that a clean stop deletes; the instance that finds
its own knows that it died. One of another instance tells nothing: the group may have moved the partition away from
a member that lives. A death by itself says nothing about a message: processes are killed from outside, and a batch
holds many messages. So two deaths at one committed offset only make the worker take messages alone, each marked
before it is decided; three deaths with that mark on one message convict it. A message that kills the process at
every attempt thus costs five deaths and its neighbours nothing. A kill from outside costs no article, unless it
meets one and the same marked message three times running.
"""

import msgspec

from streams.messages import Message

KEY = "worker:run"
"""Key of the record in the changelog."""

SUSPICIOUS_DEATHS = 2
"""Deaths at one committed offset from which messages are taken alone: one may be anything."""
CONVICTING_DEATHS = 3
"""Deaths with the mark on one message that make it a dead letter."""


class Run(Message, frozen=True, kw_only=True):
    """A run of a stage on one partition, from its start or since its newest mark."""

    committed: int
    """The committed offset when this was written."""
    instance: str = "0"
    """Whose run it is."""
    deaths: int = 0
    """How many owners in a row died at that committed offset."""
    alone: int = 0
    """How many messages are still to be taken alone."""
    suspect: int | None = None
    """The offset of the message that was marked last."""
    marked: bool = False
    """Whether the suspect is being decided: a death now counts against it."""
    tries: int = 0
    """Deaths with the mark on the suspect."""


def begun(found: Run | None, committed: int, batch: int, instance: str = "0") -> Run:
    """The run of `instance` that begins at a committed offset, where `found` is what the owner before left behind.

    `batch` is the most messages in a transaction: the killer is among that many from the committed offset on.
    """
    if found is None:
        return Run(committed=committed, instance=instance)
    died = found.instance == instance
    deaths = (found.deaths if found.committed == committed else 0) + died
    alone = batch if died and deaths >= SUSPICIOUS_DEATHS else found.alone
    run = Run(committed=committed, instance=instance, deaths=deaths, alone=alone)
    if found.suspect is None or found.suspect < committed:  # none, or it was passed after all
        return run
    return msgspec.structs.replace(run, suspect=found.suspect, tries=found.tries + (found.marked and died))


def marked(run: Run, committed: int, offset: int) -> Run:
    """The run while the message at `offset` is being decided alone."""
    deaths = run.deaths if run.committed == committed else 0
    tries = run.tries if run.suspect == offset else 0
    changes = {"committed": committed, "deaths": deaths, "suspect": offset, "marked": True, "tries": tries}
    return msgspec.structs.replace(run, **changes)


def passed(run: Run, committed: int) -> Run:
    """The run after a message that was taken alone."""
    return Run(committed=committed, instance=run.instance, alone=run.alone - 1)


def convicted(run: Run, offset: int) -> bool:
    """Whether the message at `offset` is not to be tried again."""
    return run.suspect == offset and run.tries >= CONVICTING_DEATHS
