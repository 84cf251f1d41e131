"""The first sieve finds what a plain search finds."""

import random
from collections import deque

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.encoding.vectors import Quantised, quantise
from processors.stories.blocks import BLOCK
from processors.stories.features import Features, features
from processors.stories.layout import NOWHERE
from processors.stories.nearest import HEAVIEST, NearestVectors, NearestWords
from processors.stories.rows import Row
from processors.stories.vocabulary import TermIds
from processors.stories.weights import Weights

NO_TERMS, NO_WEIGHTS = np.zeros(0, np.int32), np.zeros(0, np.int16)


NOTHING = features(None, Weights(NO_WEIGHTS, NO_WEIGHTS, NO_WEIGHTS), TermIds(NO_TERMS, NO_TERMS, NO_TERMS))


def vector(rng: random.Random) -> Quantised:
    return quantise([rng.choice((-1, 0, 1)) or 0.5 for _ in range(4)])  # few directions, so that there are ties


def words(rng: random.Random) -> Features:
    ids = np.array(sorted(rng.sample(range(1, 60), rng.randrange(5, 50))), np.int32)
    weights = quantise([rng.randrange(1, 9) for _ in ids])
    return features(None, Weights(weights, NO_WEIGHTS, NO_WEIGHTS), TermIds(ids, NO_TERMS, NO_TERMS))


def row(name: str, arrived: int) -> Row:
    return Row(None, NOTHING, id=name, number=0, arrived=arrived, family=name, title="", gathers=False)


def word_similarity(query: Features, other: Features) -> int:
    mine = dict(zip(query.columns[query.words].tolist(), query.weights[query.words].tolist(), strict=True))
    heaviest = sorted(
        zip(
            (-other.weights[other.words]).tolist(), range(1_000), other.columns[other.words].tolist(), strict=False
        )
    )
    return sum(mine.get(column, 0) * -weight for weight, _, column in heaviest[:HEAVIEST])


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 8))
def test_the_nearest_are_found_with_all_that_are_equally_near(seed: int, count: int) -> None:
    rng = random.Random(seed)
    for index, make, similarity in (
        (NearestVectors(), vector, lambda a, b: int(a.astype(int) @ b.astype(int))),
        (NearestWords(), words, word_similarity),
    ):
        there, rows = {}, {}
        for number in range(rng.randrange(200)):
            name = f"a{number}"
            there[name] = (make(rng), rng.randrange(10))
            rows[name] = row(name, there[name][1])
            index.add(rows[name], there[name][0])
            if rng.random() < 0.4:
                gone = rng.choice(sorted(there))
                del there[gone]
                index.remove(rows.pop(gone))
        query = make(rng)
        near = {name: similarity(query, one) for name, (one, arrived) in there.items() if arrived >= 3}
        if make is words:
            near = {name: value for name, value in near.items() if value > 0}
        least = sorted(near.values(), reverse=True)[:count][-1:] or [0]
        found = index.search(query).nearest(count, 3)
        assert len(index) == len(there)
        assert sorted(one.id for one in found) == sorted(name for name, value in near.items() if value >= least[0])


def test_a_search_knows_how_near_any_article_is() -> None:
    rng, index = random.Random(2), NearestVectors()
    there = [(row(f"a{number}", 0), vector(rng)) for number in range(100)]
    for one, of in there:
        index.add(one, of)
    query, some = vector(rng), rng.sample(there, 30)
    found = index.search(query).of(np.array([*(one.slot for one, _ in some), NOWHERE]))
    assert found[:-1].tolist() == [int(query.astype(int) @ of.astype(int)) for _, of in some]
    assert np.isnan(found[-1])


def test_slots_are_used_again() -> None:
    rng, index, there = random.Random(1), NearestVectors(), deque[Row]()
    for number in range(10_000):
        there.append(row(f"a{number}", number))
        index.add(there[-1], vector(rng))
        if len(there) > 50:
            index.remove(there.popleft())
    assert len(index._vectors) == BLOCK
