"""Words: what counts as the same word, in any script."""

import random
import re
import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from processors.copies.words import characters_per_word, spaced_words, words_of

PLAIN = st.characters(exclude_categories=("Cs", "Cf", "Mn", "Mc", "Nd"))
JOINING = (
    "e\u0301\u0323 ka\u093e\u09c7\u09be \u1100\u1161\u11a8 \u00b4\u0130ÉΐΆ\ufb01\uff76\uff9e\ufe0f\u200d¨\u00ad"
)


def plainly(text: str) -> list[str]:
    """The words, one character after the other."""
    kept = []
    for char in unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()):
        category = unicodedata.category(char)
        if category == "Nd":
            char = str(unicodedata.decimal(char))
        elif category == "Cf" or "\ufe00" <= char <= "\ufe0f":
            char = ""
        elif not (char.isalnum() or char == "_" or category in ("Mn", "Mc")):
            char = " "
        kept.append(char)
    return "".join(kept).split()


@given(st.text(PLAIN) | st.text(st.characters(codec="ascii")))
def test_words_are_runs_of_word_characters(text: str) -> None:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    assume(not any(unicodedata.category(char) in ("Mn", "Mc") for char in folded))  # ours are part of the word
    assert [word.decode() for word in words_of(text)] == re.findall(r"\w+", folded)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don’t panic: U.S. GDP rose 3.2%", ["don", "t", "panic", "u", "s", "gdp", "rose", "3", "2"]),
        ("Straße STRASSE ﬁn \uff21\uff22\uff23\uff11", ["strasse", "strasse", "fin", "abc1"]),
        ("cafe\u0301 CAFÉ", ["café", "café"]),
        ("ele\u00adphant\u200b trunk\ufe0f", ["elephant", "trunk"]),
        ("हिन्दी समाचार", ["हिन्दी", "समाचार"]),
        ("٢٠١٥ ۲۰۱۵ २०१५", ["2015", "2015", "2015"]),
        ("الأخبار: اليوم", ["الأخبار", "اليوم"]),
        ("\u1100\u1161 \u1112\u1161\u11ab\u1100\u1173\u11af", ["가", "한글"]),
        ("\u1100\u1161 \u1112\u1161", ["가", "하"]),
        ("\uac00\u11a8", ["각"]),
        ("\u2764\ufe0f 👍🏽 —", []),
    ],
)
def test_words_in_many_scripts(text: str, words: list[str]) -> None:
    assert [word.decode() for word in words_of(text)] == words


@given(st.text(st.sampled_from(JOINING) | st.characters(exclude_categories=["Cs"])))
def test_characters_that_join_and_those_that_do_not_make_the_same_words(text: str) -> None:
    assert [word.decode() for word in words_of(text)] == plainly(text)


def test_every_character_that_stands_alone_does_so_beside_any_other() -> None:
    every = [char for char in map(chr, range(0x110000)) if unicodedata.category(char) not in ("Cs", "Cn", "Co")]
    random.Random(1).shuffle(every)
    alone = [char for char in every if not unicodedata.category(char).startswith("M")]
    for at in range(0, len(alone), 50):  # short texts: one character that does join spoils all of one
        text = "".join(alone[at : at + 50])
        assert [word.decode() for word in words_of(text)] == plainly(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Air strikes in Syria", 1),
        ("Авиаудары в Сирии", 1),
        ("한국어는 띄어쓰기를 한다", 1),
        ("俄罗斯开始在叙利亚发动空袭", 2),
        ("ロシアがシリアで空爆を開始した", 2),
        ("รัสเซียเริ่มโจมตีทางอากาศในซีเรีย", 4),
        ("The word 空襲 means air raid in Japanese", 1),
        ("叙利亚 Homs 空袭", 2),
        ("", 1),
        ("123 456", 1),
    ],
)
def test_script_decides_between_words_and_characters(text: str, expected: int) -> None:
    assert characters_per_word(spaced_words(text)) == expected
