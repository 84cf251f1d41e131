from urllib.parse import urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.urls import canonical_url, domain_of, host_of

names = st.text("abcdefgh-", min_size=1).map(lambda name: name.strip("-") or "a")
parameters = st.lists(st.tuples(st.sampled_from(["id", "page", "q", "ref"]), st.text()), max_size=4)
tracking = st.lists(
    st.tuples(st.sampled_from(["utm_source", "UTM_Medium", "fbclid", "at_campaign", "wt_mc"]), st.text()),
    max_size=3,
)


@given(names, parameters, tracking, st.text("abc#", max_size=5), st.randoms())
def test_neither_tracking_nor_fragment_nor_order_makes_another_address(
    name: str, kept: list[tuple[str, str]], added: list[tuple[str, str]], fragment: str, random: object
) -> None:
    plain = f"https://News.Example/{name}?{urlencode(kept)}"
    mixed = [*kept, *added]
    random.shuffle(mixed)  # type: ignore[attr-defined]
    decorated = f"HTTPS://news.example:443/{name}?{urlencode(mixed)}#{fragment}"
    assert canonical_url(plain) == canonical_url(decorated)


@given(st.text() | st.text().map("http://".__add__) | st.text().map("https://news.example/".__add__))
@example("http://news.example/\ud800")
@example("http://[")
@example("http://a:b/")
@example("http://" + "a" * 64 + ".example/")
def test_any_text_gives_a_canonical_url_that_stays_as_it_is_or_none(text: str) -> None:
    url = canonical_url(text)
    if url is not None:
        assert url.startswith(("http://", "https://"))
        assert canonical_url(url) == url
    host_of(text)


@pytest.mark.parametrize(
    ("given_url", "canonical"),
    [
        ("https://www.bbc.co.uk/news/1?at_medium=RSS&at_campaign=KARANGA", "https://www.bbc.co.uk/news/1"),
        ("https://a.example/story?id=7&utm_source=rss#comments", "https://a.example/story?id=7"),
        ("http://a.example:80/x", "http://a.example/x"),
        ("http://a.example:8080/x", "http://a.example:8080/x"),
        ("https://user:secret@a.example/x", "https://a.example/x"),
        ("https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4"),
        ("  https://a.example/x\n", "https://a.example/x"),
    ],
)
def test_canonical(given_url: str, canonical: str) -> None:
    assert canonical_url(given_url) == canonical


@pytest.mark.parametrize(
    "text", ["", None, "/news/1", "mailto:a@b.example", "javascript:alert(1)", "ftp://a/b", "http://"]
)
def test_what_is_no_absolute_web_address_is_none(text: str | None) -> None:
    assert canonical_url(text) is None


def test_an_endless_url_is_none() -> None:
    assert canonical_url("https://a.example/" + "x" * 5_000) is None


def test_the_domain_is_the_registered_one() -> None:
    assert domain_of("https://feeds.bbc.co.uk/x") == "bbc.co.uk"
    assert domain_of("http://127.0.0.1:8000/x") == "127.0.0.1"
    assert domain_of(None) is None
