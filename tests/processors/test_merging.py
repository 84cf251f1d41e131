"""Arrays merged a piece at a time are those that are sorted at once."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from processors.copies.merging import Merge, merged

values = st.sets(st.integers(0, 2**64 - 1) | st.integers(0, 50))


def array(of: set[int]) -> np.ndarray:
    return np.array(sorted(of), np.uint64)


@given(values, values, st.integers(1, 10))
def test_pieces_make_the_whole(one: set[int], other: set[int], count: int) -> None:
    merge = Merge(array(one), array(other - one))
    pieces = 1
    while (whole := merge.step(count)) is None:
        pieces += 1
    assert whole.tolist() == sorted(one | other) == merged(array(one), array(other - one)).tolist()
    assert pieces >= len(one | other) / (2 * count)
