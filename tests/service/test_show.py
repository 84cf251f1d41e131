"""What people and programs are shown.

The expected pages stand in `snapshots/`; `STORYWIRE_TEST_SNAPSHOTS=write` writes them anew, to be read before they
are committed.
"""

import io
import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from service import show
from service.reading import Reader
from service.rendering import lapse, terminal
from service.show_stories import folded
from streams.messages import Evidence
from tests.builders import START, Wire, article, copy_of, joined, state, update
from tests.service.story_database import GONE, STRIKES, newsroom

SNAPSHOTS = Path(__file__).parent / "snapshots"

PAGES = {
    "stories": lambda reader, console: show.print_stories(reader.stories(), console),
    "story": lambda reader, console: show.print_story(reader.story(GONE), console),
    "explain-joined": lambda reader, console: show.print_explain(reader.explain("a2"), console),
    "explain-copy": lambda reader, console: show.print_explain(reader.explain("a3"), console),
    "explain-opened": lambda reader, console: show.print_explain(reader.explain("a1"), console),
    "pair-together": lambda reader, console: show.print_pair(reader.explain_pair("a1", "a2"), console),
    "pair-apart": lambda reader, console: show.print_pair(reader.explain_pair("t1", "a2"), console),
    "replay": lambda reader, console: show.print_replay(reader, console),
}


@pytest.fixture
def reader(tmp_path):
    reader = newsroom(tmp_path)
    yield reader
    reader.close()


def page(name: str, reader: Reader, width: int) -> str:
    stream = io.StringIO()
    PAGES[name](reader, terminal(stream, width))
    return stream.getvalue()


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("name", PAGES)
def test_pages_look_as_they_did(reader, name, width):
    shown = page(name, reader, width)
    snapshot = SNAPSHOTS / f"{name}-{width}.txt"
    if os.environ.get("STORYWIRE_TEST_SNAPSHOTS") == "write":
        SNAPSHOTS.mkdir(exist_ok=True)
        snapshot.write_text(shown)
    assert shown == snapshot.read_text()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=st.text(min_size=1, max_size=80), source=st.text(max_size=60), width=st.sampled_from([60, 80, 120]))
def test_no_line_is_wider_than_the_terminal_whatever_the_headline(tmp_path_factory, title, source, width):
    updates = [
        update(article("a1", title=title, source=source), "S1", changed=[state("S1", 2, title=title)]),
        update(article("a2", title=title * 3, source=source), "S1", copy_of("a1"), joined("S1", "a1")),
        update(article("a3", title="俄罗斯" * 40, source="新华社" * 9), "S1", evidence=joined("S1", "a2")),
        update(article("t1", title=title), "S2", changed=[state("S2", 1, title=title)], merged=[(GONE, "S1")]),
    ]
    reader = newsroom(tmp_path_factory.mktemp("news"), updates)
    for name in PAGES:
        shown = page(name, reader, width)
        assert "\x1b" not in shown
        assert max(map(cell_len, shown.split("\n"))) <= width, name


def test_brackets_in_headlines_are_text_and_no_markup(reader):
    assert "[bold]Moscow[/bold]" in page("story", reader, 120)


