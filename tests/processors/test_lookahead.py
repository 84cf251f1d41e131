"""What is measured together is what would have been measured alone."""

import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.blocks import BLOCK, Blocks
from processors.lookahead import ROOM, TOGETHER, Lookahead
from processors.vectors import Quantised, pack, quantise

COMPONENTS = 20


def vector(rng: random.Random, components: int = COMPONENTS) -> Quantised:
    return quantise([rng.uniform(-1, 1) for _ in range(components)])


def rows(rng: random.Random, count: int) -> Blocks:
    blocks = Blocks()
    for slot in range(count):
        blocks[slot] = vector(rng)
    return blocks


@settings(deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_products_are_those_of_each_vector_alone(seed: int, as_expected: bool) -> None:
    rng, used = random.Random(seed), 20
    blocks = rows(rng, used)
    lookahead = Lookahead(blocks)
    coming = [vector(rng) for _ in range(TOGETHER + 10)]
    packed = [pack(one) for one in coming]
    packed[rng.randrange(20) : 0] = ["no vector!", pack(vector(rng, 3)), ""]
    lookahead.expect(packed)
    if not as_expected:
        rng.shuffle(coming)
    for one in coming:
        found = lookahead.products(one, used)
        assert found.tolist() == [int(blocks[slot].astype(int) @ one.astype(int)) for slot in range(used)]
        for slot in rng.choices(range(used), k=rng.randrange(3)):  # another article in its slot
            blocks[slot] = vector(rng)
            lookahead.changed(slot)
        if rng.random() < 0.5:
            for _ in range(rng.choice((1, 1, 1, ROOM))):
                blocks[used] = vector(rng)
                lookahead.changed(used)
                used += 1


def test_so_many_are_measured_at_a_time() -> None:
    rng = random.Random(1)
    lookahead, coming = Lookahead(rows(rng, 9)), [vector(rng) for _ in range(TOGETHER + 1)]
    lookahead.expect(map(pack, coming))
    counts = []
    for one in coming:
        lookahead.products(one, 9)
        counts.append(len(lookahead._products))
    assert counts == [TOGETHER] * TOGETHER + [1]


def test_the_rows_of_several_blocks_are_where_they_were_put() -> None:
    rng, count = random.Random(2), 2 * BLOCK + 3
    blocks, plain = Blocks(), [vector(rng) for _ in range(count)]
    first = None
    for slot, one in enumerate(plain):
        blocks[slot] = one
        first = blocks[0] if first is None else first
    assert len(blocks) == 3 * BLOCK
    assert [blocks[slot].tolist() for slot in range(count)] == [one.tolist() for one in plain]
    assert np.shares_memory(first, blocks[0])
    for many in (1, 2):
        vectors, found = np.stack(plain[:many]).astype(np.float32), np.empty((many, count), np.float32)
        blocks.dots(vectors, found)
        assert found.tolist() == (np.stack(plain[:many]).astype(int) @ np.stack(plain).astype(int).T).tolist()
