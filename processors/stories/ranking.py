"""How well an article fits each of the stories that might be its own."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from processors.encoding.vectors import SCALE
from processors.stories.layout import lay_out
from processors.stories.live import Live
from processors.stories.nearest import Search
from processors.stories.pair_score import Probe, Scorer
from processors.stories.pair_weights import POINTS, Pairs
from processors.stories.rows import Row, Story

MEAN, BEST = 0.70, 0.30
"""Shares of the mean and of the best pair score in a story's score. By the best alone one match would pull a story
into another; measured on the stream, that costs 2 points of F1. From 0.62 to 0.75 the three corpora are equally
good; more of the mean is more precise."""


class Ranked(NamedTuple):
    """A story and how well the article fits it."""

    story: Story
    score: float
    """Log odds."""
    members: Sequence[Row]
    """Those compared, by arrival."""
    pairs: Pairs
    """The comparisons with the members of this story and of others..."""
    start: int
    """... and where those of this one begin."""


def rank(
    scorer: Scorer,
    new: Probe,
    candidates: Sequence[tuple[Story, Sequence[Row]]],
    search: Search | None = None,
) -> list[Ranked]:
    """The candidate stories with the members to compare, the best first.

    Ties go to the story that was opened first. `search`: for the article's vector, where there was one.
    """
    if not candidates:
        return []
    everything = lay_out([row for _, rows in candidates for row in rows])
    cosines = None if search is None else search.of(everything.slots) / SCALE**2
    pairs = scorer.compare(new, everything, cosines)
    sizes = np.array([len(rows) for _, rows in candidates])
    starts = np.cumsum(sizes) - sizes
    scores = story_scores(pairs.scores, starts, sizes)
    ranked = [
        Ranked(story, score, rows, pairs, start)
        for (story, rows), score, start in zip(candidates, scores.tolist(), starts.tolist(), strict=True)
    ]
    return sorted(ranked, key=lambda one: (-one.score, one.story.record.opened))


def story_scores(
    points: NDArray[np.int64], starts: NDArray[np.int64], sizes: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The scores of stories, in log odds, from those of the pairs with their members (points), story by story."""
    means = np.add.reduceat(points, starts) / sizes
    scores: NDArray[np.float64] = (MEAN * means + BEST * np.maximum.reduceat(points, starts)) / POINTS
    return scores


def kinship(scorer: Scorer, some: Sequence[Row], others: Sequence[Row], live: Live) -> float | None:
    """The mean score over all pairs of the rows of two stories, in log odds; None where only copies meet, or no
    row.

    Copies of one text do not count as a pair: they say that two outlets print one agency, not that two stories are
    one event.
    """
    if not some or not others:
        return None
    if len(some) > len(others):
        some, others = others, some
    families = np.array([row.family for row in others], dtype=object)
    laid_out = lay_out(others)
    total = count = 0
    for row in some:
        counted = families != row.family
        with live.probe(row) as probe:
            total += int(scorer.compare(probe, laid_out).scores[counted].sum())
        count += int(counted.sum())
    return total / count / POINTS if count else None
