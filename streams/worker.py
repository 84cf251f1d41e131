"""The exactly-once loop that runs any processor.

Outputs, changes of the state and consumed offsets are committed in one transaction. The state lives in the
changelog, and in memory only as far as it was committed: when a commit fails, the memory is thrown away.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

from config.sections import WorkerSection
from streams import deaths, failures
from streams.changelog import Changelog
from streams.dead_letters import ProcessDied, dead_letter, reason
from streams.headers import output_headers, place, trace_of
from streams.log import Append, CommitFailed, Log, LogDown, LogError, Record, TopicPartition
from streams.messages import BadMessage, Decoder, Message, encode
from streams.ownership import Abandoned, Ownership, Partition, position
from streams.patience import DOWN_SECONDS, IS_DOWN, pause
from streams.processor import Halt, Processor
from streams.topics import Topics

In = TypeVar("In", bound=Message)
Out = TypeVar("Out", bound=Message)
State = TypeVar("State")

COMMIT_TRIES = 5
"""Commits that may fail in a row; then the worker ends, and its supervisor waits and starts it again."""

RETRY_SECONDS = 0.3
"""The pause after the first of them. It grows, to give a group on Kafka the 2 to 3 s in which it forms anew."""


@dataclass(frozen=True, slots=True)
class Worker(Generic[In, Out, State]):
    """Runs a processor as a member of its stage's consumer group."""

    log: Log
    processor: Processor[In, Out, State]
    topics: Topics
    section: WorkerSection
    instance: str = "0"
    """Names this member of the group for good: see `Log.member`."""

    @property
    def group(self) -> str:
        """The full name of the consumer group."""
        return self.topics.name(self.processor.stage)

    @property
    def input(self) -> str:
        """The full name of the topic that is read."""
        return self.topics.reads(self.processor.stage)

    def run(self, stop: Callable[[], bool]) -> None:
        """Work until `stop()`: the message in hand is finished, what was decided is committed, the group left.

        Raises LogError (Fenced among others), Halt and failures.StageStopped, each with a message for people.
        """
        self._work(stop, lambda idle: False)

    def drain(self, stop: Callable[[], bool] = lambda: False) -> None:
        """Work until the group has processed all that its input holds now, or until `stop()`. Raises as `run`."""
        ends = self.log.end_offsets(self.input)
        self._work(stop, lambda idle: self._reached(ends, idle))

    def _work(self, stop: Callable[[], bool], done: Callable[[bool], bool]) -> None:
        shift = _Shift(self, stop)
        try:
            while not stop() and not done(shift.idle):
                shift.turn()
        finally:
            shift.end()

    def _reached(self, ends: Mapping[int, int], idle: bool) -> bool:
        """Whether the group has processed everything before `ends`."""
        committed = self.log.committed(self.group, self.input)
        left = {p: (committed.get(p, 0), end) for p, end in ends.items() if committed.get(p, 0) < end}
        if not left or not idle:
            return not left
        # Some offsets stand for no record: the marks of transactions in Kafka, what retention deleted.
        return all(next(self.log.read(self.input, p, *span), None) is None for p, span in left.items())


