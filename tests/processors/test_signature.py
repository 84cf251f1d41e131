"""Signatures are datasketch's own."""

import numpy as np
import pytest
from datasketch import MinHash
from hypothesis import given
from hypothesis import strategies as st

from processors.copies.signature import SCHEME, Signatures


@pytest.mark.parametrize("permutations", [16, 128])
@given(values=st.sets(st.integers(0, 2**32 - 1), min_size=1, max_size=50))
def test_a_signature_is_the_one_that_datasketch_makes(permutations: int, values: set[int]) -> None:
    textbook = MinHash(num_perm=permutations, scheme=SCHEME, hashfunc=lambda value: value)
    for value in values:
        textbook.update(value)
    ours = Signatures(permutations).of(np.array(sorted(values), np.uint32))
    assert ours.dtype == textbook.hashvalues.dtype
    assert np.array_equal(ours, textbook.hashvalues)


def test_the_empty_set_has_none() -> None:
    assert len(Signatures(128).of(np.empty(0, np.uint32))) == 0
