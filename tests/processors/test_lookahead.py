"""What is measured together is what would have been measured alone."""

import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.lookahead import TOGETHER, Lookahead
from processors.vectors import Quantised, pack, quantise

COMPONENTS = 20


def vector(rng: random.Random, components: int = COMPONENTS) -> Quantised:
    return quantise([rng.uniform(-1, 1) for _ in range(components)])


@settings(deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_products_are_those_of_each_vector_alone(seed: int, as_expected: bool) -> None:
    rng, lookahead = random.Random(seed), Lookahead()
    rows = np.array([vector(rng) for _ in range(40)], np.float32)
    coming = [vector(rng) for _ in range(TOGETHER + 10)]
    packed = [pack(one) for one in coming]
    packed[rng.randrange(20) : 0] = ["no vector!", pack(vector(rng, 3)), ""]
    lookahead.expect(packed)
    if not as_expected:
        rng.shuffle(coming)
    used = 20
    for one in coming:
        found = lookahead.products(rows[:used], one)
        assert found.tolist() == (rows[:used].astype(int) @ one.astype(int)).tolist()
        for row in rng.choices(range(used), k=rng.randrange(3)):  # another article in its slot
            rows[row] = vector(rng)
            lookahead.changed(row)
        if used < len(rows) and rng.random() < 0.5:
            lookahead.changed(used)
            used += 1


def test_so_many_are_measured_at_a_time() -> None:
    rng, lookahead = random.Random(1), Lookahead()
    rows, coming = (
        np.array([vector(rng) for _ in range(9)], np.float32),
        [vector(rng) for _ in range(TOGETHER + 1)],
    )
    lookahead.expect(map(pack, coming))
    counts = []
    for one in coming:
        lookahead.products(rows, one)
        counts.append(len(lookahead._products))
    assert counts == [TOGETHER] * TOGETHER + [1]
