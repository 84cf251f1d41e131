"""From URLs to sinks: names that last, errors that help, secrets that stay secret."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.base import SinkError
from sinks.open import open_sink, sink_name, without_secrets


def test_a_name_is_the_same_for_the_same_place_however_it_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert sink_name("console:") == "console"
    assert sink_name("jsonl:out") == sink_name(f"jsonl:{tmp_path}/out")
    assert sink_name("sqlite:///s.db") == sink_name(f"sqlite:///{tmp_path}/s.db")


def test_two_sinks_of_one_kind_have_two_names_and_so_two_groups(tmp_path):
    urls = ["console:", *(f"{scheme}{tmp_path}/{name}" for scheme in ("jsonl:", "sqlite:///") for name in "ab")]
    names = [sink_name(url) for url in urls]
    assert len(set(names)) == 5
    assert [name.split("-")[0] for name in names] == ["console", "jsonl", "jsonl", "sqlite", "sqlite"]


def test_each_scheme_opens_its_sink(tmp_path):
    for url in ("console:", f"jsonl:{tmp_path}/new/folder", f"sqlite:///{tmp_path}/other/new/stories.db"):
        sink = open_sink(url)
        assert (str(sink), sink.name) == (url, sink_name(url))
        sink.close()


@pytest.mark.parametrize("url", ["", "stories.db", "http://x/y", "console", "console:x", "jsonl", "file:///tmp"])
def test_what_is_no_sink_is_refused_with_the_forms_that_are(url):
    with pytest.raises(SinkError, match=r"is no URL of a sink; use console:, jsonl:FOLDER, sqlite:///"):
        open_sink(url)


@pytest.mark.parametrize("url", ["jsonl:", "jsonl:a\0b"])
def test_a_folder_must_be_named(url):
    with pytest.raises(SinkError, match="names no folder"):
        open_sink(url)


@given(
    scheme=st.sampled_from(["postgresql://", "postgresql:", "https://", ""]),
    password=st.text(min_size=1).filter(lambda text: "?" not in text),
)
def test_a_password_never_shows_whatever_it_is_made_of(scheme, password):
    secret = f"<{password}>"
    for url in (f"{scheme}ada:{secret}@db.example/news", f"{scheme}ada@db.example/news?password={secret}"):
        assert secret not in without_secrets(url)
        with pytest.raises(SinkError) as caught:
            open_sink(url)
        assert secret not in str(caught.value)


def test_what_is_no_secret_stays():
    assert without_secrets("postgresql://ada:pw@db.example:5432/news?sslmode=require") == (
        "postgresql://***@db.example:5432/news"
    )
    assert without_secrets("mongodb://db.example/news") == "mongodb://db.example/news"
