"""Dot products are exact, and vectors survive the wire."""

import base64
import struct
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from processors.encoding.vectors import MAX_COMPONENTS, SCALE, BadVector, pack, quantise, unpack

components = st.floats(-1, 1, width=32)
vectors = st.integers(1, 600).flatmap(lambda size: arrays(np.float32, size, elements=components)).filter(np.any)


def exact(a: np.ndarray, b: np.ndarray) -> int:
    """The dot product in whole numbers of any size."""
    return sum(int(x) * int(y) for x, y in zip(a, b, strict=True))


@given(vectors, st.randoms(use_true_random=False))
def test_a_dot_product_in_float32_is_exact_in_any_order(vector: np.ndarray, random: Random) -> None:
    a = quantise(vector)
    b = quantise(np.roll(vector, 1))
    order = list(range(len(a)))
    random.shuffle(order)
    for other in (a, b):
        assert float(a[order].astype(np.float32) @ other[order].astype(np.float32)) == exact(a, other)


@given(vectors, st.integers(1, 40), st.integers(0, 39))
def test_a_row_scores_the_same_in_a_matrix_of_any_shape(vector: np.ndarray, rows: int, row: int) -> None:
    a = quantise(vector)
    matrix = np.stack([quantise(np.roll(vector, i)) for i in range(rows)]).astype(np.float32)
    row %= rows
    assert float((matrix @ a.astype(np.float32))[row]) == exact(a, np.asarray(quantise(np.roll(vector, row))))


@pytest.mark.parametrize("size", [1, 384, 4_096, MAX_COMPONENTS])
def test_the_longest_vectors_stay_below_2_to_the_24(size: int) -> None:
    worst = quantise(np.ones(size))
    assert exact(worst, worst) < 2**24
    rounded_up = np.full(size, np.floor(SCALE / np.sqrt(size)) + 0.51) * np.sqrt(size) / SCALE
    assert exact(quantise(rounded_up), quantise(rounded_up)) < 2**24


@given(vectors)
def test_a_quantised_vector_has_the_direction_of_the_vector(vector: np.ndarray) -> None:
    a, unit = quantise(vector).astype(np.float64), vector.astype(np.float64) / np.abs(vector).max()
    assert a @ unit / np.linalg.norm(a) / np.linalg.norm(unit) > 0.9999
    assert abs(np.linalg.norm(a) - SCALE) <= np.sqrt(a.size) / 2


@given(vectors)
def test_a_vector_survives_the_wire(vector: np.ndarray) -> None:
    assert (unpack(pack(quantise(vector))) == quantise(vector)).all()


def test_components_travel_as_little_endian_int16() -> None:
    assert struct.unpack("<2h", base64.b64decode(pack(quantise([3, -4])))) == (2400, -3200)


@pytest.mark.parametrize(
    "bad",
    [[0.0, 0.0], [], [1.0, np.nan], [1.0, np.inf], [[1.0], [2.0]], np.ones(MAX_COMPONENTS + 1)],
    ids=["zero", "empty", "nan", "infinite", "matrix", "too long"],
)
def test_what_has_no_direction_is_refused(bad: object) -> None:
    with pytest.raises(BadVector):
        quantise(bad)


@pytest.mark.parametrize("bad", ["not base64!", "AAA", "AAAA"], ids=["alphabet", "padding", "odd bytes"])
def test_bytes_that_are_no_vector_are_refused(bad: str) -> None:
    with pytest.raises(BadVector):
        unpack(bad)
