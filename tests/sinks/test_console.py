"""The lines that people watch."""

import io
import json
import os
import re
import subprocess
import sys
from datetime import datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.console import ConsoleSink
from sinks.lines import Headlines, lines, percent, printable, short
from streams.messages import Alarm, Evidence, Verdict
from tests.builders import article, copy_of, joined, revision_of, state, update
from tests.conftest import ROOT
from tests.sinks.world import SOURCE, deliver

NOON = datetime(2026, 3, 1, 10, 42, 7, tzinfo=timezone(timedelta(hours=1)))
STRIKES = "ST-3f2a90c1d2e4"

first = update(
    article("a1", title="Russia launches air strikes in Syria", source="BBC"),
    STRIKES,
    changed=[state(STRIKES, 1, title="Russia launches air strikes in Syria")],
)
second = update(
    article("a2", title="Russian jets hit targets near Homs", source="Reuters"),
    STRIKES,
    evidence=joined(STRIKES, "a1"),
    changed=[state(STRIKES, 3, title="Russia launches air strikes in Syria", articles=3, sources=2)],
)
copied = update(
    article("a3", title="Russian jets hit Homs", source="AP"),
    STRIKES,
    copy_of("a2", jaccard=0.931),
    Evidence(reason="copy", threshold=1.25, follows="a2"),
    changed=[state(STRIKES, 4, articles=4, sources=3)],
)
merged = update(
    article("a4", title="Moscow strikes", source="DW"),
    "ST-b",
    evidence=joined("ST-b", "a2"),
    changed=[state("ST-b", 5, title="Moscow’s war", articles=6, sources=4)],
    merged=[(STRIKES, "ST-b")],
)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def told(*updates, stream=None, **options) -> str:
    stream = stream or io.StringIO()
    sink = ConsoleSink(stream, now=lambda: NOON, **options)
    deliver(sink, *updates)
    sink.close()
    return stream.getvalue()


def test_a_story_can_be_watched_growing():
    assert told(first, second, copied, merged) == (
        "10:42:07  new      ST-3f2a90c1d…  Russia launches air strikes in Syria   BBC\n"
        "10:42:07  grows    ST-3f2a90c1d…  3 articles, 2 outlets   Reuters: “Russian jets hit targets near Homs”\n"
        "10:42:07  copy     ST-3f2a90c1d…  “Russian jets hit Homs” (AP) copies "
        "“Russian jets hit targets near Homs” (Reuters), 93 % alike\n"
        "10:42:07  grows    ST-b           6 articles, 4 outlets   DW: “Moscow strikes”\n"
        "10:42:07  merge    ST-3f2a90c1d…  into ST-b  “Moscow’s war”\n"
    )


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (
            copy_of("a2", "exact", 1.0, 1.0),
            "“T” (AP) repeats “Russian jets hit targets near Homs” (Reuters) word for word",
        ),
        (
            copy_of("a2", "excerpt", 0.2, 0.88),
            "is an excerpt of “Russian jets hit targets near Homs” (Reuters), 88 % of it",
        ),
        (copy_of("forgotten"), "copies forgotten, 93 % alike"),
        (
            Verdict(verdict="near", duplicate_of="a2", family="a2"),
            "copies “Russian jets hit targets near Homs” (Reuters)\n",
        ),
    ],
)
def test_a_copy_is_told_by_how_it_copies(verdict, words):
    evidence = Evidence(reason="copy", threshold=1.25, follows="a2")
    copy = update(article("a9", title="T", source="AP"), STRIKES, verdict, evidence)
    assert words in told(first, second, copy)


def test_a_revision_is_told_and_a_sighting_is_not():
    kept = Evidence(reason="revision", threshold=1.25)
    revised = update(article("a1", title="Now with detail", source="BBC"), STRIKES, revision_of("a1"), kept)
    seen = Verdict(verdict="sighting", family="a1")
    sighting = update(article("a1"), STRIKES, seen, Evidence(reason="sighting", threshold=1.25))
    assert told(revised, sighting) == "10:42:07  revised  ST-3f2a90c1d…  BBC: “Now with detail”\n"


def test_a_copy_whose_original_is_unknown_still_opens_its_story():
    text = told(update(article("a9", title="T", source="AP"), "S9", copy_of("gone")))
    assert [line.split()[1] for line in text.splitlines()] == ["new", "copy"]


