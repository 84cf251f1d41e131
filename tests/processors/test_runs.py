"""Hashes of runs: of what stands in the run alone, wherever it stands."""

import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from processors.copies.runs import BASE, TABLED, Runs, mix

values = st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=30)


def array(of: list[int]) -> np.ndarray:
    return np.array(of, np.uint64)


def expected(run: list[int]) -> int:
    polynomial = sum(value * BASE**place for place, value in enumerate(run)) % 2**64
    return int(mix(array([polynomial]))[0])


@given(values, st.data())
def test_a_run_is_hashed_as_a_polynomial_wherever_it_stands(all_: list[int], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(all_) - 1))
    end = data.draw(st.integers(start + 1, len(all_)))
    runs, places = Runs(array(all_)), (np.array([start]), np.array([end]))
    assert runs.hashes(*places).tolist() == [expected(all_[start:end])]
    width = end - start
    starts = range(len(all_) - width + 1)
    assert runs.of_width(width).tolist() == [expected(all_[at : at + width]) for at in starts]


def test_a_text_beyond_the_table_is_hashed_alike() -> None:
    word = list(b"storywire")
    text = np.zeros(2 * TABLED, np.uint8)
    places = np.array([0, TABLED - 4, 2 * TABLED - len(word)])
    for place in places.tolist():
        text[place : place + len(word)] = word
    assert set(Runs(text).hashes(places, places + len(word)).tolist()) == {expected(word)}


def test_hashes_of_words_differ() -> None:
    rng = random.Random(1)
    words = sorted({"".join(rng.choices("abcdeilnorst", k=rng.randrange(1, 9))) for _ in range(50_000)})
    hashes = {int(Runs(np.frombuffer(w.encode(), np.uint8)).of_width(len(w))[0]) for w in words}
    assert len(hashes) == len(words)
    halves = np.array([hash_ >> 32 for hash_ in hashes])
    assert len(np.unique(halves)) > len(words) - 10  # of 32 bits, as many as chance would have it
