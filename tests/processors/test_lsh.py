"""Candidates: what must be compared is found."""

import itertools
import random
from dataclasses import dataclass

import pytest

from config.banding import recall
from processors.copies import lsh
from processors.copies.fingerprint import Fingerprint, Fingerprinter
from processors.copies.lsh import Candidates
from processors.copies.postings import Postings
from processors.copies.roster import Roster
from processors.copies.sieve import Keys
from processors.copies.verdict import compare
from tests.processors.dedup_run import prose

MAKER = Fingerprinter(shingle_words=5, permutations=128)
KEYS = Candidates(permutations=128, rows=3, containment=0.8)
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


# --- crowds ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    id: str
    slot: int


class Newsstand:
    """An index and a roster, with articles that share what is said of them."""

    def __init__(self) -> None:
        self.index, self.roster = Postings(), Roster[Row]()

    def add(self, text: list[str], arrived: int = 0, name: str = "") -> int:
        slot, keys = self.roster.next, self.keys(text)
        self.roster.add(Row(name or f"{slot:04}", slot), KEYS.samples(keys), arrived)
        self.index.add(keys, slot)
        return slot

    def chosen(self, text: list[str], horizon: int = 0) -> set[int]:
        keys = self.keys(text)
        return KEYS.chosen(self.index.find(keys), KEYS.samples(keys), self.roster, horizon)

    def keys(self, text: list[str]) -> Keys:
        print_ = of(text)
        return KEYS.keys(print_.shingles, MAKER.signature(print_))


@pytest.fixture
def small_crowds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lsh, "CROWD", 10)


@pytest.mark.usefixtures("small_crowds")
def test_the_first_of_a_crowd_stands_for_all() -> None:
    stand, text = Newsstand(), prose(random.Random(1), 200)
    for at in range(10):
        stand.add(text, arrived=at + 5)
    assert stand.chosen(text) == set(range(10))
    first = stand.add(text, arrived=3, name="b")
    assert stand.chosen(text) == {first}
    earlier = stand.add(text, arrived=3, name="a")
    assert stand.chosen(text) == {earlier}


@pytest.mark.usefixtures("small_crowds")
def test_only_those_that_are_visible_make_a_crowd() -> None:
    stand, text = Newsstand(), prose(random.Random(1), 200)
    for at in range(40):
        stand.add(text, arrived=at)
    assert stand.chosen(text, horizon=29) == {29}
    assert stand.chosen(text, horizon=30) == set(range(30, 40))
    for slot in range(35):
        stand.roster.remove(slot)
    assert stand.chosen(text) == set(range(35, 40))


@pytest.mark.usefixtures("small_crowds")
def test_what_stands_beside_a_common_passage_is_found_elsewhere() -> None:
    """Samples of the passage are neither followed nor missed."""
    rng, stand = random.Random(1), Newsstand()
    passage, text = prose(rng, 300), prose(rng, 100)
    for _ in range(30):
        stand.add([*prose(rng, 100), *passage])
    long = stand.add([*prose(rng, 300), *text])
    assert long in stand.chosen([*text, *passage])
