"""B-cubed is what its definition says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.scores import b_cubed

groupings = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=40)


@given(groupings)
def test_b_cubed_is_the_average_over_items(items: list[tuple[int, int]]) -> None:
    """Bagga and Baldwin's definition, item by item."""
    precisions, recalls = [], []
    for group, label in items:
        same_group = [other for other in items if other[0] == group]
        same_label = [other for other in items if other[1] == label]
        both = [other for other in items if other == (group, label)]
        precisions.append(len(both) / len(same_group))
        recalls.append(len(both) / len(same_label))
    precision, recall = sum(precisions) / len(items), sum(recalls) / len(items)
    score = b_cubed([group for group, _ in items], [label for _, label in items])
    assert score == pytest.approx((precision, recall, 2 * precision * recall / (precision + recall)))


@given(groupings)
def test_perfect_agreement_scores_one_whatever_the_groups_are_called(items: list[tuple[int, int]]) -> None:
    labels = [label for _, label in items]
    assert b_cubed([f"story {label}" for label in labels], labels) == pytest.approx((1, 1, 1))


def test_one_story_for_all_has_perfect_recall_and_poor_precision() -> None:
    assert b_cubed("xxxx", "aabc")[:2] == pytest.approx(((4 + 1 + 1) / 16, 1))


def test_a_story_for_each_has_perfect_precision_and_poor_recall() -> None:
    assert b_cubed("wxyz", "aabc")[:2] == pytest.approx((1, 3 / 4))
