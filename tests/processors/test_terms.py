"""What is read of a text."""

from hypothesis import given
from hypothesis import strategies as st

from processors.stories.terms import LEAD_WORDS, TERM_CHARS, TEXT_WORDS, read


def test_the_title_counts_twice_in_words_and_lead() -> None:
    terms = read("Ferry aground", "The ferry ran aground.")
    assert terms.words == {"ferry": 3, "aground": 3, "the": 1, "ran": 1}
    assert terms.lead == terms.words


def test_spellings_of_a_word_are_one_term() -> None:
    assert read("", "Syria SYRIA Syria's SYRIA’S syria").words == {"syria": 5}
    assert read("", "don't DON’T").words == {"don't": 2}


def test_words_beyond_the_lead_count_in_the_words_only() -> None:
    terms = read("", " ".join(f"w{i}" for i in range(TEXT_WORDS + 100)))
    assert list(terms.words) == [f"w{i}" for i in range(TEXT_WORDS)]
    assert list(terms.lead) == [f"w{i}" for i in range(LEAD_WORDS)]


def test_names_are_phrases_and_their_words() -> None:
    terms = read("", "Then President Vladimir Putin met Assad.")
    assert set(terms.names) == {
        *("then president vladimir putin", "then", "president", "vladimir", "putin"),
        "assad",
    }
    assert terms.spelling["assad"] == "Assad"


def test_names_end_at_punctuation_line_ends_and_possessives() -> None:
    terms = read("Visit to Homs", "Damascus\nMoscow, London and Russia’s President. Élysée ИТАР")
    phrases = {name for name in terms.names if " " in name}
    assert phrases == {"élysée итар"}
    assert {"homs", "damascus", "moscow", "london", "russia", "president"} <= set(terms.names)


def test_a_headline_in_capitals_is_not_one_name() -> None:
    longest = max(read("One Two Three Four Five Six Seven Eight", "").names, key=len)
    assert longest == "one two three four five six"


def test_numbers_are_those_that_tell_events_apart() -> None:
    terms = read(
        "1,200 dead", "On 30 September 2015 some 1,200 of 45.5 thousand, 7 of them 30-year-olds, in 1999."
    )
    assert terms.numbers == ("1200", "30", "45.5")


def test_numbers_are_found_among_all_kinds_of_characters() -> None:
    terms = read("", "„12“, é34é 5٣ ٤٥٦—78.9 x1y 3,000,\udc80 10%")
    assert terms.numbers == ("12", "34", "5٣", "٤٥٦", "78.9", "3000", "10")


def test_a_clause_without_spaces_is_read_by_pairs_of_letters() -> None:
    assert read("", "叙利亚空袭").words == {"叙利": 1, "利亚": 1, "亚空": 1, "空袭": 1}
    assert read("", "Путин в Сирии 東京").words == {"путин": 1, "в": 1, "сирии": 1, "東京": 1}


def test_nothing_comes_of_nothing() -> None:
    terms = read("", " \n–!")
    assert not terms.words
    assert not terms.lead
    assert not terms.names
    assert not terms.numbers


@given(st.text(max_size=300), st.text())
def test_any_text_can_be_read(title: str, text: str) -> None:
    terms = read(title, text)
    assert terms.lead.keys() <= terms.words.keys()
    assert all(terms.lead[term] <= terms.words[term] for term in terms.lead)
    assert all(0 < len(term) <= TERM_CHARS for term in (*terms.words, *terms.names, *terms.numbers))
    assert terms.spelling.keys() == terms.names.keys()


def test_a_word_without_end_takes_little_memory() -> None:
    terms = read("", "x" * 100_000 + " " + "Y" * 100_000 + "1" * 100_000)
    assert max(map(len, (*terms.words, *terms.names, *terms.numbers))) == TERM_CHARS
