"""Fingerprints: what counts as the same text, and what is kept of it."""

import random
import re
import unicodedata

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from processors.copies import fingerprint as fp
from processors.copies.fingerprint import Fingerprint, Fingerprinter
from processors.copies.subject import Text
from processors.copies.verdict import compare
from tests.processors.dedup_run import prose

MAKER = Fingerprinter(shingle_words=5, permutations=128)
LAYOUT = "\u00ad\u200b\u200d\u2060\ufeff\u200e\ufe0f"
NEWS = st.text(st.sampled_from("abcdeéß 1239.,;—’“”\n\t中あกи़_" + LAYOUT), max_size=80)


def of(text: str) -> Fingerprint:
    return MAKER.fingerprint("", text)


def same(a: Fingerprint, b: Fingerprint) -> bool:
    arrays = ("shingles", "numbers")
    return (a.words, a.text, a.bits) == (b.words, b.text, b.bits) and all(
        np.array_equal(getattr(a, name), getattr(b, name)) for name in arrays
    )


@given(NEWS, st.randoms(use_true_random=False))
def test_case_spacing_punctuation_forms_and_layout_change_nothing(text: str, rng: random.Random) -> None:
    spaced = re.sub(r"\s", lambda _: rng.choice((" ", "\n\n", "\u00a0", " – ", "... ", "\u3000")), text)
    soft = "".join(char + rng.choice(("", "", rng.choice(LAYOUT))) for char in spaced)
    for other in (text.upper(), text.casefold(), unicodedata.normalize("NFD", text), spaced, soft):
        assert same(of(other), of(text))


CHINESE = (
    "俄罗斯国防部周三宣布，该国空军当天开始对叙利亚境内的目标实施空袭。国防部发言人表示，战机共出动约二十架次，"
    "打击了八个目标，摧毁了武器装备、通信枢纽和燃料仓库。美国官员则说，空袭地点并不在极端组织控制的地区。"
)


def test_an_edited_copy_without_spaces_is_similar_and_another_text_is_not() -> None:
    edited = CHINESE.replace("周三", "星期三").replace("约二十", "大约二十")
    other = "日本气象厅星期五表示，今年第二十一号台风正在接近冲绳，预计周末将带来强风和暴雨。"
    assert compare(of(CHINESE), of(edited)).jaccard > 0.5
    assert compare(of(CHINESE), of(other)).jaccard == 0
    assert of(CHINESE.replace("。", "。\n\n")).text == of(CHINESE).text
    assert 35 < of(CHINESE).words < 60


@settings(max_examples=50)
@given(st.integers(0, 10_000))
def test_similarity_is_that_of_the_sets_of_shingles(seed: int) -> None:
    rng = random.Random(seed)
    one = prose(rng, rng.randrange(1, 120), vocabulary=30)
    two = one[rng.randrange(len(one)) :] + prose(rng, rng.randrange(60), vocabulary=30)
    sets = [{tuple(t[i : i + 5]) for i in range(max(1, len(t) - 4))} for t in (one, two)]
    shared = len(sets[0] & sets[1])
    found = compare(of(" ".join(one)), of(" ".join(two)))
    assert found.jaccard == shared / len(sets[0] | sets[1])
    assert found.containment == shared / min(map(len, sets))


def test_fingerprints_stay_what_the_changelogs_hold() -> None:
    """Anything that changes these values must raise fingerprint.VERSION."""
    print_ = of("Russia has begun air strikes in Syria, killing 27 people near Homs on 30 September.")
    assert MAKER.made == "3/affine32/128/5"
    assert print_.text.hex() == "df32701a6e6c08d4cd9456e54ea46556"
    assert print_.shingles[:3].tolist() == [1379043850, 1731247521, 1988703518]
    assert print_.numbers[:1].tolist() == [3346752332469410789]
    named = MAKER.fingerprint("Russia strikes again", "Russia has begun air strikes.").names
    assert np.frombuffer(named, "<u4").tolist() == [1739405965, 2154285725, 2476825596]
    assert MAKER.signature(print_)[:3].tolist() == [238278760, 387741793, 616754325]


def test_numbers_stand_in_two_places_the_words_before_and_the_words_behind() -> None:
    def places(text: str) -> set[int]:
        return {slot >> 32 for slot in of(text).numbers.tolist()}

    report = "shares of the bank rose 3 percent to close at 20 pounds"
    assert len(places(report)) == 4
    assert places(report.replace("3", "4").replace("20", "21")) == places(report)
    assert of(report.replace("20", "21")).numbers.tolist() != of(report).numbers.tolist()
    # Another word on one side leaves the place on the other.
    assert len(places(report) & places(report.replace("rose", "fell"))) == 3
    assert len(places(report) & places(f"In short, {report} and pence, we hear")) == 3
    assert len(places("it rose 3 2 percent")) == 2
    for other in ("rose bank 3 to percent", "percent to 3 bank rose", "bank rose percent 3 to"):
        assert not places(other) & places("bank rose 3 percent to")
    # Other numbers there are left blank.
    assert places("up 3 or 4 percent now") == places("up 5 or 6 percent now")
    assert places("7 bank rose") == places("8 bank rose") != places("and 7 bank rose")


def test_a_headline_names_its_long_words_and_whether_the_text_tells_of_them() -> None:
    headline = MAKER.fingerprint(
        "Ferry AGROUND off the isle of Rhodes in 2015", "A ferry ran onto Rhodes."
    ).headline
    again = MAKER.fingerprint("rhodes, isle, ferry aground", "").headline
    assert headline.named.tolist() == again.named.tolist()
    assert (len(headline.named), len(headline.told), len(again.told)) == (4, 2, 0)
    chinese = MAKER.fingerprint("对叙利亚实施空袭", CHINESE).headline
    assert (len(chinese.named), len(chinese.told)) == (7, 6)


def test_a_passage_has_the_words_of_its_shingles() -> None:
    words = [f"word{i}" for i in range(40)]
    for text, piece in ((" ".join(words), " ".join(words[10:20])), (CHINESE, CHINESE[40:60])):
        whole = Text(text, 5)
        assert set(whole.passage(of(piece).shingles)) == set(Text(piece, 5).passage(of(piece).shingles))
        assert not len(whole.passage(of("other words than all of these").shingles))


def test_a_text_beyond_all_bounds_keeps_a_bounded_part_that_still_compares() -> None:
    book = prose(random.Random(1), 150_000, vocabulary=100_000)
    whole, part = of(" ".join(book)), of(" ".join(book[50_000:52_000]))
    assert len(whole.shingles) <= fp.MAX_SHINGLES
    assert whole.bits < 32
    assert compare(part, whole).containment == 1
    assert compare(part, whole).contained
    assert compare(of(" ".join(prose(random.Random(2), 2_000))), whole).containment < 0.01


@settings(deadline=None, max_examples=300)
@given(st.text(), st.text(max_size=20))
@example("a" * 1_000_000, "")
@example("\u0301\u0301\u0301", "\u202e")
@example("\ufdfa" * 5_000, "")
@example("1 " * 50_000, "")
@example("\ud7ff\U0010ffff\ue000", "")
def test_no_text_is_too_odd(text: str, title: str) -> None:
    print_ = MAKER.fingerprint(title, text)
    assert (print_.words == 0) == (not len(print_.shingles))
    assert len(MAKER.signature(print_)) == (128 if print_.words else 0)
    assert len(print_.numbers) <= fp.MAX_PLACES
