"""Furniture and forms: what many articles share is not what makes a copy."""

import itertools
import random
from collections.abc import Sequence

import msgspec
import pytest

from config.sections import DedupSection
from processors.copies.fingerprint import Fingerprinter
from processors.copies.verdict import match
from streams.messages import Article, Verdict
from tests.processors.dedup_run import STAGE, article, compacted, decided, prose, restored, told, verdicts
from tests.processors.pages import FORMS, FURNITURE, PAGES, REPORTS

MAKER = Fingerprinter(shingle_words=5, permutations=128)


def page(name: str, title: str, text: str, house: str = "post.example", day: float = 0) -> Article:
    return msgspec.structs.replace(article(name, text, title, day), source=house)


def pages(furniture: str, house: str = "post.example") -> list[Article]:
    """A page of a house for each report."""
    return [
        page(f"p{at}", title, f"{text} {FURNITURE[furniture]}", house, day=at / 10)
        for at, (title, text) in enumerate(REPORTS)
    ]


def alike(one: Article, other: Article) -> bool:
    """Whether two texts match by the text that they share, whatever it is."""
    prints = (MAKER.fingerprint(a.title, a.text) for a in (one, other))
    return match(DedupSection(), *prints) is not None


def related(verdict: Verdict) -> set[str]:
    return {relation.id for relation in verdict.relations}


@pytest.mark.parametrize("furniture", FURNITURE)
def test_reports_with_the_same_furniture_are_no_copies(furniture: str) -> None:
    stream = pages(furniture)
    assert all(alike(a, b) for a, b in itertools.combinations(stream, 2))
    found = verdicts(stream)
    assert {one.verdict for one in found.values()} == {"original"}
    assert not any(one.relations for one in found.values())


@pytest.mark.parametrize("furniture", FURNITURE)
def test_a_copy_that_stands_in_other_furniture_is_found(furniture: str) -> None:
    """Reports are copied with the agency's long text, which is what both pages are about."""
    other = next(name for name in FURNITURE if name != furniture)
    title = "Ferry aground off Rhodes"
    text = " ".join([REPORTS[0][1], *prose(random.Random(1), 300)])
    copy = page("copy", title, f"{text} {FURNITURE[other]}", "times.example")
    found = verdicts([*pages(furniture), page("first", title, f"{text} {FURNITURE[furniture]}"), copy])
    assert found["copy"].duplicate_of == "first"
    assert related(found["copy"]) == {"first"}


def test_a_new_version_under_a_new_headline_is_a_copy() -> None:
    """Both headlines are of words that stand in the text."""
    title, text = REPORTS[0]
    furniture = FURNITURE["cookie notice"]
    again = page("again", "Coast guard questions captain in harbour", f"{text} {furniture}", day=1)
    found = verdicts([page("first", title, f"{text} {furniture}"), again])
    assert found["again"].duplicate_of == "first"


@pytest.mark.parametrize("titles", [PAGES, [f"Bulletin {at}" for at in range(7)]], ids=["of words", "numbered"])
@pytest.mark.parametrize("furniture", FURNITURE)
def test_one_page_under_every_title_is_no_copy(furniture: str, titles: Sequence[str]) -> None:
    """Such pages are known by the fourth: three could be one text that a house prints under new headlines."""
    stream = [page(f"p{at}", title, FURNITURE[furniture], day=at / 10) for at, title in enumerate(titles)]
    said = list(verdicts(stream).values())
    assert [one.verdict for one in said[3:]] == ["original"] * (len(PAGES) - 3)
    assert not any(one.relations for one in said[3:])


def test_one_page_under_every_title_is_a_copy_where_its_headlines_tell_nothing() -> None:
    text = FURNITURE["cookie notice"]
    same = verdicts([page(f"p{at}", "Please choose your cookies", text) for at in range(6)])
    houses = verdicts([page(f"p{at}", title, text, house=f"h{at}") for at, title in enumerate(PAGES)])
    unknown = verdicts([article(f"p{at}", text, title) for at, title in enumerate(PAGES)])
    two = verdicts([page(f"p{at}", PAGES[at == 5], text, day=at / 10) for at in range(6)])
    for found in (same, houses, unknown, two):
        assert [one.verdict for one in found.values()][1:] == ["exact"] * (len(found) - 1)


def test_a_report_that_a_house_prints_again_and_again_is_a_copy_each_time() -> None:
    """Its headlines differ, but all are of words that stand in it."""
    text = " ".join(text for _, text in REPORTS)
    stream = [page(f"p{at}", title, text, day=at / 10) for at, (title, _) in enumerate(REPORTS)]
    assert [one.verdict for one in verdicts(stream).values()] == ["original", *["exact"] * 5]


