"""Ordinary text is cut into the words that the expression for all scripts finds."""

from hypothesis import example, given
from hypothesis import strategies as st

from processors.stories.terms import _WORD, TERM_CHARS, folded
from processors.stories.tokens import plain_words

PIECES = [
    "a",
    "B",
    "word",
    "s",
    "S",
    "'",
    "’",
    "'s",
    "’S",
    ".",
    ",",
    ", ",
    ". ",
    " ",
    "\n",
    "_",
    "1",
    "23",
    "-",
    "“",
    "—",
    "\x1c",
]


@given(st.lists(st.sampled_from(PIECES)).map("".join) | st.text(st.characters(max_codepoint=127)))
@example("x" * 100 + " " + "y" * 40 + "'s " + "z" * 41)
@example("It’s 1,000.5m of the U.S.'s ‘rock’n’roll’, don't you think?")
def test_the_words_of_plain_text_are_those_of_any_text(text: str) -> None:
    assert plain_words(text, TERM_CHARS) == folded(_WORD.findall(text))


@given(st.characters(min_codepoint=128).filter(lambda char: char not in "“”‘’–—…"))
def test_other_text_is_not_plain(char: str) -> None:
    assert plain_words(f"plain but for {char}", TERM_CHARS) is None
