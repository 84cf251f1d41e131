"""The loop that feeds one sink from the topic `stories`, as a consumer group of its own.

What a storing sink says about its position is the truth; the group's offsets tell the lag, and which bad messages
have become dead letters already. The two are written one after the other, so after a death either may be behind:
reading starts at the lower one, the sink gets only what it lacks, and a dead letter is written only for what the
group has not passed. That makes both exact.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from config.sections import WorkerSection
from sinks.base import Delivery, Sink, SinkDown, SinkError, Source
from streams.dead_letters import dead_letter, reason
from streams.failures import Failures, StageStopped, failed, succeeded, too_many
from streams.headers import place, trace_of
from streams.log import Append, CommitFailed, Log, LogDown, LogError, Record, TopicPartition
from streams.messages import BadMessage, Decoder, StoryUpdate
from streams.patience import DOWN_SECONDS, pause
from streams.topics import Topics

RETRY_SECONDS = 1.0
"""The first wait for a sink that is down; doubles with each failure in a row."""

MAX_RETRY_SECONDS = 60.0
"""The longest such wait: a member that does not poll for five minutes loses its partitions on Kafka."""

log = structlog.get_logger("sinks")


def retry_delay(failures: int) -> float:
    """Seconds to wait after so many failures in a row (at least one)."""
    return min(RETRY_SECONDS * 2.0 ** min(failures - 1, 30), MAX_RETRY_SECONDS)


@dataclass(slots=True)
class _Position:
    """How far a partition has come: the offset of the next record for each."""

    sink: int
    group: int

    @property
    def next(self) -> int:
        """Where to read on."""
        return min(self.sink, self.group)


@dataclass(slots=True)
class _Batch:
    """Records, sorted into what becomes of them."""

    deliveries: list[Delivery] = field(default_factory=list)
    letters: list[Append] = field(default_factory=list)
    ends: dict[int, int] = field(default_factory=dict)
    """For each partition the offset after its last record."""


class SinkLoop:
    """One sink and its consumer group. It runs once."""

    def __init__(
        self, source: Log, sink: Sink, topics: Topics, section: WorkerSection, instance: str = "0"
    ) -> None:
        """Join the group; the sink belongs to the loop once that is done. Raises LogDown, LogError.

        `instance` names this member of the group for good: see `Log.member`.
        """
        self._log, self._sink, self._topics, self._section = source, sink, topics, section
        self._topic = topics.name("stories")
        self._stage = f"sink-{sink.name}"
        self._source = Source(source.identity, self._topic)
        self._decode = Decoder(StoryUpdate)
        self._member = source.member(topics.name(self._stage), self._topic, instance)
        self._unstarted: set[int] = set()
        """Owned partitions whose position is to be asked for."""
        self._positions: dict[int, _Position] = {}
        """The other owned partitions."""
        self._alone = 0
        """How many more records are taken one at a time."""
        self._failures: dict[int, Failures] = {}
        """The updates of each partition that the sink could not take."""

    def run(self, stop: Callable[[], bool]) -> None:
        """Deliver until `stop` says so, finish the batch in hand, leave the group and close the sink.

        A sink that is down, or a log that takes no commit, is waited for. Raises SinkError, LogError,
        StageStopped.
        """
        failures = 0
        try:
            while not stop():
                try:
                    self._turn()
                except LogDown as error:  # the log itself, which has waited for an answer already
                    self._back_off(error, DOWN_SECONDS, stop)
                except (SinkDown, CommitFailed) as error:
                    failures += 1
                    self._back_off(error, retry_delay(failures), stop)
                else:
                    if failures:
                        log.info("sink delivers again", sink=str(self._sink))
                    failures = 0
        finally:
            self._close()

    def drain(self, stop: Callable[[], bool] = lambda: False) -> None:
        """Deliver what stands on the topic now, or until `stop` says so; leave the group and close the sink.

        Raises SinkDown, SinkError, LogError, StageStopped.
        """
        ends = {partition: end for partition, end in self._log.end_offsets(self._topic).items() if end}
        try:
            idle = False
            while not stop() and not self._has_reached(ends, idle):
                idle = self._turn() == 0
        finally:
            self._close()

    def _has_reached(self, ends: Mapping[int, int], idle: bool) -> bool:
        """Whether nothing is left before `ends`."""
        if not ends.keys() <= self._positions.keys():
            return False
        left = {p: (self._positions[p].next, end) for p, end in ends.items() if self._positions[p].next < end}
        if not left or not idle:
            return not left
        # Some offsets stand for no record: what retention has deleted, the marks of transactions in Kafka.
        return all(next(self._log.read(self._topic, p, *span), None) is None for p, span in left.items())

    def _close(self) -> None:
        try:
            self._member.close()
        finally:
            self._sink.close()

    def _back_off(self, error: Exception, delay: float, stop: Callable[[], bool]) -> None:
        """Wait, and then go on where the sink says."""
        log.warning("sink waits, nothing is lost", sink=str(self._sink), reason=str(error), retry_in_s=delay)
        self._unstarted |= set(self._positions)
        self._positions.clear()
        pause(delay, stop)

    # --- one poll --------------------------------------------------------------------------------------

    def _turn(self) -> int:
        """Start what was assigned, then deliver one batch; how many records it had."""
        if self._unstarted:
            self._start(self._unstarted)
            self._unstarted = set()
        most = 1 if self._alone else self._section.batch
        polled = self._member.poll(most, self._section.poll_seconds)
        for tp in polled.revoked:
            self._unstarted.discard(tp.partition)
            self._positions.pop(tp.partition, None)
        self._unstarted |= {tp.partition for tp in polled.assigned}
        try:
            self._write(self._sort(polled.records))
        except (SinkDown, SinkError, LogError):
            raise
        except Exception as error:
            if not polled.records:
                raise
            self._failed(polled.records, error)
        else:
            self._succeeded(polled.records)
        return len(polled.records)

    def _start(self, partitions: set[int]) -> None:
        """Go on where the sink and the group left off."""
        wanted = self._sink.resume(self._source, partitions)
        ends = self._log.end_offsets(self._topic)
        for partition in sorted(partitions):
            tp = TopicPartition(self._topic, partition)
            group = self._member.committed(tp)
            own = wanted[partition]
            position = _Position(group if own is None else own, group)
            if position.sink > ends[partition]:
                raise SinkError(
                    f"{self._sink}: has taken partition {partition} of {self._topic} up to {position.sink}, and "
                    f"the log ends at {ends[partition]}: the log was put back to an older state; put the sink "
                    f"back to the same state, or move it away and it is filled anew"
                )
            self._positions[partition] = position
            self._member.start(tp, position.next)

    def _sort(self, records: Sequence[Record]) -> _Batch:
        batch = _Batch()
        for record in records:
            position = self._positions[record.partition]
            batch.ends[record.partition] = record.offset + 1
            try:
                update = self._decode(record.value)
            except BadMessage as error:
                if record.offset >= position.group:
                    batch.letters.append(self._letter(record, error))
                continue
            if record.offset >= position.sink:
                batch.deliveries.append(Delivery(record.partition, record.offset, update))
        return batch

    def _write(self, batch: _Batch) -> None:
        self._sink.add(batch.deliveries)
        self._flush(batch.ends)
        self._commit(batch.letters, batch.ends)

    def _flush(self, ends: Mapping[int, int]) -> None:
        ahead = {p: end for p, end in ends.items() if end > self._positions[p].sink}
        self._sink.flush(ahead)
        for partition, end in ahead.items():
            self._positions[partition].sink = end

    def _commit(self, letters: Sequence[Append], ends: Mapping[int, int]) -> None:
        ahead = {p: end for p, end in ends.items() if end > self._positions[p].group}
        if ahead:
            self._member.commit(letters, {TopicPartition(self._topic, p): end for p, end in ahead.items()})
        for partition, end in ahead.items():
            self._positions[partition].group = end

    # --- updates that the sink cannot take ---------------------------------------------------------------

    def _succeeded(self, records: Sequence[Record]) -> None:
        self._alone = max(0, self._alone - len(records))
        for partition in {record.partition for record in records} & self._failures.keys():
            self._failures[partition] = succeeded(self._failures[partition])

    def _failed(self, records: Sequence[Record], error: Exception) -> None:
        """Something unforeseen: try the records again one at a time, and give up on one that fails alone."""
        if len(records) > 1:
            log.warning("a batch failed, trying one by one", sink=str(self._sink), reason=reason(error))
            self._alone = len(records)
            self._unstarted |= set(self._positions)
        else:
            self._give_up(records[0], error)

    def _give_up(self, record: Record, error: Exception) -> None:
        """The sink cannot take this update: a dead letter, unless there are too many of them."""
        partition = record.partition
        count = failed(self._failures.get(partition, Failures()), record.offset)
        if why := too_many(count, self._section):
            raise StageStopped(f"{self._sink}: {why}, the last at {place(record)}: {reason(error)}") from error
        self._failures[partition] = count
        self._start({partition})
        # The letter first: were the sink to pass the record first, a death in between would lose the letter.
        end = {partition: record.offset + 1}
        self._commit([self._letter(record, error)], end)
        self._flush(end)
        self._member.start(TopicPartition(self._topic, partition), self._positions[partition].next)

    def _letter(self, record: Record, error: Exception) -> Append:
        kind, why = type(error).__name__, reason(error)
        where = {"sink": str(self._sink), "record": place(record), **trace_of(record)}
        log.warning("dead letter", **where, error=kind, reason=why)
        return dead_letter(self._topics.name("dead-letters"), self._stage, record, kind, why)
