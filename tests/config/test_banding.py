"""Bandings that cannot find what they must are refused, with a remedy."""

import pytest

from config.banding import recall, shortcoming
from config.sections import DedupSection


@pytest.mark.parametrize(
    ("permutations", "rows", "jaccard", "said"),
    [
        (128, 5, 0.5, r"5 rows find 55% of the pairs with a Jaccard similarity of 0\.5.*set rows to at most 3"),
        (64, 3, 0.5, "94%.*set rows to at most 2"),
        (16, 20, 0.5, "0%.*set rows to at most 1"),
        (16, 1, 0.1, "raise permutations"),
    ],
)
def test_a_banding_that_cannot_reach_a_threshold_is_refused_with_a_remedy(
    permutations: int, rows: int, jaccard: float, said: str
) -> None:
    assert shortcoming(permutations, rows, jaccard) is not None
    with pytest.raises(ValueError, match=said):
        DedupSection(permutations=permutations, rows=rows, near_jaccard=jaccard)
    assert shortcoming(128, 3, 0.5) is None


def test_the_threshold_of_short_texts_must_be_reached_too() -> None:
    with pytest.raises(ValueError, match=r"similarity of 0\.3"):
        DedupSection(short_jaccard=0.3)


def test_the_arithmetic_of_bands() -> None:
    assert recall(0.5, bands=42, rows=3) == pytest.approx(0.996, abs=5e-4)
    assert recall(0.5, bands=25, rows=5) == pytest.approx(0.55, abs=5e-3)
