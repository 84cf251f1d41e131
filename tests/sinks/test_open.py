"""From URLs to sinks: names that last, errors that help, secrets that stay secret."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.base import SinkError
from sinks.open import open_sink, sink_name
from sinks.postgresql_url import parse


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


def test_a_name_says_where_and_not_with_what_password():
    place = "postgresql://ada@db.example/news"
    same = (
        place,
        "postgresql://ada:open@db.example:5432/news",
        "postgresql://ada:sesame@DB.example:5432/news?sslmode=require",
        "postgresql://ada@db.example/news?password_file=/nowhere",
        "postgresql://ada@/news?host=db.example",
    )
    others = (
        "postgresql://bo@db.example/news",
        "postgresql://ada@db.example:5433/news",
        "postgresql://ada@other.example/news",
        "postgresql://ada@db.example/other",
        "postgresql://ada@%2Frun%2Fpostgresql/news",
    )
    assert {sink_name(url) for url in same} == {sink_name(place)}
    assert not [word for word in ("open", "sesame") for url in same if word in repr(parse(url))]
    assert len({sink_name(url) for url in (place, *others)}) == 6


@given(
    before=st.text(alphabet=":/?#@[]&=%+,x5é ", max_size=6),
    after=st.text(alphabet=":/?#@[]&=%+,x5é ", max_size=6),
    query=st.sampled_from(["", "?sslmode=disable", "?nonsense=1", "?password_file=/nowhere"]),
)
def test_a_password_that_breaks_its_url_never_shows(before, after, query):
    password = f"Ope{before}Sesame{after}Now"
    for url in (
        f"postgresql://ada:{password}@/news{query}",
        f"postgresql://ada:{password}@db.example:port/news{query}",
        f"postgresql://ada@corp:{password}@db.example/news{query}",
        f"postgresql:ada:{password}@db.example/news{query}",
        f"ada:{password}@db.example/news{query}",
    ):
        with pytest.raises(SinkError) as caught:
            sink_name(url)
        for part in ("Ope", "Sesame", "Now"):
            assert part not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql://", "postgresql://: names no user; use postgresql://user@host:port/database"),
        ("postgresql://ada@/news", "names no host"),
        ("postgresql://ada@db.example", "names no database"),
        ("postgresql://ada@db.example:x/news", "db.example:x/news: cannot be told apart; use postgresql://user@"),
        ("postgresql://ada:p@w@db.example/news", "postgresql://***@db.example/news: cannot be told apart"),
        ("postgresql://ada:%zz@db.example/news", "is no URL of a database; use .*percent-encode"),
        (
            "postgresql://ada@db.example/news?sslmod=on",
            "has a parameter sslmod, which neither libpq nor Storywire",
        ),
        (
            "postgresql://ada:pw@h/news?password_file=f",
            "has a password and a password_file; leave the password out",
        ),
    ],
)
def test_a_postgresql_url_that_names_no_database_is_refused_with_the_remedy(url, message):
    with pytest.raises(SinkError, match=message.replace("?", r"\?").replace("***", r"\*\*\*")):
        sink_name(url)
