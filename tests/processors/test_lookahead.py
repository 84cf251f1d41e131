"""What is measured together is what would have been measured alone."""

import random
from collections.abc import Iterable

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.encoding.vectors import Quantised, pack, quantise
from processors.stories.blocks import BLOCK, Blocks
from processors.stories.lookahead import ROOM, TOGETHER, Lookahead

COMPONENTS = 20


def vector(rng: random.Random, components: int = COMPONENTS) -> Quantised:
    return quantise([rng.uniform(-1, 1) for _ in range(components)])


def rows(vectors: Iterable[Quantised]) -> Blocks:
    blocks = Blocks()
    for slot, one in enumerate(vectors):
        blocks[slot] = one
    return blocks


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.booleans())
def test_products_are_those_of_each_vector_alone(seed: int, as_expected: bool) -> None:
    rng = random.Random(seed)
    plain = [vector(rng) for _ in range(20)]
    blocks = rows(plain)
    lookahead = Lookahead(blocks)
    coming = [vector(rng) for _ in range(TOGETHER + 10)]
    leap = rng.randrange(len(coming))
    packed = [pack(one) for one in coming]
    packed[rng.randrange(20) : 0] = ["no vector!", pack(vector(rng, 3)), ""]
    lookahead.expect(packed)
    if not as_expected:
        rng.shuffle(coming)
    for number, one in enumerate(coming):
        found = lookahead.products(one, len(plain))
        assert found.tolist() == (np.stack(plain).astype(int) @ one.astype(int)).tolist()
        replaced = rng.choices(range(len(plain)), k=rng.randrange(3))
        new = range(len(plain), len(plain) + (ROOM if number == leap else rng.randrange(2)))
        for slot in (*replaced, *new):
            plain[slot : slot + 1] = [vector(rng)]
            blocks[slot] = plain[slot]
            lookahead.changed(slot)


def test_so_many_are_measured_at_a_time() -> None:
    rng = random.Random(1)
    lookahead = Lookahead(rows(vector(rng) for _ in range(9)))
    coming = [vector(rng) for _ in range(TOGETHER + 1)]
    lookahead.expect(map(pack, coming))
    counts = []
    for one in coming:
        lookahead.products(one, 9)
        counts.append(len(lookahead._products))
    assert counts == [TOGETHER] * TOGETHER + [1]


def test_the_rows_of_several_blocks_are_where_they_were_put() -> None:
    rng, count = random.Random(2), 2 * BLOCK + 3
    plain = [vector(rng) for _ in range(count)]
    blocks = rows(plain[:1])
    first = blocks[0]
    for slot, one in enumerate(plain):
        blocks[slot] = one
    assert len(blocks) == 3 * BLOCK
    assert [blocks[slot].tolist() for slot in range(count)] == [one.tolist() for one in plain]
    assert np.shares_memory(first, blocks[0])
    for many in (1, 2):
        vectors, found = np.stack(plain[:many]).astype(np.float32), np.empty((many, count), np.float32)
        blocks.dots(vectors, found)
        assert found.tolist() == (np.stack(plain[:many]).astype(int) @ np.stack(plain).astype(int).T).tolist()
