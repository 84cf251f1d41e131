"""The words that tell a story from others."""

import pytest

from processors.stories.keywords import TOLD, Keywords, keywords, spelled
from processors.stories.memory import Stories
from processors.stories.rows import Row
from tests.processors.cluster_run import STAGE, decided, message, stories, updates
from tests.processors.events import FERRY, FERRY_IN_GERMAN, STRIKE, STRIKE_IN_GERMAN

BACKGROUND = (
    "However, the council said in Harwick on Monday that the bridge will stay shut. The mayor will not run.",
    "In Osterby the school has a new roof. The pupils said that they will return to it on Monday, however late.",
    "Milk is dearer. Farmers said on Monday that however much they make, the dairies will not pay.",
)
"""What other articles of the stream say."""


def rows(*texts: str | tuple[str, str]) -> tuple[list[Row], Stories]:
    """Some articles among others, and the state that they are in."""
    state = STAGE.fresh()
    others = [message(f"z{i}", text) for i, text in enumerate(BACKGROUND * 4)]
    made = [("", text) if isinstance(text, str) else text for text in texts]
    decided(STAGE, state, [*others, *(message(f"a{i}", text, title) for i, (title, text) in enumerate(made))])
    return [state.language("en").rows[f"a{i}"] for i in range(len(made))], state


def found(*texts: str | tuple[str, str]) -> Keywords:
    """Their keywords."""
    those, state = rows(*texts)
    return keywords(those, state.language("en").vocabulary)


def test_terms_and_names_are_what_the_reports_of_an_event_share_and_others_do_not() -> None:
    told = found(*FERRY)
    assert {"aurora maris", "skarholm", "lindvik", "ingrid solberg"} <= set(told.names)
    assert {"ferry", "rocks"} & set(told.terms)
    assert not {"the", "of", "said", "on"} & set(told.terms)
    assert len(told.terms) <= TOLD
    assert len(told.names) <= TOLD


def test_what_stands_in_one_text_alone_is_not_told() -> None:
    told = found("Gulls circled over Lindvik and shrieked.", "A whale swam near Lindvik and dived.")
    assert told.names == ["lindvik"]
    assert not {"gulls", "whale", "shrieked", "dived"} & set(told.terms)
    assert found(FERRY[0]) == Keywords([], [])


def test_parts_of_longer_names_and_words_that_are_names_are_not_told_again() -> None:
    told = found(*FERRY)
    assert not {"aurora", "maris", "ingrid", "solberg"} & {*told.names, *told.terms}


def test_days_sentence_beginnings_and_numbers_are_no_keywords() -> None:
    told = found(
        "However, the Solveig sank at 1130 on Monday in August. However late, I'm told that 19 swam.",
        "However, on Monday the Solveig went down. I'm sure that it was 1130 in August, and 19 swam.",
    )
    assert told.names == ["solveig"]
    assert not any(term[0].isdigit() for term in told.terms)


def test_a_headline_in_capitals_is_no_name() -> None:
    headline = "Old Ferry Struck By Young Whale", "It was seen in Lindvik."
    assert found(headline, headline).names == ["lindvik"]


def test_words_that_all_use_are_not_told() -> None:
    told = found("Ferries collided on Monday, they said.", "Two ferries collided on the Monday, he said.")
    assert sorted(told.terms[:2]) == ["collided", "ferries"]
    assert not {"on", "the", "they", "he"} & {*told.terms}


@pytest.mark.parametrize(
    ("spellings", "expected"),
    [
        ([{"nato": "NATO"}], "NATO"),
        ([{"nato": "NATO"}, {"nato": "Nato"}], "Nato"),
        ([{"syria": "SYRIA"}, {"syria": "Syria"}], "Syria"),
        ([{"syria": "Syria"}, {"syria": "SYRIA"}], "Syria"),
        ([{"mcadam": "McAdam"}, {"mcadam": "Mcadam"}], "McAdam"),
        ([{}, {"o'hara": "O’Hara"}], "O’Hara"),
        ([{}, {}], "None Of These"),
    ],
)
def test_names_are_written_as_people_write_them(spellings: list[dict[str, str]], expected: str) -> None:
    name = next((name for each in spellings for name in each), "none of these")
    assert spelled(name, *spellings) == expected


def test_a_story_tells_its_keywords_from_its_second_text_on() -> None:
    told = updates(
        *(message(f"z{i}", text) for i, text in enumerate(BACKGROUND)),
        *(message(f"s{i}", text, title) for i, (title, text) in enumerate(STRIKE)),
        message("a", FERRY[0][1], FERRY[0][0]),
        message("copy", FERRY[0][1], FERRY[0][0], verdict="exact", of="a"),
        message("b", FERRY[1][1], FERRY[1][0]),
        message("copy of b", FERRY[1][1], FERRY[1][0], verdict="exact", of="b"),
    )
    opened, copied, grown, again = (update.changed[0] for update in told[-4:])
    assert (opened.names, opened.terms, copied.names, copied.terms) == ((), (), (), ())
    assert {"Skarholm", "Lindvik", "Ingrid Solberg"} <= set(grown.names)
    assert (again.names, again.terms) == (grown.names, grown.terms)


def test_in_german_too() -> None:
    told = updates(
        *(message(f"g{i}", text, title, lang="de") for i, (title, text) in enumerate(FERRY_IN_GERMAN)),
        message("s", STRIKE_IN_GERMAN[1], STRIKE_IN_GERMAN[0], lang="de"),
    )
    story = max(stories(told).values(), key=lambda story: story.articles)
    assert {"Fähre", "Aurora"} <= set(story.names)
