"""What a processor is: a pure fold over the messages of one topic.

    decide(state, message) -> output, changes     # pure; never mutates the state
    apply(state, change)                          # the only mutation; also how state is restored

Restoring is `apply` over the compacted changelog, whose records come in another order than they were written:
`apply` must lead to a state that decides exactly as the original would. No clock, no randomness, no I/O.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from streams.messages import Message

In = TypeVar("In", bound=Message)
Out = TypeVar("Out", bound=Message)
State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class Change:
    """A record of a stage's changelog: the new value under a key, or None to delete it (a tombstone).

    Keys starting with `worker:` are the worker's own.
    """

    key: str
    value: Message | None


@dataclass(frozen=True, slots=True)
class Decision(Generic[Out]):
    """The answer to one message: exactly one output, and the changes of the state."""

    output: Out
    changes: Sequence[Change] = ()


class Halt(Exception):
    """The stage must stop and no message is at fault: mixed encodings, a changelog made under other settings."""


class Processor(ABC, Generic[In, Out, State]):
    """One stage. The worker keeps one state per partition."""

    stage: str
    """Its name in `streams.topics.STAGES`."""
    reads: type[In]
    """The messages it takes."""
    changes: type[Message]
    """The values of its changes: a Message class, or a tagged union of them."""

    @abstractmethod
    def fresh(self) -> State:
        """The state before the first message."""

    @abstractmethod
    def decide(self, state: State, message: In) -> Decision[Out]:
        """The output and the changes for one message. Never mutates the state."""

    @abstractmethod
    def apply(self, state: State, change: Change) -> None:
        """Put one change into the state."""

    def prepare(self, messages: Sequence[In]) -> None:
        """Called with a batch before its messages are decided; may warm a cache, never alters a decision."""
