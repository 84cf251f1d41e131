"""The roster: numbers are given once, and what is gone takes no memory."""

import pickle

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from processors.roster import Roster


@given(st.lists(st.none() | st.integers(0, 5), max_size=300))
def test_rows_are_found_by_their_numbers_until_they_are_removed(steps: list[int | None]) -> None:
    """None adds a row, a number removes one, mostly of the oldest."""
    roster: Roster[str] = Roster()
    there: dict[int, str] = {}
    for at, step in enumerate(steps):
        if step is None:
            slot = roster.next
            assert slot not in there
            roster.add(f"row {at}", at)
            there[slot] = f"row {at}"
        elif len(there) > step:
            slot = list(there)[step]
            del there[slot]
            roster.remove(slot)
    assert roster.rows(range(roster.next)) == list(there.values())
    counts = roster.counts(np.array(list(there), np.uint32))
    assert counts.tolist() == [int(row.removeprefix("row ")) for row in there.values()]


def test_a_window_that_moves_on_takes_the_memory_of_a_window() -> None:
    roster: Roster[str] = Roster()
    for at in range(10_000):
        roster.add("row", at)
        if at >= 100:
            roster.remove(at - 100)
    assert roster.rows(range(roster.next)) == ["row"] * 100
    assert len(pickle.dumps(roster)) < 3_000
