"""What is wrong with what a service has left behind: pure functions over offsets and rows.

Every output names in its `input` header the record that it answers. So a reader of the log can prove, without
knowing what a stage does, that it has answered each of its inputs exactly once and in order.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Any

SHOWN = 3
"""Examples of each fault: enough to look them up."""

SHOWN_CHARS = 200


@dataclass(frozen=True, slots=True)
class Answers:
    """What the log says of one stage and one partition, in its order."""

    inputs: Sequence[int]
    """The offsets of the records that the stage was to answer."""
    outputs: Sequence[int]
    """For each output the offset of its input."""
    letters: Sequence[int] = ()
    """For each dead letter of the stage the offset of its input."""


def wrong_answers(answers: Answers) -> list[str]:
    """A line for each kind of fault; none when every input was answered exactly once, in order."""
    times = Counter([*answers.outputs, *answers.letters])
    inputs = set(answers.inputs)
    jumps = [
        f"{before} before {after}"
        for offsets in (answers.outputs, answers.letters)
        for before, after in pairwise(offsets)
        if before > after
    ]
    return [
        *_told("inputs lost", sorted(inputs - times.keys())),
        *_told("inputs answered twice", sorted(offset for offset, count in times.items() if count > 1)),
        *_told("answers to no input", sorted(times.keys() - inputs)),
        *_told("answers out of order", jumps),
    ]


def difference(expected: Sequence[str], found: Sequence[str]) -> list[str]:
    """A line for each way in which rows or lines differ from those that are expected; none when they are equal."""
    missing, surplus = Counter(expected) - Counter(found), Counter(found) - Counter(expected)
    known = set(expected)
    faults = [
        *_told("missing", list(missing.elements())),
        *_told("there twice", [each for each in surplus.elements() if each in known]),
        *_told("not expected", [each for each in surplus.elements() if each not in known]),
    ]
    if not faults and list(expected) != list(found):
        faults += _told("out of order", [b for a, b in zip(expected, found, strict=True) if a != b])
    return faults


def _told(what: str, which: Collection[Any]) -> list[str]:
    if not which:
        return []
    examples = "; ".join(str(each)[:SHOWN_CHARS] for each in islice(which, SHOWN))
    return [f"{len(which)} {what}: {examples}{' …' if len(which) > SHOWN else ''}"]