def test_reports_that_do_not_speak_of_their_headlines_are_told_apart_by_the_fourth() -> None:
    """Headlines like puns: nothing of them stands in the text, so only counting helps."""
    furniture = FURNITURE["donation appeal"]
    stream = [
        page(f"p{at}", title, f"{text} {furniture}", day=at / 10)
        for at, ((_, text), title) in enumerate(zip(REPORTS, PAGES, strict=False))
    ]
    said = list(verdicts(stream).values())
    assert [one.verdict for one in said] == ["original", "near", "near", "original", "original", "original"]
    # A copy of such a report is found by what is not furniture.
    copy = page("copy", "Aground", stream[-1].text, day=1)
    assert verdicts([*stream, copy])["copy"].duplicate_of == stream[-1].id


@pytest.mark.parametrize("furniture", FURNITURE)
def test_where_headlines_cannot_tell_the_other_text_does(furniture: str) -> None:
    """Pages under one headline are told apart by the fourth, when each has a text of its own."""
    stream = [
        page(f"p{at}", f"News in brief {at}", f"{text} {FURNITURE[furniture]}", day=at / 10)
        for at, (_, text) in enumerate(REPORTS)
    ]
    said = list(verdicts(stream).values())
    assert [one.verdict for one in said] == ["original", "near", "near", "original", "original", "original"]


def test_a_text_that_is_brought_up_to_date_again_and_again_is_a_copy_each_time() -> None:
    """Under one headline; each version keeps what was new in the one before it."""
    background = FURNITURE["donation appeal"] + FURNITURE["about the author"]
    texts = [text for _, text in REPORTS]
    stream = [
        page(f"p{at}", "What we know so far", f"{texts[at + 1]} {texts[at]} {background}", day=at / 10)
        for at in range(5)
    ]
    assert all(one.duplicate_of for name, one in verdicts(stream).items() if name != "p0")


def test_a_text_that_is_touched_again_and_again_is_a_copy_each_time() -> None:
    """Numbered headlines cannot tell, and a word is no text of its own."""
    words = FURNITURE["donation appeal"].split()
    stream = [
        page(f"p{at}", f"Support for news {at}", " ".join([*words[: 9 * at], "touched", *words[9 * at + 1 :]]))
        for at in range(5)
    ]
    stream.append(page("p5", "Support for news 5", " ".join(words)))
    assert [one.verdict for one in verdicts(stream).values()] == ["original", *["near"] * 5]


def test_furniture_is_forgotten_with_the_articles_that_carry_it() -> None:
    stream = [page(f"p{at}", title, FURNITURE["cookie notice"], day=2 * at) for at, title in enumerate(PAGES)]
    assert verdicts(stream[:4])["p3"].verdict == "original"
    later = [page(f"q{at}", title, FURNITURE["cookie notice"], day=60 + at) for at, title in enumerate(PAGES[:3])]
    assert [verdicts([*stream, *later])[f"q{at}"].verdict for at in range(3)] == ["original", "exact", "exact"]


@pytest.mark.parametrize("seed", range(3))
def test_a_restored_state_knows_the_same_furniture(seed: int) -> None:
    stream = [one for name in FURNITURE for one in pages(name, house=name)]
    stream += [page(f"c{at}", title, FURNITURE["live header"]) for at, title in enumerate(PAGES)]
    stream = [msgspec.structs.replace(one, id=f"{at}") for at, one in enumerate(stream)]
    random.Random(seed).shuffle(stream)
    cut = len(stream) // 2
    state = STAGE.fresh()
    records = compacted(decided(STAGE, state, stream[:cut]))
    random.Random(seed).shuffle(records)
    after = decided(STAGE, state, stream[cut:])
    assert told(decided(STAGE, restored(STAGE, records), stream[cut:])) == told(after)


@pytest.mark.parametrize("form", FORMS)
def test_reports_with_other_names_in_the_same_words_are_no_copies(form: str) -> None:
    title, text, one, two = FORMS[form]
    first, second = (page(name, title.format(*n), text.format(*n)) for name, n in (("a", one), ("b", two)))
    assert alike(first, second)
    for stream in ([first, second], [second, first]):
        assert not any(verdict.relations for verdict in verdicts(stream).values())
    # It is the names: a copy under another headline is found, whether or not they are in it.
    headline = "What readers should know"
    assert (
        verdicts([first, page("c", headline, first.text.replace(". ", ", we hear. ", 1))])["c"].duplicate_of == "a"
    )
