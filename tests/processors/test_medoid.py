"""The medoid is the article nearest to all, whatever order they come in."""

import random
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.encoding.vectors import quantise
from processors.stories.features import Features
from processors.stories.medoid import by_nearness, nearness
from processors.stories.rows import Row
from tests.processors.cluster_run import STAGE, Newsroom, decided, message


def rows(seed: int, count: int) -> tuple[list[Row], int]:
    """Reports of one event, and the length of their vocabulary."""
    newsroom, state = Newsroom(seed), STAGE.fresh()
    reports = [newsroom.report(0, 30) for _ in range(count)]
    decided(STAGE, state, [message(f"a{i}", text, title) for i, (title, text) in enumerate(reports)])
    language = state.language("en")
    return list(language.rows.values()), len(language.vocabulary)


def words(of: Features, terms: int) -> np.ndarray:
    """The view of the words as a plain vector."""
    vector = np.zeros(2 * terms)
    vector[of.columns[of.words]] = of.weights[of.words]
    return vector


def medoid(found: list[Row], terms: int) -> Row:
    """The first by nearness."""
    return found[by_nearness(found, nearness(found, terms))[0]]


@settings(deadline=None)
@given(st.integers(0, 1_000), st.integers(1, 9), st.booleans())
def test_no_other_is_nearer_to_all_taken_together(seed: int, count: int, blind: bool) -> None:
    found, terms = rows(seed, count)
    if blind:  # one without a vector: then the words decide for all
        found[0] = replace(found[0], features=replace(found[0].features, vector=None))
    plain = [words(row.features, terms) if blind else row.features.vector.astype(float) for row in found]
    closeness = [sum(one @ other for other in plain) for one in plain]
    assert nearness(found, terms).tolist() == closeness
    best = medoid(found, terms)
    assert closeness[found.index(best)] == max(closeness)
    random.Random(seed).shuffle(found)
    assert medoid(found, terms) is best


def test_of_equals_the_first_published_is_taken_then_the_smaller_id() -> None:
    [one], terms = rows(1, 1)
    dated = [
        replace(one, id=name, published=at) for name, at in (("c", None), ("b", 5), ("d", 7), ("a", 7), ("e", 5))
    ]
    assert medoid(dated, terms).id == "b"
    assert medoid(dated[2:4], terms).id == "a"
    assert medoid([dated[0], dated[2]], terms).id == "d"


def test_the_odd_one_out_is_not_the_medoid() -> None:
    found, terms = rows(2, 4)
    odd = replace(found[0], id="odd", features=replace(found[0].features, vector=quantise(np.eye(384)[7])))
    assert medoid([odd, *found[1:]], terms) is not odd
