"""The numbers of the pair scorer, as `make fit` finds them and `pair_weights.toml` holds them."""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

POINTS = 10_000
"""Points of one unit of log odds. All is counted in whole points: sums of whole numbers are the same in any
order."""

VALUES = ("dense", "words", "lead", "names", "numbers", "clash")
"""What two articles are compared by, besides time (`processors.stories.pair_score`)."""

PARTS = (*VALUES, "time")
"""What a score is made of, besides the intercept."""

SOON, LATER = 1.5, 7.0
"""Nearness in time is two decays: the days between two publications until 1/e of each is left."""
HOURS = 80 * 24
"""After so many hours nothing is left of either decay, in whole points."""

FILE = Path(__file__).with_name("pair_weights.toml")


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """One article compared with several others, in their order."""

    parts: NDArray[np.int64]
    """Points by part (in the order of PARTS) and other article."""
    scores: NDArray[np.int64]
    """Points: the sums of the parts and the intercept."""


@dataclass(frozen=True, slots=True, eq=False)
class PairWeights:
    """What each value adds to the score of a pair."""

    intercept: int
    """Points."""
    values: NDArray[np.float64]
    """Log odds of a value of 1, in a column, in the order of VALUES."""
    time: NDArray[np.int64]
    """What nearness in time adds, in points, by whole hours: publication times mean no more. A table, because
    numpy's exp need not give the same last bit for a number wherever it stands in an array."""

    @classmethod
    def of(cls, numbers: Mapping[str, float]) -> "PairWeights":
        """From the numbers of a section of the file; what is missing counts nothing."""
        decays = (numbers.get("soon", 0.0), SOON), (numbers.get("later", 0.0), LATER)
        time = [
            sum(points(most * math.exp(-hours / 24 / days)) for most, days in decays) for hours in range(HOURS + 1)
        ]
        values = np.array([[numbers.get(name, 0.0)] for name in VALUES])
        return cls(points(numbers["intercept"]), values, np.array(time))

    def pairs(self, values: NDArray[np.float64], hours: NDArray[np.int64]) -> Pairs:
        """The scores of pairs, by VALUES and pair, so many hours apart."""
        parts = np.empty((len(PARTS), len(hours)), np.int64)
        np.rint(self.values * POINTS * values, out=parts[:-1], casting="unsafe")
        parts[-1] = self.time[hours]
        return Pairs(parts, parts.sum(axis=0) + self.intercept)


def points(log_odds: float) -> int:
    """In whole points."""
    return round(log_odds * POINTS)


@cache
def fitted(left_out: str | None = None) -> PairWeights:
    """The weights of all parts, or those that do best without one ("dense", "sparse", "names" or "time")."""
    sections = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return PairWeights.of(sections["all"] if left_out is None else sections["without"][left_out])
