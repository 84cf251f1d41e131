"""A stage's changelog: its changes as records, and its state from them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from streams.deaths import KEY as RUN
from streams.deaths import Run
from streams.failures import KEY as FAILURES
from streams.failures import Failures
from streams.headers import place
from streams.log import Append, Log, Record
from streams.messages import BadMessage, Decoder, Message, encode
from streams.processor import Change, Halt, Processor

State = TypeVar("State")

OWN = "worker:"
"""How the worker's own keys begin."""

STEP = 10_000
"""Records between two looks at the worker's other duties while restoring: a fraction of a second."""

_run = Decoder(Run)
_failures = Decoder(Failures)


@dataclass(slots=True)
class Restored(Generic[State]):
    """What a changelog says of one partition."""

    state: State
    run: Run | None = None
    """The run that did not end cleanly, if there is one."""
    failures: Failures = field(default_factory=Failures)
    records: int = 0
    """How many were read."""


class Changelog(Generic[State]):
    """The changelog of one stage."""

    def __init__(self, log: Log, topic: str, processor: Processor[Any, Any, State]) -> None:
        self._log, self._topic, self._processor = log, topic, processor
        self._value = Decoder(processor.changes)

    def record(self, partition: int, key: str, value: Message | None) -> Append:
        """A record of the worker's own."""
        return Append(self._topic, partition, key, None if value is None else encode(value))

    def records(self, partition: int, changes: Sequence[Change]) -> list[Append]:
        """The records of a processor's changes. Raises ValueError for a key that is the worker's own."""
        for change in changes:
            if change.key.startswith(OWN):
                raise ValueError(
                    f"a change with key {change.key!r}: keys that begin with {OWN!r} are the worker's own"
                )
        return [self.record(partition, change.key, change.value) for change in changes]

    def restore(self, partition: int, step: Callable[[], None]) -> Restored[State]:
        """What all of a partition's changes come to. Calls `step` every so often, which may raise.

        Raises Halt for a record that this version cannot read or apply.
        """
        restored = Restored(self._processor.fresh())
        for record in self._log.read(self._topic, partition):
            if restored.records % STEP == 0:
                step()
            restored.records += 1
            try:
                self._put(restored, record.key or "", record.value)
            except Halt:
                raise
            except Exception as error:
                raise self._unusable(record, error) from error
        return restored

    def _put(self, restored: Restored[State], key: str, value: bytes | None) -> None:
        if key == RUN:
            restored.run = None if value is None else _run(value)
        elif key == FAILURES:
            restored.failures = Failures() if value is None else _failures(value)
        elif key.startswith(OWN):
            raise BadMessage("this version's worker has no such key")
        else:
            self._processor.apply(restored.state, Change(key, None if value is None else self._value(value)))

    def _unusable(self, record: Record, error: Exception) -> Halt:
        what = str(error) if isinstance(error, BadMessage) else f"{type(error).__name__}: {error}"
        return Halt(
            f"stage {self._processor.stage} cannot restore its state: changelog record {place(record)} with key "
            f"{record.key!r}: {what}; start the version of Storywire that wrote it, or replay the articles into "
            f"another --namespace"
        )
