"""Two runs compared: which stories were split, merged, mixed anew."""

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.exits import UserError
from service.predictions import read_predictions
from service.rendering import terminal
from service.show_changes import changes_json, print_changes
from service.story_changes import compare

Stories = dict[str, str | None]


def stories(text: str) -> Stories:
    """`ab c` are two stories, one of a and b, one of c."""
    return {article: group for group in text.split() for article in group}


def kinds(old: str, new: str) -> list[tuple[str, list[str]]]:
    return [(change.kind, list(change.moved)) for change in compare(stories(old), stories(new)).changes]


def test_a_split_a_merger_and_a_move_are_told_apart() -> None:
    assert kinds("abc", "ab c") == [("split", ["c"])]
    assert kinds("ab c", "abc") == [("merged", ["c"])]
    assert kinds("abc def", "ab cdef") == [("moved", ["c"])]
    assert kinds("abc de f", "abc de f") == []


def test_the_largest_share_of_a_story_stays_and_the_rest_moves() -> None:
    assert kinds("abcde", "a bcde") == [("split", ["a"])]
    assert kinds("ab cd", "ac bd") == [("moved", ["b", "c"])]


def test_unlike_ids_for_the_same_articles_are_no_change() -> None:
    found = compare({"a": "S1", "b": "S1", "c": None}, {"a": "T9", "b": "T9", "c": "T1"})
    assert (found.changes, found.same) == ([], 2)


def test_articles_that_only_one_file_knows_are_counted_and_left_out() -> None:
    found = compare(stories("abx c"), stories("ab cyz"))
    assert (found.changes, found.same, found.only_old, found.only_new) == ([], 2, 1, 2)


PARTITIONS = st.dictionaries(st.sampled_from("abcdefghij"), st.sampled_from(["1", "2", "3", "4", None]))


@given(PARTITIONS, PARTITIONS)
def test_every_common_article_is_in_one_change_or_unchanged(old: Stories, new: Stories) -> None:
    found = compare(old, new)
    before = [article for change in found.changes for group in change.old for article in group.articles]
    after = [article for change in found.changes for group in change.new for article in group.articles]
    assert sorted(before) == sorted(after)
    assert len(set(before)) == len(before)
    assert set(before) <= old.keys() & new.keys()
    assert all(change.moved and set(change.moved) <= set(before) for change in found.changes)


@given(PARTITIONS, PARTITIONS)
def test_backwards_a_split_is_a_merger(old: Stories, new: Stories) -> None:
    there, back = compare(old, new), compare(new, old)
    assert there.same == back.same
    turned = {"split": "merged", "merged": "split", "moved": "moved"}
    assert sorted(turned[one.kind] for one in there.changes) == sorted(one.kind for one in back.changes)


@given(PARTITIONS)
def test_nothing_changes_against_itself(of: Stories) -> None:
    assert compare(of, of).changes == []


def test_changes_are_shown_with_titles_where_they_are_known() -> None:
    found = compare(stories("abc d"), stories("ab c d"))
    stream = io.StringIO()
    print_changes(found, {"a": "Fire in the harbour " * 20}, terminal(stream, 100))
    shown = stream.getvalue()
    assert shown.startswith("stories: 1 as they were, 1 split, 0 merged into one, 0 mixed anew\n")
    assert "-    3  “Fire in the harbour" in shown
    assert "+    1  c\n" in shown
    assert max(map(len, shown.splitlines())) <= 100
    assert changes_json(found, {"a": "Fire"})["changes"][0]["old"][0]["articles"][0] == {
        "id": "a",
        "title": "Fire",
    }


def test_predictions_are_read_and_what_is_none_is_refused_at_its_place(tmp_path: Path) -> None:
    file = tmp_path / "p.jsonl"
    file.write_text(
        json.dumps({"id": "a", "story": "S", "verdict": "original"}) + "\n" + '{"id": "b", "story": null}\n'
    )
    assert read_predictions(file) == {"a": "S", "b": None}
    file.write_text('{"id": "a", "story": "S"}\n{"id": "b"}\n')
    with pytest.raises(UserError, match=r"p\.jsonl:2: is no prediction .*--out"):
        read_predictions(file)
    with pytest.raises(UserError, match="cannot be read"):
        read_predictions(tmp_path / "none.jsonl")
