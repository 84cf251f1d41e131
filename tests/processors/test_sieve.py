"""The sieve lets pass what was entered, and little else."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from processors.copies.sieve import Keys, Sieve


def keys(values: list[int]) -> Keys:
    return Keys(np.array(values, np.uint64))


@given(st.lists(st.sets(st.integers(0, 2**32 - 1)), max_size=5))
def test_what_was_entered_passes(entered: list[set[int]]) -> None:
    sieve = Sieve(0)
    for some in entered:
        sieve.add(keys(list(some)))
    for some in entered:
        assert sieve.passing(keys(list(some))).tolist() == list(range(len(some)))


def test_of_the_others_one_in_a_hundred_passes_when_it_is_full() -> None:
    rng = np.random.default_rng(1)
    sieve, others = Sieve(100_000), Keys(rng.integers(0, 2**32, 100_000, np.uint64))
    assert len(sieve.passing(others)) == 0
    while not sieve.full:
        sieve.add(Keys(rng.integers(0, 2**32, 1_000, np.uint64)))
    assert len(sieve.passing(others)) < 0.015 * len(others)


def test_it_has_the_room_that_was_asked_for() -> None:
    for room in (0, 1, 5_000, 10_000, 65_536, 100_000):
        sieve = Sieve(room)
        entered = keys(list(range(room)))
        sieve.add(entered)
        assert not sieve.full
        assert len(sieve.passing(entered)) == room
