"""Which part of the score decided: the parts beside what is usual of stories joined, and of stories refused.

A score is a sum, so what a part has to do with a decision is how far it lies from what the other decision usually
has: a story is joined on the time if that part is what lifts it most above the stories that are refused.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean, median

from streams.messages import Compared, Evidence

ENOUGH = 5
"""Comparisons of each kind from which there is something usual; a median of fewer is an accident."""


@dataclass(frozen=True, slots=True)
class Usual:
    """The medians of each part among the comparisons of many articles."""

    joined: Mapping[str, float]
    """Of the stories that were joined."""
    refused: Mapping[str, float]
    """Of the nearest stories that were not good enough."""


@dataclass(frozen=True, slots=True)
class Deciding:
    """A part that speaks for a decision."""

    part: str
    value: float
    """What it adds to the score, in the mean over the members told."""
    usual: float
    """What it adds where the decision is the other one."""


def usual(known: Iterable[Evidence], *, vector: bool) -> Usual | None:
    """What is usual in the evidence, with vectors or without; None where there is too little of either kind."""
    alike = [one for one in known if one.vector == vector]
    joined = [parts(one.best) for one in alike if one.reason == "joined" and one.best is not None]
    refused = [parts(near) for one in alike for near in (one.best, one.runner_up) if _refused(one, near)]
    if min(len(joined), len(refused)) < ENOUGH:
        return None
    return Usual(_medians(joined), _medians(refused))


def _refused(evidence: Evidence, near: Compared | None) -> bool:
    return near is not None and near.score < evidence.threshold


def _medians(many: list[dict[str, float]]) -> dict[str, float]:
    return {name: median(one.get(name, 0.0) for one in many) for name in many[0]}


def parts(compared: Compared | None) -> dict[str, float]:
    """The parts of a story's score: the means over the members told."""
    members = compared.members if compared is not None else ()
    names = dict.fromkeys(name for member in members for name in member.parts)
    return {name: fmean(member.parts.get(name, 0.0) for member in members) for name in names}


def deciding(evidence: Evidence, known: Usual | None) -> list[Deciding]:
    """The parts that speak for the decision; first that which lies farthest from what is usual of the other one.

    Empty where nothing was weighed or nothing is usual, and where every part speaks for the other decision.
    """
    if known is None or evidence.reason not in ("joined", "opened"):
        return []
    sign, other = (1, known.refused) if evidence.reason == "joined" else (-1, known.joined)
    found = [Deciding(name, value, other.get(name, 0.0)) for name, value in parts(evidence.best).items()]
    return sorted(
        (one for one in found if sign * (one.value - one.usual) > 0), key=lambda one: -abs(one.value - one.usual)
    )


def decided(evidence: Evidence, known: Usual | None) -> str | None:
    """The part that decided, as a sentence, and the next one where it counted for half as much or more."""
    found = deciding(evidence, known)
    if not found:
        return None
    first, *rest = found
    others = "refused" if evidence.reason == "joined" else "joined"
    told = (
        f"What decided: {first.part}, {first.value:+.2f}, where stories that are {others} have {first.usual:+.2f}"
    )
    if rest and abs(rest[0].value - rest[0].usual) >= abs(first.value - first.usual) / 2:
        told += f"; then {rest[0].part}, {rest[0].value:+.2f} and {rest[0].usual:+.2f}"
    return f"{told}."
