"""The roster: numbers are given once, and what is gone takes no memory."""

import pickle

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from processors.copies.roster import Roster


@given(st.lists(st.none() | st.integers(0, 5), max_size=300))
def test_rows_are_found_by_their_numbers_until_they_are_removed(steps: list[int | None]) -> None:
    """None adds a row, a number removes one, mostly of the oldest."""
    roster: Roster[str] = Roster()
    there: dict[int, str] = {}
    for at, step in enumerate(steps):
        if step is None:
            slot = roster.next
            assert slot not in there
            roster.add(f"row {at}", at, at // 3)
            there[slot] = f"row {at}"
        elif len(there) > step:
            slot = list(there)[step]
            del there[slot]
            roster.remove(slot)
    assert roster.rows(range(roster.next)) == list(there.values())
    counts = roster.counts(np.array(list(there), np.uint32))
    numbers = [int(row.removeprefix("row ")) for row in there.values()]
    assert counts.tolist() == numbers
    everyone = np.arange(roster.next, dtype=np.uint32)
    since = roster.since(everyone, 20)
    assert since.tolist() == [slot for slot, number in zip(there, numbers, strict=True) if number // 3 >= 20]
    if len(since):
        assert [roster.rows([slot])[0] for slot in roster.first_of(since).tolist()] == [
            f"row {number}" for number in numbers if number // 3 == min(n // 3 for n in numbers if n // 3 >= 20)
        ]


def test_a_window_that_moves_on_takes_the_memory_of_a_window() -> None:
    roster: Roster[str] = Roster()
    for at in range(10_000):
        roster.add("row", at, at)
        if at >= 100:
            roster.remove(at - 100)
    assert roster.rows(range(roster.next)) == ["row"] * 100
    assert len(pickle.dumps(roster)) < 4_500
