"""How two articles came together, from their story's evidence."""

import io

import pytest

from service.links import direct, in_order, links
from service.lookup import NotFound
from service.rendering import terminal
from service.show_pair import pair_json, print_pair
from streams.messages import Evidence
from tests.builders import article, copy_of, joined, opened, state, update
from tests.service.story_database import newsroom

FOLLOWS_B = Evidence(reason="copy", threshold=1.25, follows="b")


def ways(evidence: dict[str, Evidence], first: str, second: str) -> tuple[list[str], list[str], object]:
    found = links(evidence, first, second)
    return [step.to for step in found.first], [step.to for step in found.second], found.merged


def test_the_ways_end_where_they_meet() -> None:
    evidence = {"a": opened(), "b": joined("S", "a"), "c": joined("S", "b"), "d": joined("S", "a"), "e": FOLLOWS_B}
    assert ways(evidence, "a", "b") == ([], ["a"], None)
    assert ways(evidence, "a", "c") == ([], ["b", "a"], None)
    assert ways(evidence, "c", "d") == (["b", "a"], ["a"], None)
    assert ways(evidence, "c", "e") == (["b"], ["b"], None)


def test_two_stories_that_were_merged_are_two_trees() -> None:
    evidence = {"a": opened(), "b": joined("S", "a"), "x": opened(), "y": joined("T", "x")}
    assert ways(evidence, "b", "y") == (["a"], ["x"], ("a", "x"))
    assert ways(evidence, "a", "x") == ([], [], ("a", "x"))


def test_a_circle_and_a_forgotten_member_end_a_way() -> None:
    evidence = {"a": joined("S", "b"), "b": joined("S", "a"), "c": joined("S", "gone")}
    assert ways(evidence, "a", "c") == (["b"], ["gone"], ("b", "gone"))


def story(*updates, folder):
    """A reader of updates in one story S, told by its title."""
    first, *rest = updates
    changed = [state("S", 9, articles=len(updates))]
    return newsroom(folder, [update(article(first), "S", evidence=opened(), changed=changed), *rest])


def shown(reader, first, second):
    stream = io.StringIO()
    print_pair(reader.explain_pair(first, second), terminal(stream, 100))
    return " ".join(stream.getvalue().split())


def test_the_one_that_came_later_is_the_second_whatever_the_order(tmp_path):
    later = update(article("a", fetched=article().fetched), "S", evidence=joined("S", "b"))
    reader = story("b", later, folder=tmp_path)
    for asked in (("a", "b"), ("b", "a"), ("https://news.example/a", "b")):
        pair = reader.explain_pair(*asked)
        assert [pair.first.article.id, pair.second.article.id] == ["b", "a"]
        assert pair.texts[0].startswith("First paragraph of b")
    assert in_order(pair.first, pair.second) == (pair.first, pair.second)
    found = direct(pair.first, pair.second)
    assert found is not None
    assert (found.article, found.pair.id, found.pair.score) == ("a", "b", 2.5)


def test_articles_that_joined_one_by_the_other(tmp_path):
    reader = story("a", update(article("b"), "S", evidence=joined("S", "a")), folder=tmp_path)
    text = shown(reader, "a", "b")
    assert "Together in “Title of S”" in text
    assert "B joined by A." in text
    assert "Compared directly: 2.50; with the whole story 2.50, and 1.25 is enough" in text
    assert "Shared names: Syria, Russia" in text


def test_articles_that_came_together_through_others(tmp_path):
    rest = [
        update(article("b"), "S", evidence=joined("S", "a")),
        update(article("c"), "S", copy_of("b"), FOLLOWS_B),
        update(article("d"), "S", evidence=joined("S", "c", 1.5)),
    ]
    reader = story("a", *rest, folder=tmp_path)
    text = shown(reader, "a", "d")
    way = "B joined by “Headline of c” (The Example) (1.50) which copies “Headline of b” (The Example)"
    assert f"{way} which joined by A (2.50)" in text
    assert "Their own comparison is not kept" in text
    links_told = pair_json(reader.explain_pair("a", "d"))["story"]["links"]
    assert [step["to"] for step in links_told[1]] == ["c", "b", "a"]
    assert "B copies A, and a copy is where its original is." in shown(reader, "b", "c")


def test_articles_that_a_merge_brought_together(tmp_path):
    rest = [
        update(article("x"), "T", changed=[state("T", 1)]),
        update(article("y"), "T", evidence=joined("T", "x"), merged=[("T", "S")]),
    ]
    reader = story("a", *rest, folder=tmp_path)
    text = shown(reader, "a", "y")
    assert (
        "the two stories were found to be one and merged: · A opened its story · B joined by “Headline of x”"
        in text
    )
    assert pair_json(reader.explain_pair("a", "y"))["story"]["merged"] == ("a", "x")


def test_articles_apart_tell_what_the_other_story_lacked(tmp_path):
    best = joined("T", "x", 3.0)
    second = joined("S", "a", 0.5)
    evidence = Evidence(reason="joined", threshold=1.25, best=best.best, runner_up=second.best)
    rest = [update(article("x"), "T", changed=[state("T")]), update(article("y"), "T", evidence=evidence)]
    reader = story("a", *rest, folder=tmp_path)
    text = shown(reader, "a", "y")
    assert "Apart: A in “Title of S”" in text
    assert "B: the other’s story was the second nearest, 0.50, 0.75 short of 1.25; it lacked dense -2.50." in text
    assert "A: the other’s story was not among the two nearest, or not there yet." in text
    assert "Compared directly: 0.50" in text
    weighed = pair_json(reader.explain_pair("a", "y"))["story"]["weighed"]
    assert [each and each["story"] for each in weighed] == [None, "S"]


def test_articles_in_two_languages_never_meet(tmp_path):
    reader = story("a", update(article("d", lang="de"), "D", changed=[state("D")]), folder=tmp_path)
    assert "They are in two languages, and those never meet." in shown(reader, "a", "d")


def test_an_article_of_no_story_is_told_as_such(tmp_path):
    reader = story("a", update(article("n"), None), folder=tmp_path)
    assert "One of them is in no story" in shown(reader, "a", "n")


def test_one_article_is_no_pair_and_an_unknown_one_is_named(tmp_path):
    reader = story("a", folder=tmp_path)
    with pytest.raises(NotFound, match="the same article; name two"):
        reader.explain_pair("a", "https://news.example/a")
    with pytest.raises(NotFound, match="there is no article 'zz'"):
        reader.explain_pair("a", "zz")
