"""How well predicted groups agree with labelled ones."""

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import NamedTuple


class BCubed(NamedTuple):
    """B-cubed precision, recall and F1, fractions of 1 (Bagga and Baldwin, 1998)."""

    precision: float
    recall: float
    f1: float


def b_cubed(predicted: Sequence[Hashable], labels: Sequence[Hashable]) -> BCubed:
    """Precision and recall of each item's own group, averaged over the items (at least one).

    An item's precision is the share of its predicted group that has its label, its recall the share of its label's
    items that are in its predicted group. Items that share both have equal values, so it is enough to count them.
    """
    both = Counter(zip(predicted, labels, strict=True))
    groups, classes = Counter(predicted), Counter(labels)
    items = len(labels)
    precision = sum(count * count / groups[group] for (group, _), count in both.items()) / items
    recall = sum(count * count / classes[label] for (_, label), count in both.items()) / items
    return BCubed(precision, recall, 2 * precision * recall / (precision + recall))
