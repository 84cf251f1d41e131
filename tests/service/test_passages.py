"""What two texts share."""

import time

from hypothesis import given
from hypothesis import strategies as st

from service.passages import SHORTEST, Overlap, overlap

AGENCY = "The coast guard said on Thursday that nobody was hurt when the ferry ran aground off Skarholm"


def shared(found: Overlap) -> list[str]:
    return [passage.text for passage in found.shared]


def only(found: Overlap, which: int) -> list[str]:
    return [passage.text for passage in found.only[which]]


def test_what_is_shared_and_what_each_has_alone() -> None:
    found = overlap(f"LINDVIK — {AGENCY}. Oil is leaking.", f"{AGENCY.upper()}, reports say.")
    assert shared(found) == [AGENCY]
    assert (only(found, 0), only(found, 1)) == (["LINDVIK", "Oil is leaking"], ["reports say"])
    assert (found.words, found.covered) == ((21, 19), (17, 17))


def test_a_paragraph_that_was_moved_is_shared() -> None:
    more = "Fourteen passengers were treated for cuts and bruises in the town"
    found = overlap(f"{AGENCY}. {more}.", f"{more}. {AGENCY}.")
    assert shared(found) == [AGENCY, more]
    assert found.only == ([], [])


def test_the_longest_of_several_places_is_taken() -> None:
    found = overlap(AGENCY, f"{' '.join(AGENCY.split()[:6])}. And: {AGENCY}")
    assert shared(found) == [AGENCY]


def test_runs_of_fewer_words_are_not_shared() -> None:
    four = " ".join(AGENCY.split()[: SHORTEST - 1])
    assert overlap(f"{four} in the morning fog", f"But {four} at night").shared == []
    assert overlap(four, four).covered == (SHORTEST - 1, SHORTEST - 1)


def test_typographic_apostrophes_and_case_do_not_matter() -> None:
    assert overlap("Russia’s first air strikes in Syria", "RUSSIA'S FIRST AIR STRIKES IN SYRIA").covered == (6, 6)


def test_scripts_without_spaces_are_compared_by_characters() -> None:
    same = "俄罗斯国防部周三宣布空军在叙利亚境内开始打击行动"
    found = overlap(f"莫斯科消息。{same}。", f"{same}，法新社报道。")
    assert shared(found) == [same]
    assert only(found, 0) == ["莫斯科消息"]


def test_empty_texts_share_nothing() -> None:
    assert overlap("", "") == Overlap([], ([], []), (0, 0), (0, 0))
    assert overlap("", AGENCY).shared == []


def test_a_text_that_is_one_phrase_over_and_over_takes_no_quadratic_time() -> None:
    started = time.process_time()
    found = overlap("on and on " * 15_000, "on and on and " * 12_000)
    assert found.words == (45_000, 48_000)
    salutations = [" ".join(f"dear sir or madam hello {letter}{n}" for n in range(6_000)) for letter in "ab"]
    assert len(overlap(*salutations).shared) == 6_000
    assert time.process_time() - started < 5


TEXTS = st.lists(st.sampled_from(["a", "b", "c", "D", "…", "’s"]), max_size=60).map(" ".join)


@given(TEXTS, TEXTS)
def test_every_word_is_in_one_passage(one: str, other: str) -> None:
    found = overlap(one, other)
    for which in (0, 1):
        alone = sum(passage.words for passage in found.only[which])
        assert alone + found.covered[which] == found.words[which]
    assert sum(passage.words for passage in found.shared) == found.covered[0]
    assert bool(found.covered[0]) == bool(found.covered[1])


@given(TEXTS)
def test_a_text_shares_all_of_itself(text: str) -> None:
    found = overlap(text, text)
    assert found.covered == found.words
    assert len(found.shared) <= 1


@given(st.text(max_size=200), st.text(max_size=200))
def test_no_text_is_refused(one: str, other: str) -> None:
    found = overlap(one, other)
    assert all(passage.text in one for passage in found.shared)
