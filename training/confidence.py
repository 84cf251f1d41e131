"""How often joining is right at which score: `python -m training.confidence [FILE...]`.

Prints the numbers of `processors.stories.confidence`, and how well they hold. Asked are the labelled articles
that were compared with a story of labelled ones: joining it is right where most of those have the article's
label.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from config.settings import Settings
from processors.embed import Encoder
from processors.stories.confidence import confidence
from service.evaluate import cached_encoder
from service.inputs import articles_in
from service.pipeline import updates
from training.pairs import files

BANDS = (-99.0, -4.0, -2.0, -1.0, 0.0, 0.5, 1.25, 2.0, 3.0, 4.0, 6.0, 99.0)


def decisions(path: Path, encoder: Encoder) -> Iterator[tuple[float, bool]]:
    """The score of the best story, and whether joining it is right, of each labelled article that met one."""
    settings = Settings()
    found = articles_in([path], settings, now=datetime.now(UTC))
    members: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for update in updates(found.articles, settings, encoder):
        for merged in update.merged:
            members[merged.into] += members.pop(merged.old, Counter())
        label = found.labels.get(update.article.id)
        if update.assigned is None or label is None:
            continue
        best = update.assigned.evidence.best
        if best is not None and members[best.story]:
            yield best.score, members[best.story].most_common(1)[0][0] == label
        if update.assigned.evidence.reason not in ("revision", "sighting"):
            members[update.assigned.story][label] += 1


def main() -> None:
    """Fit the curve, each corpus with the same weight, and print it beside what happened."""
    with cached_encoder(Settings()) as encoder:
        told = [np.array(list(decisions(path, encoder))) for path in files(sys.argv[1:])]
    weights = np.concatenate([np.full(len(one), 1 / len(one)) for one in told])
    scores, right = np.concatenate(told).T
    curve = LogisticRegression(C=1e6).fit(scores[:, None], right, sample_weight=weights * len(weights))
    slope, middle = float(curve.coef_[0, 0]), float(-curve.intercept_[0] / curve.coef_[0, 0])
    print(f"MIDDLE, SLOPE = {middle:.2f}, {slope:.2f}\n")
    reliability(scores, right, weights)


def reliability(scores: NDArray[np.float64], right: NDArray[np.float64], weights: NDArray[np.float64]) -> None:
    """Print, by bands of the score, what is shipped says and how often joining was right."""
    print(f"{'score':>14} {'decisions':>9} {'said':>6} {'right':>6}")
    for low, high in pairwise(BANDS):
        band = (scores >= low) & (scores < high)
        if band.any():
            said = np.average([confidence(score, True) for score in scores[band]], weights=weights[band])
            share = np.average(right[band], weights=weights[band])
            print(f"{low:6.2f} to {high:5.2f} {band.sum():9,} {100 * said:5.0f}% {100 * share:5.0f}%")


if __name__ == "__main__":
    main()
