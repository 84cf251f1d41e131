import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.markup import article_text, first_sentence, strip_markup, tidy

PARAGRAPHS = (
    "Ministers agreed on Tuesday to send help to the islands, where the storm has destroyed hundreds of homes.",
    "Fishermen in the north told reporters that the waves came without warning at night. Many boats are lost.",
    "Schools stay closed until Monday, and parliament will discuss the budget for repairs at its next sitting.",
)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One<br>two</p><ul><li>a</li><li>b</li></ul>", "One\ntwo\na\nb"),
        ("AT&amp;T <b>wins</b>", "AT&T wins"),
        ("x<script>alert(1)</script><style>p{}</style>y<!-- z -->", "xy"),
        ("5 < 6 and 7 > 6", "5 < 6 and 7 > 6"),
        ("<!-- nothing -->", ""),
        ("&lt;b&gt;", "<b>"),
        ("<p>unclosed <i>and <b>nested", "unclosed and nested"),
        ("nul\0 <b>x</b>", "nul x"),
    ],
)
def test_only_the_text_is_left_of_markup(markup: str, text: str) -> None:
    assert strip_markup(markup) == text


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    assert strip_markup(text) == tidy(strip_markup(text))


def test_an_article_is_extracted_without_its_furniture() -> None:
    story = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    page = f"<nav><a href='/'>Home</a></nav>{story}<p><a href='/2'>Read more</a></p><footer>Copyright</footer>"
    assert article_text(page) == "\n".join(PARAGRAPHS)


def test_an_article_of_which_trafilatura_drops_most_keeps_its_text() -> None:
    repeated = f"<p>{PARAGRAPHS[0]}</p>" * 5  # it takes repetition for furniture
    assert article_text(repeated) == "\n".join([PARAGRAPHS[0]] * 5)


def test_a_fragment_in_which_trafilatura_finds_nothing_keeps_its_text() -> None:
    assert article_text("<a href='https://a.example/'>Storm hits islands</a>") == "Storm hits islands"
    assert article_text("<td>A cell</td>") == "A cell"


def test_text_that_is_no_html_stays_as_it_is() -> None:
    assert article_text("\r\n\r\n".join(PARAGRAPHS)) == "\n".join(PARAGRAPHS)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "U.S. troops left Mr. Smith's town on Monday. The next day",
            "U.S. troops left Mr. Smith's town on Monday.",
        ),
        ("He said: “Go away.” Then he left.", "He said: “Go away.”"),
        ("Rates rose by 5.5 percent. Up", "Rates rose by 5.5 percent."),
        ("Привет, мир. Потом", "Привет, мир."),
        ("俄罗斯战机空袭。议会同意", "俄罗斯战机空袭。"),
        ("no end\nsecond paragraph", "no end"),
        ("word " * 40, " ".join(["word"] * 25)),
        ("", ""),
    ],
)
def test_the_first_sentence(text: str, sentence: str) -> None:
    assert first_sentence(text, 25, 500) == sentence


def test_the_first_sentence_is_bounded_where_there_are_no_spaces() -> None:
    assert len(first_sentence("字" * 1_000, 25, 500)) == 500
