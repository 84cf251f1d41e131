"""The files of the JSONL sink: what they hold, how they are named, and what a death may leave of them."""

import json
import os
import signal
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.base import SinkDown, SinkError
from sinks.jsonl import JsonlSink
from sinks.loop import SinkLoop
from sinks.open import open_sink
from sinks.segments import SegmentName, recover
from streams.messages import Decoder, StoryUpdate
from tests.builders import Wire, article, update
from tests.sinks.kinds import JSONL, segments
from tests.sinks.world import LANGS, SOURCE, TOPICS, WORKER, at, deliver, new_log, put
from tests.streams.processes import forked

offsets = st.integers(0, 10**13)


def sink_in(folder: Path, **options) -> JsonlSink:
    return JsonlSink("jsonl-test", folder / "stories", **options)


def names(folder: Path) -> list[str]:
    """The files of segments, finished or not."""
    return sorted(path.name for path in (folder / "stories").glob("stories-*"))


@given(st.integers(0, 9_999), offsets, offsets, st.none() | st.integers(1, 10**12))
def test_a_name_says_what_it_was_made_of(partition, first, last, size):
    name = SegmentName(partition, first, last, size)
    assert SegmentName.parse(str(name)) == name


@pytest.mark.parametrize("name", ["stories-p000.tmp", "notes.jsonl", "stories-p000-1-2.jsonl.gz", "source.json"])
def test_other_files_in_the_folder_are_left_alone(tmp_path, name):
    assert SegmentName.parse(name) is None
    (tmp_path / name).write_text("mine")
    recover(tmp_path, 1)
    assert (tmp_path / name).read_text() == "mine"


def test_each_line_is_the_whole_update(tmp_path):
    updates = list(Wire(3).updates(50))
    sink = sink_in(tmp_path)
    deliver(sink, *updates, batch=7)
    sink.close()
    (path,) = segments(tmp_path)
    decode = Decoder(StoryUpdate)
    assert [decode(line) for line in path.read_bytes().splitlines()] == updates
    assert not any({"offset", "partition", "trace"} & json.loads(line).keys() for line in path.open())


def test_flushes_append_to_one_open_segment_whose_name_says_what_counts(tmp_path):
    sink = sink_in(tmp_path)
    deliver(sink, *Wire(3).updates(50), batch=10)
    (name,) = names(tmp_path)
    size = (tmp_path / "stories" / name).stat().st_size
    assert name == f"stories-p000-000000000000-000000000049.{size}.part"
    sink.close()
    assert names(tmp_path) == ["stories-p000-000000000000-000000000049.jsonl"]


def test_segments_are_finished_at_their_size_and_follow_one_another_without_a_gap(tmp_path):
    sink = sink_in(tmp_path, segment_bytes=5_000)
    deliver(sink, *Wire(3).updates(100), batch=5)
    sink.close()
    found = [SegmentName.parse(path.name) for path in segments(tmp_path)]
    assert len(found) > 5
    assert found[0].first == 0
    assert found[-1].last == 99
    assert all(after.first == before.last + 1 for before, after in pairwise(found))
    assert all(path.stat().st_size >= 5_000 for path in segments(tmp_path)[:-1])


def test_an_old_segment_is_finished_though_nothing_comes_any_more(tmp_path):
    time = 0.0
    sink = sink_in(tmp_path, segment_seconds=60, clock=lambda: time)
    deliver(sink, update(article()))
    time = 59.0
    sink.flush({})
    assert not segments(tmp_path)
    time = 60.0
    sink.flush({})
    assert [path.name for path in segments(tmp_path)] == ["stories-p000-000000000000-000000000000.jsonl"]


def test_what_a_death_left_behind_the_last_flush_is_cut_off(tmp_path):
    sink = sink_in(tmp_path)
    deliver(sink, *Wire(3).updates(10))
    (name,) = names(tmp_path)
    with (tmp_path / "stories" / name).open("ab") as file:
        file.write(b'{"half of a li')
    (tmp_path / "stories" / "stories-p000.tmp").write_text("never flushed")
    assert recover(tmp_path / "stories", 0) == 10
    (path,) = [tmp_path / "stories" / name for name in names(tmp_path)]
    assert path.name == "stories-p000-000000000000-000000000009.jsonl"
    assert [json.loads(line)["article"]["id"] for line in path.open()][-1] == "en-a00009"
    assert path.read_bytes().endswith(b"}\n")


def test_a_segment_that_the_disk_has_shortened_is_reported_and_not_passed_off_as_whole(tmp_path):
    sink = sink_in(tmp_path)
    deliver(sink, *Wire(3).updates(10))
    (name,) = names(tmp_path)
    os.truncate(tmp_path / "stories" / name, 100)
    with pytest.raises(SinkError, match=rf"{name} is shorter than its name says.*delete it"):
        sink.resume(SOURCE, [0])


def run_dying_at(folder: Path, event: str, count: int) -> None:
    """Feed the sink, and die at a system call: the hook is called right before it happens."""
    left = count

    def hook(name: str, arguments: tuple) -> None:
        nonlocal left
        if name == event and "stories-p" in str(arguments[0]):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    SinkLoop(new_log(folder), JSONL.open(folder), TOPICS, WORKER).drain()


@pytest.mark.parametrize("event", ["os.rename", "open"])
def test_killed_right_before_any_file_operation_no_line_is_lost_or_twice(tmp_path, event):
    log = new_log(tmp_path)
    put(log, Wire(5, LANGS).updates(200))
    other = tmp_path / "undisturbed"
    other.mkdir()
    JSONL.feed(log, other)
    deaths = 0
    for count in range(1, 12):
        with forked(run_dying_at, tmp_path, event, count) as process:
            process.join(20)
            deaths += process.exitcode == -signal.SIGKILL
    assert deaths >= 3
    JSONL.feed(log, tmp_path)
    assert JSONL.dump(tmp_path) == JSONL.dump(other)
    assert sum(map(len, JSONL.dump(other).values())) == 200


def test_a_folder_that_vanishes_is_a_sink_that_is_down_and_back_when_the_folder_is(tmp_path):
    sink = sink_in(tmp_path)
    deliver(sink, update(article("a1")))
    moved = (tmp_path / "stories").rename(tmp_path / "away")
    sink.add([at(1, update(article("a2")))])
    with pytest.raises(SinkDown, match=r"jsonl:.*stories: No such file"):
        sink.flush({0: 2})
    moved.rename(tmp_path / "stories")
    assert sink.resume(SOURCE, [0]) == {0: 1}


def test_two_processes_cannot_write_one_folder(tmp_path):
    first = sink_in(tmp_path)
    with pytest.raises(SinkError, match="another process writes there; end it, or name another folder"):
        sink_in(tmp_path)
    first.close()
    sink_in(tmp_path).close()


def test_a_folder_that_cannot_be_written_is_named_with_the_remedy(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(
        SinkError, match=r"jsonl:.*/file/stories: cannot write there \(Not a directory\); name a folder"
    ):
        open_sink(f"jsonl:{tmp_path}/file/stories")


def test_a_damaged_note_of_its_source_is_reported(tmp_path):
    sink = sink_in(tmp_path)
    (tmp_path / "stories" / "source.json").write_text("{")
    with pytest.raises(SinkError, match=r"source.json is damaged .* move the folder away"):
        sink.resume(SOURCE, [0])
