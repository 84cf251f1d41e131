"""The checker finds what it is there to find, each fault by its name, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.faults.checker import Answers, difference, wrong_answers

offsets = st.lists(st.integers(0, 1_000), unique=True, max_size=30).map(sorted)


@given(offsets, st.data())
def test_each_input_answered_once_and_in_order_is_no_fault(inputs: list[int], data: st.DataObject) -> None:
    letters = data.draw(st.sets(st.sampled_from(inputs)) if inputs else st.just(set()))
    outputs = [offset for offset in inputs if offset not in letters]
    assert wrong_answers(Answers(inputs, outputs, sorted(letters))) == []


@pytest.mark.parametrize(
    ("outputs", "letters", "faults"),
    [
        ([0, 5], [], ["1 inputs lost: 3"]),
        ([], [], ["3 inputs lost: 0; 3; 5"]),
        ([0, 3, 3, 5], [], ["1 inputs answered twice: 3"]),
        ([0, 3, 5], [3], ["1 inputs answered twice: 3"]),
        ([0, 3, 5, 0, 3, 5], [], ["3 inputs answered twice: 0; 3; 5", "1 answers out of order: 5 before 0"]),
        ([0, 3, 4, 5], [], ["1 answers to no input: 4"]),
        ([0, 5, 3], [], ["1 answers out of order: 5 before 3"]),
        ([3], [5, 0], ["1 answers out of order: 5 before 0"]),
        ([0, 0, 5], [], ["1 inputs lost: 3", "1 inputs answered twice: 0"]),
    ],
)
def test_each_fault_is_named(outputs: list[int], letters: list[int], faults: list[str]) -> None:
    assert wrong_answers(Answers([0, 3, 5], outputs, letters)) == faults


def test_many_faults_of_a_kind_are_one_line() -> None:
    assert wrong_answers(Answers(range(2_000), [])) == ["2000 inputs lost: 0; 1; 2 …"]


@pytest.mark.parametrize(
    ("found", "faults"),
    [
        (["a", "b", "c"], []),
        (["a", "c"], ["1 missing: b"]),
        (["a", "b", "b", "c"], ["1 there twice: b"]),
        (["a", "b", "c", "d"], ["1 not expected: d"]),
        (["a", "B", "c"], ["1 missing: b", "1 not expected: B"]),
        (["a", "c", "b"], ["2 out of order: c; b"]),
    ],
)
def test_rows_that_differ_are_named(found: list[str], faults: list[str]) -> None:
    assert difference(["a", "b", "c"], found) == faults
