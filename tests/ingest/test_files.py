import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.files import FilesError, FromFiles, read_files, stamped
from ingest.language import Languages
from tests.builders import article

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
STORM = {"id": "s1", "title": "Storm", "text": "A storm.", "published": "2015-10-01"}


class Desk:
    """A folder of files to be read."""

    def __init__(self, folder: Path, languages: Languages) -> None:
        self.folder, self._languages = folder, languages

    def write(self, name: str, *lines: object) -> Path:
        path = self.folder / name
        text = "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
        return path

    def read(self, *paths: Path, published: datetime | None = None) -> FromFiles:
        return read_files(paths, published=published, now=NOW, default_lang="en", languages=self._languages)


@pytest.fixture
def desk(tmp_path: Path, languages: Languages) -> Desk:
    return Desk(tmp_path, languages)


def ids(found: FromFiles) -> list[str]:
    return [article.id for article in found.articles]


# --- JSONL ---------------------------------------------------------------------------------------------


def test_a_line_is_an_article_with_its_own_id(desk: Desk) -> None:
    line = STORM | {
        "source": "The Example",
        "url": "https://a.example/s",
        "lang": "xx",
        "story": "S",
        "extra": [1],
    }
    found = desk.read(desk.write("a.jsonl", line))
    (made,) = found.articles
    assert (made.id, made.title, made.text, made.lang) == ("s1", "Storm", "A storm.", "en")
    assert (made.source, made.url) == ("The Example", "https://a.example/s")
    assert made.published == made.fetched == datetime(2015, 10, 1, tzinfo=UTC)
    assert found.labels == {"s1": "S"}
    assert (found.lines, found.rejected, found.undated) == (["s1"], [], 0)


def test_a_compressed_file_is_read_like_any_other(desk: Desk) -> None:
    assert ids(desk.read(desk.write("a.jsonl.gz", STORM))) == ["s1"]


def test_what_a_file_holds_is_told_by_its_content_where_its_name_does_not(desk: Desk) -> None:
    assert ids(desk.read(desk.write("lines", STORM))) == ["s1"]
    assert desk.read(desk.write("notes", "Storm", "A storm.")).articles[0].text == "A storm."
    assert (
        desk.read(desk.write("feed", "<rss><item><title>Storm</title></item></rss>")).articles[0].title == "Storm"
    )


def test_the_same_url_under_another_id_is_another_article(desk: Desk) -> None:
    line = STORM | {"url": "https://a.example/s"}
    assert ids(desk.read(desk.write("a.jsonl", line, line | {"id": "s2"}))) == ["s1", "s2"]


def test_without_an_id_the_url_makes_it_else_the_content(desk: Desk) -> None:
    bare = {"title": "Storm", "text": "A storm."}
    linked = bare | {"url": "https://a.example/s"}
    found = desk.read(
        desk.write(
            "a.jsonl", bare, bare, linked, linked | {"url": "http://a.example/s?utm_source=x", "title": "X"}
        )
    )
    first, second, third, fourth = found.lines
    assert first == second != third == fourth


def test_a_missing_title_is_the_first_sentence(desk: Desk) -> None:
    found = desk.read(
        desk.write("a.jsonl", {"text": "A storm came. It went."}, {"title": None, "text": "word " * 99})
    )
    assert found.articles[0].title == "A storm came."
    assert len(found.articles[1].title.split()) == 25


def test_a_bad_line_is_rejected_with_its_place_and_the_others_go_on(desk: Desk) -> None:
    path = desk.write(
        "a.jsonl", '{"id": "cut', "", STORM, "[1, 2]", {"id": "s2", "title": 7}, {"id": "s3", "title": " "},
        "[" * 100_000, STORM | {"id": "s4"},
    )  # fmt: skip
    found = desk.read(path)
    assert ids(found) == ["s1", "s4"]
    assert [rejected.place for rejected in found.rejected] == [f"{path}:{number}" for number in (1, 4, 5, 6, 7)]
    reasons = [rejected.reason for rejected in found.rejected]
    assert reasons[0].startswith("is not JSON: Unterminated string")
    assert reasons[1].startswith("is no article: Expected `object`, got `array`")
    assert reasons[2].startswith("is no article: Expected `str | null`, got `int` - at `$.title`")
    assert reasons[3] == "no title, no text and no link"
    assert found.rejected[0].raw == b'{"id": "cut'
    assert len(found.lines) == 7, "one for each line that is not blank"


def test_lone_surrogates_and_broken_utf8_are_mended(desk: Desk) -> None:
    path = desk.folder / "a.jsonl"
    path.write_bytes(b'{"id": "a", "title": "x\\ud800\\u0000y"}\n{"id": "b", "title": "x\xffy"}\n')
    assert [made.title for made in desk.read(path).articles] == ["x\ufffdy", "x\ufffdy"]


# --- plain text and feeds ------------------------------------------------------------------------------


def test_the_first_line_of_a_text_is_its_title(desk: Desk) -> None:
    (made,) = desk.read(desk.write("a.txt", "", "Storm", "", "A storm.", "It went.")).articles
    assert (made.title, made.text, made.published) == ("Storm", "A storm.\nIt went.", None)


def test_a_text_in_an_old_encoding_is_read(desk: Desk) -> None:
    path = desk.folder / "a.txt"
    path.write_bytes("Stürme\nÜber dem Meer – überall.".encode("windows-1252"))
    assert desk.read(path).articles[0].text == "Über dem Meer – überall."


