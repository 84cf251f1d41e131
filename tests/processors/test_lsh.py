"""Candidates: what must be compared is found."""

import itertools
import random

import numpy as np
import pytest

from processors.fingerprint import Fingerprint, Fingerprinter
from processors.lsh import Candidates, recall, samples
from processors.postings import Postings
from processors.verdict import compare
from tests.processors.dedup_run import prose

MAKER = Fingerprinter(shingle_words=5, permutations=128)
KEYS = Candidates(permutations=128, rows=3, jaccard=0.5, containment=0.8)


def of(words: list[str]) -> Fingerprint:
    return MAKER.fingerprint("", " ".join(words))


def candidate(new: Fingerprint, old: Fingerprint) -> tuple[bool, bool]:
    """Whether bands, and whether samples, bring the two together."""
    index = Postings()
    index.add(KEYS.keys(old, MAKER.signature(old)), 7)
    in_band, shared = KEYS.split(*index.find(KEYS.keys(new, MAKER.signature(new))))
    return 7 in in_band, KEYS.enough(shared.get(7, 0), min(len(samples(new)), len(samples(old))))


def test_bands_find_what_their_arithmetic_promises() -> None:
    assert recall(0.5, bands=42, rows=3) == pytest.approx(0.996, abs=5e-4)
    assert recall(0.5, bands=25, rows=5) == pytest.approx(0.55, abs=5e-3)
    rng, found, pairs = random.Random(1), 0, 400
    for _ in range(pairs):
        text = prose(rng, 300)
        edited = list(text)
        for at in range(3, 300, 27):
            edited[at] = "edited"
        one, two = of(text), of(edited)
        assert 0.6 < compare(one, two).jaccard < 0.7
        found += candidate(one, two)[0]
    assert found == pairs


def test_samples_find_an_edited_excerpt_in_a_text_ten_times_as_long() -> None:
    rng, found, pairs = random.Random(1), 0, 400
    for _ in range(pairs):
        text = prose(rng, 550)
        excerpt = text[200:255]
        excerpt[12] = excerpt[40] = "edited"
        one, two = of(excerpt), of(text)
        assert 0.8 <= compare(one, two).containment < 0.81
        found += candidate(one, two)[1] and candidate(two, one)[1]
    assert found >= 0.97 * pairs


def test_unrelated_texts_are_not_compared() -> None:
    rng = random.Random(1)
    texts = [of(prose(rng, 400, vocabulary=300)) for _ in range(100)]
    assert sum(any(candidate(one, two)) for one, two in itertools.pairwise(texts)) <= 1


@pytest.mark.parametrize(
    ("permutations", "rows", "jaccard", "remedy"),
    [
        (128, 5, 0.5, "25 bands|55%.*set rows to at most 3"),
        (64, 4, 0.5, "set rows to at most 2"),
        (16, 20, 0.5, "0%.*set rows to at most 1"),
        (16, 1, 0.1, "raise permutations"),
    ],
)
def test_a_banding_that_cannot_reach_the_threshold_is_refused_with_a_remedy(
    permutations: int, rows: int, jaccard: float, remedy: str
) -> None:
    with pytest.raises(ValueError, match=remedy):
        Candidates(permutations, rows, jaccard, containment=0.8)


def test_the_index_finds_every_slot_of_every_key_whatever_the_order() -> None:
    rng = np.random.default_rng(1)
    # Common keys and rare ones, more than the dict holds several times over: runs are made and merged.
    added = [(slot, np.unique(rng.zipf(1.3, 100).clip(max=2**32 - 1).astype(np.uint32))) for slot in range(5_000)]
    expected: dict[int, set[int]] = {}
    for slot, keys in added:
        for key in keys.tolist():
            expected.setdefault(key, set()).add(slot)
    asked = np.array([1, 2, 3, 17, 40_001, 2**32 - 1, 0, *rng.integers(0, 2**32, 50)], np.uint32)
    for order in (added, added[::-1]):
        index = Postings()
        for slot, keys in order:
            index.add(keys, slot)
        positions, slots = index.find(asked)
        found = sorted(zip(positions.tolist(), slots.tolist(), strict=True))
        assert found == sorted((at, s) for at, key in enumerate(asked.tolist()) for s in expected.get(key, ()))


def test_an_empty_index_and_no_keys_find_nothing() -> None:
    index, none = Postings(), np.empty(0, np.uint32)
    assert [len(found) for found in index.find(np.array([1], np.uint32))] == [0, 0]
    index.add(none, 1)
    for slot in range(40_000):
        index.add(np.array([slot], np.uint32), slot)
    assert [len(found) for found in index.find(none)] == [0, 0]
