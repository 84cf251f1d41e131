"""One pass over a corpus with given scores of its pairs: the stories that cluster would make.

The same decisions as `processors.stories.placing` and `processors.cluster`, over arrays, so that a pass takes a
moment: candidates are the stories of the nearest articles, a copy follows its original, the best story is joined
if it is good enough, and another one that the article fits is merged with it if all their pairs say so. An
article that gathers several events speaks for none.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from config.sections import ClusterSection
from processors.cluster import BRIDGED, MERGE_TEXTS
from training.pairs import Corpus

FAR = -9.0
"""The score of a pair that is far."""
_LIMITS = BRIDGED, ClusterSection().members, MERGE_TEXTS


class Rules(NamedTuple):
    """How pair scores become stories; scores are counted from where an article joins."""

    mean: float
    """Share of the mean in a story's score; the rest is that of the best pair."""
    merge: float
    """Mean score over all pairs of two stories from which they are merged."""


def stories(corpus: Corpus, scores: NDArray[np.float32], rules: Rules) -> NDArray[np.int64]:
    """The story of each article. `scores`: of the pairs that are near; from 0 on, an article joins."""
    pairs = len(corpus.first) - corpus.first[-1] - 1 + corpus.start[-1]
    everything = np.full(pairs, FAR, np.float32)
    everything[corpus.near] = scores
    links = corpus.first, corpus.start, corpus.nearest, corpus.copy_of, corpus.family, corpus.gathers
    found: NDArray[np.int64] = _pass(everything, *links, rules.mean, rules.merge, *_LIMITS)
    return found


@njit(cache=True)
def _pass(scores, first, start, nearest, copy_of, family, gathers, mean, merge, bridged, members, merge_texts):  # noqa: C901  # compiled as one
    count = len(first)
    story = np.full(count, -1, np.int64)
    older = np.full(count, -1, np.int64)  # a story's articles as a chain, from its newest back
    last = np.full(count, -1, np.int64)
    size = np.zeros(count, np.int64)
    opened = np.zeros(count, np.int64)
    asked = np.full(count, -1, np.int64)
    ours, theirs = np.empty(count, np.int64), np.empty(count, np.int64)
    made = 0
    for new in range(count):
        since = first[new]
        kin, kin_scores = [0][:0], [0.0][:0]
        if copy_of[new] >= since:
            joined = story[copy_of[new]]
        else:
            for near in nearest[new]:
                if near < 0:
                    break
                candidate = story[near]
                if asked[candidate] == new:
                    continue
                asked[candidate] = new
                found = _reports(last[candidate], older, since, family, gathers, members, ours)
                if found == 0:
                    continue
                total, best = 0.0, -1e9
                for member in ours[:found]:
                    score = scores[start[new] + member - since]
                    total += score
                    best = max(best, score)
                score = mean * total / found + (1 - mean) * best
                if score >= 0:
                    kin.append(candidate)
                    kin_scores.append(score)
            joined = made
            if len(kin):
                at = 0
                for other in range(1, len(kin)):
                    better = kin_scores[other] > kin_scores[at]
                    if better or (kin_scores[other] == kin_scores[at] and opened[kin[other]] < opened[kin[at]]):
                        at = other
                joined = kin[at]
            else:
                opened[made] = new
                made += 1
        before = last[joined]
        story[new], older[new], last[joined] = joined, before, new
        size[joined] += 1
        for other in kin:
            if other == joined:
                continue
            some = _reports(before, older, since, family, gathers, merge_texts, ours)
            many = _reports(last[other], older, since, family, gathers, merge_texts, theirs)
            without = _kinship(ours[:some], theirs[:many], scores, first, start, family)
            some = _reports(new, older, since, family, gathers, merge_texts, ours)
            score = _kinship(ours[:some], theirs[:many], scores, first, start, family)
            if score >= merge and without >= merge - bridged:
                _merge(joined, other, story, older, last, size, opened)
                break
    return story


@njit(cache=True)
def _reports(end, older, since, family, gathers, most, into):
    """The newest texts that speak for a story, put into an array; how many. Of copies the first to come."""
    found, at = 0, end
    while at >= since:
        if not gathers[at]:
            again = -1
            for other in range(found):
                if family[into[other]] == family[at]:
                    again = other
            if again >= 0:
                for other in range(again, found - 1):
                    into[other] = into[other + 1]
                into[found - 1] = at
            else:
                into[found] = at
                found += 1
        at = older[at]
    return min(found, most)


@njit(cache=True)
def _kinship(some, others, scores, first, start, family):
    """The mean score over all pairs that are no copies; far below all others where there is none."""
    total, pairs = 0.0, 0
    for a in some:
        for b in others:
            one, two = max(a, b), min(a, b)
            if family[a] != family[b] and two >= first[one]:
                total += scores[start[one] + two - first[one]]
                pairs += 1
    return total / pairs if pairs else -1e9


@njit(cache=True)
def _merge(one, two, story, older, last, size, opened):
    """Put the smaller story (of equals the later one) into the other, in the order of arrival."""
    kept, gone = one, two
    if size[two] > size[one] or (size[two] == size[one] and opened[two] < opened[one]):
        kept, gone = two, one
    a, b, chain = last[kept], last[gone], -1
    size[kept] += size[gone]
    last[kept] = max(a, b)
    while a >= 0 or b >= 0:
        if a > b:
            taken, a = a, older[a]
        else:
            taken, b = b, older[b]
            story[taken] = kept
        if chain >= 0:
            older[chain] = taken
        chain = taken
    older[chain] = -1
    last[gone], size[gone] = -1, 0
