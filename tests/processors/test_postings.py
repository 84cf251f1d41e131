"""The index finds what was entered."""

import numpy as np
import pytest

from processors.copies import postings
from processors.copies.postings import Postings
from processors.copies.sieve import NONE, Keys


def keys(values: object) -> Keys:
    return Keys(np.array(values, np.uint64))


def found(index: Postings, asked: Keys) -> list[tuple[int, int]]:
    """The positions of keys, each with a slot entered under it."""
    return sorted((at, int(entry) & 0xFFFF_FFFF) for at, entries in index.find(asked) for entry in entries)


@pytest.mark.parametrize("at_once", [postings.AT_ONCE, 6_000])
def test_the_index_finds_every_slot_of_every_key_whatever_the_order(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And however much of it is still to be merged."""
    monkeypatch.setattr(postings, "AT_ONCE", at_once)
    monkeypatch.setattr(postings, "PIECE", 700)
    rng = np.random.default_rng(1)
    # Common keys and rare ones, many times more than the tail holds: runs are made and merged, sieves outgrown.
    added = [(slot, np.unique(rng.zipf(1.3, 100).clip(max=2**32 - 1))) for slot in range(5_000)]
    expected: dict[int, set[int]] = {}
    for slot, some in added:
        for key in some.tolist():
            expected.setdefault(key, set()).add(slot)
    rare = [key for key, slots in expected.items() if len(slots) == 1]
    asked = [1, 2, 3, 17, 40_001, 2**32 - 1, 0, *rng.integers(0, 2**32, 50).tolist(), *rare[::1_000]]
    for order in (added, added[::-1]):
        index = Postings()
        for slot, some in order:
            index.add(keys(some), slot)
        wanted = sorted((at, s) for at, key in enumerate(asked) for s in expected.get(key, ()))
        assert found(index, keys(asked)) == wanted


def test_an_empty_index_and_no_keys_find_nothing() -> None:
    index = Postings()
    assert found(index, keys([1])) == []
    index.add(NONE, 1)
    for slot in range(10_000):
        index.add(keys([slot]), slot)
    assert found(index, NONE) == []


def test_few_runs_are_left_behind_while_large_ones_are_merged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postings, "TAIL", 64)
    monkeypatch.setattr(postings, "AT_ONCE", 2_048)
    monkeypatch.setattr(postings, "PIECE", 128)
    index, rng = Postings(), np.random.default_rng(1)
    most = 0
    for slot in range(20_000):
        index.add(keys(rng.integers(0, 2**32, 8)), slot)
        most = max(most, len(index._runs))
    assert most < 12


def test_an_index_that_is_tidied_becomes_one_run_and_finds_the_same() -> None:
    index, rng = Postings(), np.random.default_rng(1)
    for slot in range(6_000):
        index.add(keys(np.unique(rng.integers(0, 2**16, 40))), slot)
    asked = keys(range(0, 2**16, 997))
    before = found(index, asked)
    assert len(before) > 100
    assert len(index._runs) > 1
    steps = 0
    while len(index._runs) > 1 or len(index._tail):
        index.tidy()
        assert found(index, asked) == before
        steps += 1
    index.tidy()
    assert 1 < steps < 100
    index.add(keys([997]), 6_000)
    assert found(index, asked) == sorted([*before, (1, 6_000)])
