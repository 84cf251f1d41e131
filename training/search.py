"""Weights whose stories agree best with the labels of several corpora.

Not a regression on pairs, but the measure itself, B-cubed F1 of the stories after one pass, by CMA-ES (Hansen,
2001): the share of pairs that a regression gets right says little about stories, and shifts their size from
corpus to corpus. Measured, mean F1 of the three corpora, each with weights of the other two: 89.0 by regression,
90.5 so."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cma
import numpy as np
from numpy.typing import NDArray

from config.sections import ClusterSection
from processors.stories.pair_weights import FILE, LATER, SOON, VALUES
from processors.stories.ranking import MEAN
from service.scores import BCubed, b_cubed
from training.pairs import Corpus
from training.trial import Rules, stories

TERMS = (*VALUES, "soon", "later")
"""What is weighed: the values of a pair, and two decays with time."""
START = dict(zip(TERMS, (7.39, 7.10, 2.36, 2.28, 1.22, 2.0, 3.48, 1.87), strict=True))
"""Where the search begins: the weights of a regression on pairs (all but `clash`, which it did not know)."""
ALSO = np.array([-12.4, 0.6, 0.9])
"""Beside the weights: the intercept, the log odds of the mean's share in a story's score, and what merging
needs."""
OFFSETS = (-0.25, 0.25)
"""F1 is taken at the mean of these thresholds around the one to be shipped, so that it lies on no cliff."""
PRECISE, BLAME = 0.88, 0.5
"""Less precision than this is blamed on top: a story with strangers in it is worse than one in two parts."""
PULL = 0.002
"""What the squared distance from START costs: of weights that do equally well, the unremarkable ones. With a
tenth of it, mean F1 is the same, and names weigh twice as much: enough to tie whatever one president does in two
days."""
JOIN = ClusterSection().join_score
"""Weights are shifted so that an article joins from here on."""


@dataclass(frozen=True, slots=True)
class Fit:
    """What a search found."""

    weights: Mapping[str, float]
    """By TERMS, and `intercept`."""
    rules: Rules

    def stories(self, corpus: Corpus) -> NDArray[np.int64]:
        """The stories of a corpus."""
        weights = np.array([self.weights.get(term, 0.0) for term in TERMS])
        return stories(corpus, _scores(corpus, weights, self.weights["intercept"] - JOIN), self.rules)


def shipped() -> Fit:
    """The numbers in force."""
    found = tomllib.loads(FILE.read_text(encoding="utf-8"))["all"]
    return Fit(found, Rules(MEAN, ClusterSection().merge_score - JOIN))


def score(corpus: Corpus, found: NDArray[np.int64]) -> BCubed:
    """How well stories agree with the labels."""
    return b_cubed(found[corpus.labelled].tolist(), corpus.labels.tolist())


def search(corpora: Sequence[Corpus], terms: Sequence[str], evaluations: int, rules: Rules | None = None) -> Fit:
    """The weights of `terms` that do best on the mean of the corpora. `rules`: those to keep, else found, too."""
    used = [TERMS.index(term) for term in terms]
    start = np.concatenate([[START[term] for term in terms], ALSO])

    def unpacked(point: NDArray[np.float64]) -> tuple[NDArray[np.float64], float, Rules]:
        weights = np.zeros(len(TERMS))
        weights[used] = np.maximum(point[: len(used)], 0.0)
        intercept, share, merge = point[len(used) :]
        return weights, float(intercept), rules or Rules(float(1 / (1 + np.exp(-share))), float(merge))

    def cost(point: NDArray[np.float64]) -> float:
        weights, intercept, ruled = unpacked(point)
        total = 0.0
        for corpus in corpora:
            scores = _scores(corpus, weights, intercept)
            for offset in OFFSETS:
                precision, _, f1 = score(corpus, stories(corpus, scores - np.float32(offset), ruled))
                total += f1 - BLAME * max(0.0, PRECISE - precision)
        negative = np.square(np.minimum(point[: len(used)], 0.0)).sum()
        return float(-total / len(corpora) / len(OFFSETS) + PULL * np.square(point - start).sum() + negative)

    options = {"seed": 1, "verbose": -9, "maxfevals": evaluations, "popsize": 12}
    found = cma.CMAEvolutionStrategy(start, 0.5, options).optimize(cost).result.xfavorite
    weights, intercept, ruled = unpacked(np.round(found, 2))
    named = {term: float(weights[TERMS.index(term)]) for term in terms}
    return Fit({"intercept": round(intercept + JOIN, 2)} | named, ruled)


def _scores(corpus: Corpus, weights: NDArray[np.float64], intercept: float) -> NDArray[np.float32]:
    """Of the pairs that are near."""
    days = corpus.hours.astype(np.float32) / 24
    values = corpus.values @ weights[: len(VALUES)].astype(np.float32)
    soon, later = weights[len(VALUES) :].astype(np.float32)
    scores: NDArray[np.float32] = values + soon * np.exp(-days / SOON) + later * np.exp(-days / LATER)
    return scores + np.float32(intercept)