def test_json_lines_carry_the_figures():
    records = [json.loads(line) for line in told(first, second, copied, merged, log_format="json").splitlines()]
    assert [record["event"] for record in records] == ["new", "grows", "copy", "grows", "merge"]
    assert records[0]["time"] == "2026-03-01T10:42:07+01:00"
    assert records[1] | {"articles": 3, "sources": 2, "article": "a2", "story": STRIKES} == records[1]
    assert records[2] | {"duplicate_of": "a2", "verdict": "near", "jaccard": 0.931} == records[2]
    assert records[4] | {"story": STRIKES, "into": "ST-b"} == records[4]


def test_a_pipe_gets_whole_lines_without_colour():
    long = update(article("a1", title="x" * 300))
    text = told(long)
    assert "\x1b" not in text
    assert "x" * 300 in text
    assert text.count("\n") == 1


def test_a_terminal_gets_colour_and_lines_that_fit(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    long = update(article("a1", title="x" * 300))
    text = told(long, first, stream=Terminal())
    assert "\x1b[" in text
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()
    assert len(plain) == 2
    assert max(map(len, plain)) <= 60
    assert plain[0].endswith("…")


def test_a_headline_cannot_steer_the_terminal():
    evil = "Win\x1b[2J\x1b]0;pwned\x07 \u202ebig\nnow\u2028!"
    text = told(update(article("a1", title=evil, source="\x1b[31mOutlet")))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert text.count("\n") == 1
    assert "Win[2J]0;pwned big now !" in text


@given(st.text())
def test_printable_text_has_no_control_characters_and_stays_so(text):
    shown = printable(text)
    assert all(c.isprintable() or c in "\u200c\u200d" for c in shown)
    assert printable(shown) == shown


@given(st.floats(0, 1))
def test_only_the_whole_is_a_hundred_per_cent(share):
    assert (percent(share) == "100 %") == (share == 1)


def test_the_beginning_of_an_id_that_is_shown_is_one_that_commands_accept():
    assert short("a" * 40) == "a" * 12 + "…"
    assert short("ecb-1_10.txt") == "ecb-1_10.txt"


def test_memory_of_headlines_is_bounded_and_the_forgotten_are_told_by_id():
    headlines = Headlines(limit=2)
    for n in range(4):
        lines(update(article(f"a{n}")), headlines)
    assert headlines.tell("a3") == "“Headline of a3” (The Example)"
    assert headlines.tell("a0") == "a0"


def test_a_stream_that_knows_few_letters_gets_what_it_can_take():
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    sink = ConsoleSink(stream, now=lambda: NOON)
    deliver(sink, update(article("a1", title="Путин")))
    assert b"?????" in raw.getvalue()


def test_nobody_reading_is_one_clear_error():
    code = """if True:
        from sinks.base import SinkError
        from sinks.console import ConsoleSink
        from tests.builders import article, update
        from tests.sinks.world import deliver
        import sys
        try:
            deliver(ConsoleSink(), update(article()))
        except SinkError as error:
            sys.exit(str(error))
    """
    read_end, write_end = os.pipe()
    os.close(read_end)
    with os.fdopen(write_end, "wb") as nobody:
        done = subprocess.run([sys.executable, "-c", code], stdout=nobody, stderr=subprocess.PIPE, cwd=ROOT)
    assert done.stderr.decode() == "console: nobody reads the output any more; start again, or drop this sink\n"


def test_it_leaves_its_position_to_the_group():
    assert ConsoleSink(io.StringIO()).resume(SOURCE, [0, 3]) == {0: None, 3: None}


def test_a_size_alarm_is_told_by_the_storys_title():
    alarm = Alarm(story=STRIKES, independent_texts=40, coherence=0.5812, least=0.7)
    alarmed = msgspec.structs.replace(second, alarms=(alarm,))
    line = told(first, alarmed).splitlines()[-1]
    assert "  alarm    ST-3f2a90c1d…  “Russia launches air strikes in Syria” is likely several events: " in line
    assert line.endswith("40 texts, less alike (0.58) than those of one event (0.70)")
    event = json.loads(told(first, alarmed, log_format="json").splitlines()[-1])
    assert (event["event"], event["story"], event["independent_texts"]) == ("alarm", STRIKES, 40)
