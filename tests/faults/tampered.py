"""The `storywire` command with something changed in it: `python -m tests.faults.tampered CHANGE run …`.

Some changes stop the process at a moment that a signal from outside would hit by luck only. The others take the
transaction out of a stage, so that one sees the checker find what is then lost or repeated.
"""

import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any

from service import cli
from streams.kafka.member import KafkaMember
from streams.log import Append, TopicPartition

MOMENT = 13
"""In batches of five the middle of the third; of a stage's commits, after one for each of the four partitions that
it starts, the ninth with outputs."""


def stops_in_dedup() -> None:
    """Stops in the middle of a batch."""
    from processors.dedup import Dedup

    _before(Dedup, "decide", _stop)


def stops_in_flush() -> None:
    """Stops in the transaction in which a sink writes a batch, before anything is written."""
    from sinks.sql import SqlSink

    _before(SqlSink, "_advance", _stop)


def commits_outputs_first() -> None:
    """Commits outputs and offsets one after the other, and dies in between."""
    _commit_apart(lambda outputs, offsets: (outputs, offsets))


def commits_offsets_first() -> None:
    """Commits offsets and outputs one after the other, and dies in between."""
    _commit_apart(lambda outputs, offsets: (offsets, outputs))


Step = Callable[[], None]


def _commit_apart(order: Callable[[Step, Step], tuple[Step, Step]]) -> None:
    commits = count(1)

    def commit(self: Any, appends: Sequence[Append], offsets: Mapping[TopicPartition, int]) -> None:
        first, second = order(
            lambda: self._transactions.commit(appends, {}),
            lambda: self._transactions.commit([], offsets, self._membership),
        )
        first()
        if next(commits) == MOMENT:
            os.kill(os.getpid(), signal.SIGKILL)
        second()

    KafkaMember.commit = commit  # type: ignore[method-assign]


def _stop() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def _before(owner: type, name: str, act: Step) -> None:
    """Have something done before a method is called for the MOMENTth time."""
    method, calls = getattr(owner, name), count(1)

    def counted(*arguments: Any) -> Any:
        if next(calls) == MOMENT:
            act()
        return method(*arguments)

    setattr(owner, name, counted)


if __name__ == "__main__":
    change = sys.argv.pop(1)
    globals()[change]()
    cli.main()
