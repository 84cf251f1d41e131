"""Candidates: what must be compared is found."""

import itertools
import random

import pytest

from processors.fingerprint import Fingerprint, Fingerprinter
from processors.lsh import Candidates, recall
from processors.postings import Postings
from processors.roster import Roster
from processors.verdict import compare
from tests.processors.dedup_run import prose

MAKER = Fingerprinter(shingle_words=5, permutations=128)
KEYS = Candidates(permutations=128, rows=3, jaccard=0.5, containment=0.8)
BANDS = 128 // 3


def of(words: list[str]) -> Fingerprint:
    return MAKER.fingerprint("", " ".join(words))


def candidate(new: Fingerprint, old: Fingerprint) -> tuple[bool, bool]:
    """Whether bands, and whether samples, bring the two together."""
    index, roster = Postings(), Roster[str]()
    ours, theirs = (KEYS.keys(print_.shingles, MAKER.signature(print_)) for print_ in (new, old))
    roster.add("old", KEYS.samples(theirs), 0)
    index.add(theirs, 0)
    banded, sampled = [], []
    for position, entries in index.find(ours):
        (banded if position < BANDS else sampled).append((position, entries))
    return tuple(bool(KEYS.chosen(found, KEYS.samples(ours), roster, 0)) for found in (banded, sampled))


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


def test_a_passage_that_many_articles_share_calls_for_no_comparison() -> None:
    rng = random.Random(1)
    passage = prose(rng, 40)
    index, roster = Postings(), Roster[str]()
    for slot in range(300):
        print_ = of([*prose(rng, 400), *passage])
        keys = KEYS.keys(print_.shingles, MAKER.signature(print_))
        found = list(index.find(keys))
        assert found or not slot  # samples of the passage
        assert len(KEYS.chosen(found, KEYS.samples(keys), roster, 0)) <= 0.05 * slot  # those that a band brings
        roster.add("", KEYS.samples(keys), 0)
        index.add(keys, slot)


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