def test_a_saved_feed_gives_its_entries(desk: Desk) -> None:
    entries = "".join(
        f"<item><title>T{day}</title><link>https://a.example/{day}</link>"
        f"<pubDate>{day} Oct 2015 10:00:00 GMT</pubDate></item>"
        for day in (3, 2, 1)
    )
    path = desk.write("feed.xml", f"<rss version='2.0'><channel>{entries}<item></item></channel></rss>")
    found = desk.read(path)
    assert [made.title for made in found.articles] == ["T1", "T2", "T3"]
    assert [rejected.place for rejected in found.rejected] == [f"{path}:4"]
    assert found.lines[:3] == [made.id for made in reversed(found.articles)]


def test_a_saved_page_that_is_no_feed_is_rejected_alone(desk: Desk) -> None:
    page = desk.write("page.html", "<!doctype html><p>Hello")
    found = desk.read(page, desk.write("a.jsonl", STORM))
    assert ids(found) == ["s1"]
    assert [(rejected.place, rejected.reason) for rejected in found.rejected] == [
        (str(page), "is an HTML page and no feed")
    ]


# --- order and time ------------------------------------------------------------------------------------


def test_when_everything_is_dated_time_orders_across_files_and_equal_times_stay_as_given(desk: Desk) -> None:
    late = desk.write("late.jsonl", STORM | {"id": "l1", "published": "2015-10-02"}, STORM | {"id": "l2"})
    early = desk.write("early.jsonl", STORM | {"id": "e1"}, STORM | {"id": "e2", "published": "2015-09-30"})
    found = desk.read(late, early)
    assert ids(found) == ["e2", "l2", "e1", "l1"]
    assert found.lines == ["l1", "l2", "e1", "e2"]


def test_when_something_is_undated_the_order_is_as_given(desk: Desk) -> None:
    path = desk.write(
        "a.jsonl", STORM | {"id": "u0", "published": None}, STORM | {"published": "2015-10-05"},
        STORM | {"id": "u1", "published": "soon"}, STORM | {"id": "s2", "published": "2015-10-01"},
    )  # fmt: skip
    found = desk.read(path)
    assert ids(found) == ["u0", "s1", "u1", "s2"]
    assert [made.fetched.day for made in found.articles] == [1, 5, 5, 1]
    assert found.undated == 2
    assert found.articles[2].published_claim == "soon"


def test_a_date_given_by_hand_dates_what_is_undated_in_any_file(desk: Desk) -> None:
    text, lines = (
        desk.write("a.txt", "Storm"),
        desk.write("b.jsonl", STORM, STORM | {"id": "u", "published": None}),
    )
    found = desk.read(text, lines, published=datetime(2015, 9, 1))  # noqa: DTZ001  # as a user types it
    assert found.undated == 0
    assert [made.published and made.published.date().isoformat() for made in found.articles] == [
        "2015-09-01", "2015-09-01", "2015-10-01",
    ]  # fmt: skip


def test_when_nothing_is_dated_it_was_fetched_now(desk: Desk) -> None:
    assert desk.read(desk.write("a.txt", "Storm")).articles[0].fetched == NOW


@given(st.lists(st.none() | st.integers(0, 1_000)))
def test_the_stream_s_clock_is_fetched_and_undated_articles_do_not_move_it(hours: list[int | None]) -> None:
    dates = [None if hour is None else NOW - timedelta(hours=hour) for hour in hours]
    result = stamped([article(str(i), published=date) for i, date in enumerate(dates)], NOW)
    so_far = min((date for date in dates if date), default=NOW)
    for made, date in zip(result, dates, strict=True):
        so_far = max(so_far, date or so_far)
        assert made.fetched == (date or so_far)


# --- errors --------------------------------------------------------------------------------------------


def test_a_missing_file_is_named(desk: Desk) -> None:
    with pytest.raises(FilesError, match=r"nowhere\.jsonl: no such file; check the name"):
        desk.read(desk.folder / "nowhere.jsonl")


def test_a_folder_is_named(desk: Desk) -> None:
    with pytest.raises(FilesError, match="is a folder; name the files in it"):
        desk.read(desk.folder)


def test_a_damaged_compressed_file_is_named(desk: Desk) -> None:
    path = desk.write("a.jsonl.gz", STORM)
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(FilesError, match=r"a\.jsonl\.gz: damaged gzip file"):
        desk.read(path)


# --- the real thing ------------------------------------------------------------------------------------


def test_the_seed_article_takes_its_place_among_the_articles_of_its_week(desk: Desk, data: Path) -> None:
    files = (data / "stories/syria_2015.jsonl", data / "seed_article.txt")
    found = desk.read(*files, published=datetime(2015, 10, 1, tzinfo=UTC))
    assert (len(found.articles), len(found.lines), found.undated, found.rejected) == (178, 178, 0, [])
    times = [made.fetched for made in found.articles]
    assert times == sorted(times)
    seed = next(made for made in found.articles if made.id == found.lines[-1])
    assert seed.title == "Aftermath of Russia’s air strikes in Syria"


def test_labels_and_lines_of_a_real_corpus(desk: Desk, data: Path) -> None:
    found = desk.read(data / "stories/g5w_live.jsonl")
    assert (len(found.labels), len(set(found.labels.values())), len(found.lines)) == (227, 55, 227)