def test_a_terminal_gets_colour_and_a_pipe_none(reader, monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for stream, coloured in ((Terminal(), True), (io.StringIO(), False)):
        show.print_story(reader.story(STRIKES), terminal(stream))
        assert ("\x1b[" in stream.getvalue()) is coloured


def test_a_pipe_is_no_narrow_terminal(reader):
    stream = io.StringIO()
    show.print_story(reader.story(STRIKES), terminal(stream))
    assert "└ excerpt, 88 % of it: Russian jets hit Homs: the short version\n" in stream.getvalue()
    assert not re.search(" \n", stream.getvalue())


def test_an_empty_database_says_so(tmp_path):
    reader = newsroom(tmp_path, [])
    assert page("stories", reader, 80) == "No stories here.\n"
    assert page("replay", reader, 80) == "0 articles, 0 stories, 0 duplicates\n"
    assert show.replay_result(reader) == {"stories": [], "duplicates": []}


def test_replay_result_is_exactly_what_is_promised(reader):
    result = show.replay_result(reader)
    assert result["stories"][0] == {
        "id": STRIKES,
        "title": "Russia launches air strikes in Syria",
        "articles": ["a1", "a2", "a3", "a5", "a6", "a4"],
        "sources": 5,
        "independent_texts": 3,
        "first_published": "2015-09-30T12:00:00Z",
        "last_published": "2015-09-30T21:00:00Z",
    }
    assert len(result["stories"]) == 2
    near = {"id": "a3", "duplicate_of": "a2", "family": "a2", "verdict": "near"}
    assert result["duplicates"][0] == near | {"jaccard": 0.9312, "containment": 0.97}
    assert [each["verdict"] for each in result["duplicates"]] == ["near", "excerpt", "exact"]


def test_undated_stories_have_null_times(tmp_path):
    undated = state("S1", first_published=None, last_published=None)
    reader = newsroom(tmp_path, [update(article("a1", published=None), changed=[undated])])
    (story,) = show.replay_result(reader)["stories"]
    assert (story["first_published"], story["last_published"]) == (None, None)
    assert "undated" in page("replay", reader, 80)


def test_stories_json_has_the_promised_keys(reader):
    (first, _) = show.stories_json(reader.stories())["stories"]
    assert list(first) == [
        "id",
        "title",
        "articles",
        "sources",
        "independent_texts",
        "first_published",
        "last_published",
        "names",
        "terms",
        "first",
        "alarmed",
    ]
    assert first["articles"] == 6
    assert (first["names"], first["terms"]) == (["Homs", "Syria"], ["strikes", "jets"])
    assert first["first"] == {"id": "a1", "source": "BBC"}


def test_story_json_has_the_timeline(reader):
    story = show.story_json(reader.story(STRIKES))
    assert story["articles"] == len(story["timeline"]) == 6
    assert story["timeline"][0] | {"id": "a1", "published": "2015-09-30T12:00:00Z"} == story["timeline"][0]
    assert story["timeline"][2] | {"duplicate_of": "a2", "jaccard": 0.9312} == story["timeline"][2]


def test_explain_json_has_text_and_story(reader):
    told = show.explain_json(reader.explain("a3"))
    assert list(told) == ["text", "story"]
    assert told["text"]["verdict"] == "near"
    assert told["text"]["duplicate_of"] == {
        "id": "a2",
        "title": "Russian jets hit targets near Homs, officials say",
        "source": "Reuters",
    }
    assert (
        told["text"]["relations"][0] | {"id": "a2", "kind": "near", "jaccard": 0.9312}
        == told["text"]["relations"][0]
    )
    assert told["story"] | {"id": STRIKES, "reason": "copy", "follows": "a2"} == told["story"]
    joined_story = show.explain_json(reader.explain("a2"))["story"]
    assert (joined_story["score"], joined_story["threshold"]) == (2.31, 1.25)
    assert joined_story["best"]["members"][0]["title"] == "Russia launches air strikes in Syria"
    assert joined_story["runner_up"]["title"] == "Leaders meet in New York to talk about Syria"
    json.dumps(told)


def test_an_article_without_evidence_is_explained(tmp_path):
    reader = newsroom(tmp_path, [update(article("a1"), None)])
    assert show.explain_json(reader.explain("a1"))["story"] is None
    stream = io.StringIO()
    show.print_explain(reader.explain("a1"), terminal(stream))
    assert "In no story" in stream.getvalue()


def test_confidence_and_doubt_are_told_where_they_are_known(tmp_path):
    sure = msgspec.structs.replace(joined("S1", "a1"), confidence=0.914)
    close = msgspec.structs.replace(joined("S1", "a1"), confidence=0.55, doubtful=True)
    updates = [
        update(article("a1"), changed=[state("S1")]),
        update(article("a2"), evidence=sure),
        update(article("a3"), evidence=close),
    ]
    reader = newsroom(tmp_path, updates)
    shown = {}
    for id in ("a1", "a2", "a3"):  # noqa: A001
        stream = io.StringIO()
        show.print_explain(reader.explain(id), terminal(stream, 80))
        shown[id] = stream.getvalue()
    assert "Confidence" not in shown["a1"]
    assert "  Confidence 91 %.\n" in shown["a2"]
    assert "  Confidence 55 %: a close decision.\n" in shown["a3"]
    told = show.explain_json(reader.explain("a3"))["story"]
    assert (told["confidence"], told["doubtful"]) == (0.55, True)


def test_the_part_that_decided_and_what_is_usual_are_told_where_there_is_enough(tmp_path):
    near = msgspec.structs.replace(joined("S1", "a1", -2.0).best, score=-2.0)
    refused = Evidence(reason="opened", threshold=1.25, best=near)
    updates = [update(article(f"j{number}"), "S1", evidence=joined("S1", "a1")) for number in range(6)]
    updates += [update(article(f"o{number}"), f"S{number}", evidence=refused) for number in range(6)]
    reader = newsroom(tmp_path, updates)
    stream = io.StringIO()
    show.print_explain(reader.explain("j1"), terminal(stream, 80))
    assert "What decided: dense, +3.50, where stories that are refused have -1.00." in stream.getvalue()
    assert re.search(r"dense +\+3.50 +\+3.50 +-1.00\n", stream.getvalue())
    told = show.explain_json(reader.explain("o1"))["story"]
    assert told["decided"] == "What decided: dense, -1.00, where stories that are joined have +3.50."
    assert told["usual"]["joined"]["dense"] == 3.5


def test_the_parts_and_the_intercept_add_up_to_the_score(reader):
    shown = page("explain-joined", reader, 80)
    figures = [
        float(x) for x in re.findall(r"^  (?:dense|sparse|names|time|intercept) +([+-][\d.]+)", shown, re.M)
    ]
    (score,) = re.findall(r"^  score +([\d.]+)", shown, re.M)
    assert sum(figures) == pytest.approx(float(score), abs=0.03)


def test_a_runner_up_that_was_good_enough_is_told_as_such(tmp_path):
    evidence = joined("S1", "a1", 2.5)
    second = msgspec.structs.replace(evidence.best, story="S2", score=2.0)
    updates = [update(article("a2"), "S1", evidence=msgspec.structs.replace(evidence, runner_up=second))]
    stream = io.StringIO()
    show.print_explain(newsroom(tmp_path, updates).explain("a2"), terminal(stream))
    assert "Runner-up: S2, score 2.00, enough, but not the best" in stream.getvalue()


def test_a_copy_of_an_article_in_another_story_is_not_hidden(tmp_path):
    updates = [
        update(article("a1"), "S1", changed=[state("S1")]),
        update(article("a2"), "S2", copy_of("a1"), changed=[state("S2")]),
        update(article("a3"), "S2", copy_of("a1"), Evidence(reason="copy", threshold=1.25, follows="a2")),
    ]
    stream = io.StringIO()
    show.print_story(newsroom(tmp_path, updates).story("S2"), terminal(stream))
    assert "copies an article outside this story: Headline of a2" in stream.getvalue()
    assert "└ 93 % alike: Headline of a3" in stream.getvalue()


def test_a_timeline_shows_every_article_once_however_families_lie(tmp_path):
    reader = newsroom(tmp_path, list(Wire(9).updates(300)))
    for found in reader.coverage():
        shown = [m.article.id for head, copies in folded(found.members) for m in (head, *copies)]
        assert sorted(shown) == sorted(member.article.id for member in found.members)


@pytest.mark.parametrize(
    ("span", "words"),
    [({"seconds": 20}, "<1 min"), ({"minutes": 12}, "12 min"), ({"hours": 3}, "3 h"), ({"days": 5}, "5 d")],
)
def test_spans_are_told_in_one_unit(span, words):
    assert lapse(timedelta(**span)) == lapse(-timedelta(**span)) == words


def test_json_is_the_same_under_any_hash_seed(tmp_path):
    code = """if True:
        import json, sys
        from pathlib import Path
        from service import show
        from tests.builders import Wire
        from tests.service.story_database import newsroom
        reader = newsroom(Path(sys.argv[1]), list(Wire(2, ("en", "de")).updates(150)))
        told = [show.replay_result(reader)]
        told += [show.explain_json(reader.explain(id)) for id in sorted(reader.article_ids())]
        print(json.dumps(told))
    """
    outputs = set()
    for seed in ("1", "2"):
        folder = tmp_path / seed
        folder.mkdir()
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        root = Path(__file__).parents[2]
        outputs.add(subprocess.check_output([sys.executable, "-c", code, folder], env=environment, cwd=root))
    assert len(outputs) == 1


def test_a_source_that_tells_only_the_day_is_shown_with_the_day(tmp_path):
    day = START.replace(hour=0)
    changed = [state("S1", first_published=day, last_published=day)]
    reader = newsroom(tmp_path, [update(article("a1", published=day, fetched=day), changed=changed)])
    stream = io.StringIO()
    show.print_story(reader.story("S1"), terminal(stream))
    assert "\n2015-09-30  S1\n" in stream.getvalue()
    assert "\n2015-09-30       The Example  Headline of a1\n" in stream.getvalue()


def test_who_had_it_first_is_told_where_it_is_known(tmp_path):
    def shown(**of: Any) -> str:
        stream, folder = io.StringIO(), tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        reader = newsroom(folder, [update(article("a1"), changed=[state("S1", 2, **of)])])
        show.print_story(reader.story("S1"), terminal(stream))
        return stream.getvalue()

    assert "\nfirst by The Example\n" in shown()
    assert "first by" not in shown(sources=1)
    assert "first by" not in shown(first_published=START.replace(hour=0))  # a date: nobody knows
    assert "first by" not in shown(first_published=None)


def test_published_and_seen_are_both_told(tmp_path):
    of = article("a1", published=START, fetched=START + timedelta(hours=9), published_claim="30 Feb")
    reader = newsroom(tmp_path, [update(of, changed=[state("S1")])])
    stream = io.StringIO()
    show.print_story(reader.story("S1"), terminal(stream))
    show.print_explain(reader.explain("a1"), terminal(stream))
    assert "2015-09-30 12:00  +9 h" in stream.getvalue()
    assert "published 2015-09-30 12:00 (its feed says 30 Feb), seen 2015-09-30 21:00 UTC" in stream.getvalue()


def test_a_story_that_raised_an_alarm_says_so(tmp_path):
    reader = newsroom(tmp_path, [update(article("a1"), changed=[state("S1", alarmed=40)])])
    stream = io.StringIO()
    show.print_story(reader.story("S1"), terminal(stream))
    assert (
        "likely several events: less alike than one event when it had 40 independent texts\n" in stream.getvalue()
    )
    assert show.story_json(reader.story("S1"))["alarmed"] == 40