class _Shift(Generic[In, Out, State]):
    """One membership of the group, from joining to leaving, and all the memory that goes with it."""

    def __init__(self, worker: Worker[In, Out, State], stop: Callable[[], bool]) -> None:
        self._processor, self._section, self._stop = worker.processor, worker.section, stop
        stage, topics = self._processor.stage, worker.topics
        self._output, self._dead_letters = topics.writes(stage), topics.name("dead-letters")
        self._decode = Decoder(self._processor.reads)
        self._changelog = Changelog(worker.log, topics.changelog(stage), self._processor)
        self._say = structlog.get_logger().bind(stage=stage)
        self._member = worker.log.member(worker.group, worker.input, worker.instance)
        self._owned = Ownership(
            self._member, self._changelog, self._section.batch, worker.instance, stop, self._say
        )
        self._appends: list[Append] = []
        self._offsets: dict[TopicPartition, int] = {}
        """What the next commit will write, and where it will move the group."""
        self._failed_commits = 0
        self.idle = False
        """Whether there was nothing to do in the last turn."""

    def turn(self) -> None:
        """Start what was assigned, then process one batch. When it cannot be committed: throw the memory away."""
        try:
            self._owned.begin()
            records = self._owned.poll(self._section.batch, self._section.poll_seconds)
            self.idle = not records and self._owned.complete
            self._process(records)
        except LogDown as error:
            self._say.warning(IS_DOWN, reason=str(error))
            self._start_over()
            pause(DOWN_SECONDS, self._stop)
        except CommitFailed as error:
            self._failed_commits += 1
            if self._failed_commits >= COMMIT_TRIES:
                raise
            self._say.warning("commit failed, restoring", error=str(error), failed=self._failed_commits)
            self._start_over()
            pause(RETRY_SECONDS * self._failed_commits, self._stop)
        except Abandoned:
            self._start_over()

    def _start_over(self) -> None:
        self._appends, self._offsets = [], {}
        self._owned.start_over()

    def end(self) -> None:
        """Leave the group."""
        with suppress(LogError):  # fenced, or no log to write to: then the successor counts a death that was none
            self._owned.sign_off()
        self._member.close()

    # --- one batch -------------------------------------------------------------------------------------

    def _process(self, records: Sequence[Record]) -> None:
        batch = [(self._owned[record.tp], record, self._decoded(record)) for record in records]
        self._prepare([m for p, _, m in batch if not p.run.alone and not isinstance(m, BadMessage)])
        for partition, record, message in batch:
            if self._stop():
                break
            if isinstance(message, BadMessage):
                self._bury(partition, record, message)
            elif partition.run.alone:
                self._take_alone(partition, record, message)
            else:
                self._take(partition, record, message)
        self._commit()

    def _decoded(self, record: Record) -> In | BadMessage:
        try:
            return self._decode(record.value)
        except BadMessage as error:
            return error

    def _prepare(self, messages: Sequence[In]) -> None:
        try:
            if messages:
                self._processor.prepare(messages)
        except Halt:
            raise
        except Exception as error:  # it only warms a cache: what is really wrong shows when its message is decided
            self._say.warning("prepare failed", error=type(error).__name__, message=reason(error))

    def _commit(self) -> None:
        if not self._offsets:
            return
        self._member.commit(self._appends, self._offsets)
        for tp, offset in self._offsets.items():
            self._owned[tp].committed = offset
            self._say.debug("committed", **position(tp, offset))
        self._appends, self._offsets, self._failed_commits = [], {}, 0

    # --- one message -----------------------------------------------------------------------------------

    def _take_alone(self, partition: Partition[State], record: Record, message: In) -> None:
        """Take a message in transactions of its own, marked, so that a death now is known to be its doing."""
        self._commit()
        if deaths.convicted(partition.run, record.offset):
            self._bury(partition, record, ProcessDied(f"the process died {partition.run.tries} times deciding it"))
        else:
            self._owned.note(partition, deaths.marked(partition.run, partition.committed, record.offset))
            self._prepare([message])
            self._take(partition, record, message)
        self._commit()
        partition.run = deaths.passed(partition.run, partition.committed)

    def _take(self, partition: Partition[State], record: Record, message: In) -> None:
        """Decide a message. When that fails, try it once more, alone; when that fails too, it is a dead letter."""
        if self._attempt(partition, record, message) is None:
            return
        self._commit()  # what went before
        error = self._attempt(partition, record, message)
        if error is None:
            return
        too_many = failures.too_many(failures.recent(partition.failures, record.offset), self._section)
        if too_many is None:
            self._count(partition, failures.failed(partition.failures, record.offset))
            self._bury(partition, record, error)
            self._commit()
            too_many = failures.too_many(partition.failures, self._section)
        if too_many is not None:
            raise failures.StageStopped(
                f"stage {self._processor.stage} stopped at {place(record)}: {too_many}, the last one with "
                f"{type(error).__name__}: {reason(error)}; mend the cause and start again, or allow more "
                f"failures (nothing was skipped: failed messages are in {self._dead_letters}, the stage goes on "
                f"at offset {partition.committed})"
            )

    def _attempt(self, partition: Partition[State], record: Record, message: In) -> Exception | None:
        """Decide a message and apply the changes; the error, if it cannot be done."""
        if partition.spoilt:
            self._owned.rebuild(partition)
        try:
            decision = self._processor.decide(partition.state, message)
            output = encode(decision.output)
            changes = self._changelog.records(record.partition, decision.changes)
            partition.spoilt = True
            for change in decision.changes:
                self._processor.apply(partition.state, change)
            partition.spoilt = False
        except Halt:
            raise
        except Exception as error:
            return error
        self._appends.append(Append(self._output, record.partition, record.key, output, output_headers(record)))
        self._appends += changes
        self._offsets[record.tp] = record.offset + 1
        if partition.failures.in_a_row:
            self._count(partition, failures.succeeded(partition.failures))
        return None

    def _count(self, partition: Partition[State], count: failures.Failures) -> None:
        """Keep the count of failures, in memory and in the next transaction."""
        partition.failures = count
        self._appends.append(self._changelog.record(partition.tp.partition, failures.KEY, count))

    def _bury(self, partition: Partition[State], record: Record, error: Exception) -> None:
        """Let the message be a dead letter, in the next transaction."""
        kind, message = type(error).__name__, reason(error)
        self._appends.append(dead_letter(self._dead_letters, self._processor.stage, record, kind, message))
        self._offsets[record.tp] = record.offset + 1
        self._say.error(
            "dead letter", **position(record.tp, record.offset), **trace_of(record), error=kind, message=message
        )
