"""How good `cluster.join_score` is by a person's answers, and whether another would be better: pure statistics.

An answer says whether an article and a story's article report the same event; the story's score says whether they
are put together. An answer counts for as many decisions as it stands for: its weight.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

ENOUGH = 50
"""Answers from which a setting is proposed: of 50, a share of 90 % is known to 8 points."""
EACH = 10
"""Of them at least so many of either kind: with fewer there is nothing to weigh against."""
CHANCE = 0.01
"""How likely an improvement may be by chance and is still proposed. Strict: the best of many settings always looks
better than it is."""
STEP = 0.5
"""How far from the setting in force a better one is looked for (log odds): the answers are about the stories that
this setting has made, and farther away there would be others to decide about."""
WRONG_JOIN = 2
"""A wrong join counts as so many needless stories: it is never undone, and more articles follow it; a story that
was opened needlessly can still be merged. Measured with answers from the labels of ECB+: counted alike and far
from the setting in force, -1.55 was proposed instead of 1.25, which would cost 3.7 points of B-cubed F1; like
this, 2.25 and 3.25 are led back towards 1.25, and 1.25 is kept (150 answers)."""
_Z = 1.959964
"""95 % of a normal distribution lie within so many standard deviations."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person said about a decision."""

    score: float
    same: bool
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Share:
    """A share of the decisions, with its confidence interval (Wilson, 95 %)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Setting:
    """How good a setting of join_score is. None where no answer tells."""

    join_score: float
    precision: Share | None
    """Of the joins, those that are right."""
    recall: Share | None
    """Of what belongs together, the part that is joined."""
    wrong: float
    """The share of wrong decisions, joins and openings."""
    cost: float
    """The same, with wrong joins counted WRONG_JOIN times."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What the answers say about the setting in force and the best one."""

    answers: int
    now: Setting
    best: Setting
    """That of the least cost within reach; of equals the nearest to the one in force."""
    righted: int
    """Answers that the best setting agrees with and that in force does not..."""
    wronged: int
    """... and the other way round."""
    chance: float
    """How likely it is that chance rights so many of them or more (sign test)."""
    enough: bool
    """Whether there are enough answers for a proposal."""

    @property
    def proposed(self) -> bool:
        """Whether the best setting is to be preferred to that in force."""
        return self.enough and self.chance <= CHANCE and self.best.join_score != self.now.join_score


def wilson(share: float, count: float) -> tuple[float, float]:
    """The interval of a share of so many independent observations (more than 0)."""
    square = _Z * _Z / count
    centre = (share + square / 2) / (1 + square)
    spread = _Z / (1 + square) * math.sqrt(share * (1 - share) / count + square / count / 4)
    # at 0 and 1 the bounds are exact, and rounding would leave the share outside
    return min(share, max(0.0, centre - spread)), max(share, min(1.0, centre + spread))


def share(observed: Iterable[tuple[bool, float]]) -> Share | None:
    """The weighted share of what is true; None of nothing.

    Weights that differ make observations worth less: they count as (sum of weights)² / sum of squares (Kish).
    """
    some = list(observed)
    total = math.fsum(weight for _, weight in some)
    if not total:
        return None
    value = min(1.0, math.fsum(weight for true, weight in some if true) / total)
    largest = max(weight for _, weight in some)  # so that squares of small weights do not vanish
    count = (total / largest) ** 2 / math.fsum((weight / largest) ** 2 for _, weight in some)
    return Share(value, *wilson(value, count))


def setting(answers: Sequence[Answer], join_score: float) -> Setting:
    """How good a setting is by these answers."""
    total = math.fsum(one.weight for one in answers)
    needless = math.fsum(one.weight for one in answers if one.same and one.score < join_score)
    wrongly = math.fsum(one.weight for one in answers if not one.same and one.score >= join_score)
    return Setting(
        join_score,
        share((one.same, one.weight) for one in answers if one.score >= join_score),
        share((one.score >= join_score, one.weight) for one in answers if one.same),
        (needless + wrongly) / total if total else 0.0,
        (needless + WRONG_JOIN * wrongly) / total if total else 0.0,
    )


def calibrated(answers: Sequence[Answer], join_score: float) -> Calibration:
    """What the answers say. No setting beyond all of them is considered."""
    scores = sorted({one.score for one in answers})
    others = {round((low + high) / 2, 2) for low, high in pairwise(scores)}
    others = {other for other in others if abs(other - join_score) <= STEP}
    now = setting(answers, join_score)
    best = min(
        (now, *(setting(answers, other) for other in sorted(others))),
        key=lambda one: (one.cost, abs(one.join_score - join_score)),
    )
    righted = sum(_right(one, best.join_score) and not _right(one, join_score) for one in answers)
    wronged = sum(_right(one, join_score) and not _right(one, best.join_score) for one in answers)
    same = sum(one.same for one in answers)
    return Calibration(
        answers=len(answers),
        now=now,
        best=best,
        righted=righted,
        wronged=wronged,
        chance=_sign_test(righted, wronged),
        enough=len(answers) >= ENOUGH and min(same, len(answers) - same) >= EACH,
    )


def _right(answer: Answer, join_score: float) -> bool:
    return (answer.score >= join_score) == answer.same


def _sign_test(righted: int, wronged: int) -> float:
    """How often a fair coin would show `righted` heads or more."""
    tosses = righted + wronged
    return sum(math.comb(tosses, heads) / 2.0**tosses for heads in range(righted, tosses + 1))
