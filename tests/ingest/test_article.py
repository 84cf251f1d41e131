from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.article import MAX_NAMES, Draft, Unusable, Writer
from ingest.dates import Claim
from streams.messages import Article, Decoder, encode

SEEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
DRAFT = Draft(
    title="Storm hits islands",
    text="Ministers will send help. Ships sail on Friday.",
    url="https://news.example/storm?utm_source=rss",
    guid="1",
    feed="https://news.example/feed.xml",
)

texts = st.text() | st.text(alphabet=st.characters(categories=["Cs", "Cc", "Ll"]))


def article(writer: Writer, **changes: object) -> Article:
    return writer.article(replace(DRAFT, **changes), SEEN)  # type: ignore[arg-type]


def test_the_id_is_that_of_the_canonical_url_in_every_feed(writer: Writer) -> None:
    other = article(
        writer, url="http://news.example/storm#top", guid="77", feed="https://other.example/", title="Another"
    )
    assert other.id == article(writer).id


def test_the_same_guid_in_two_feeds_is_not_the_same_article(writer: Writer) -> None:
    here = article(writer, url=None)
    there = article(writer, url=None, feed="https://other.example/feed.xml")
    assert here.id != there.id
    assert article(writer, url=None, title="New headline").id == here.id


def test_without_url_and_guid_the_content_makes_the_id(writer: Writer) -> None:
    bare = {"url": None, "guid": " ", "feed": None}
    assert article(writer, **bare).id == article(writer, **bare).id != article(writer, **bare, text="Else.").id


def test_a_url_that_identifies_nothing_leaves_it_to_the_guid(writer: Writer) -> None:
    first, second = (article(writer, url_identifies=False, guid=guid) for guid in ("1", "2"))
    assert first.id != second.id
    assert first.url == second.url == "https://news.example/storm"


def test_an_id_that_was_given_is_kept(writer: Writer) -> None:
    assert article(writer, id="abc").id == "abc"


def test_a_missing_title_is_the_first_sentence_of_at_most_25_words(writer: Writer) -> None:
    assert article(writer, title=" ").title == "Ministers will send help."
    assert len(article(writer, title="", text="word " * 100).title.split()) == 25


def test_a_bare_link_is_an_article_still(writer: Writer) -> None:
    assert article(writer, title="", text="").title == "https://news.example/storm"


def test_nothing_usable_is_refused_with_the_reason(writer: Writer) -> None:
    with pytest.raises(Unusable, match="no title, no text and no link"):
        article(writer, title=" \n", text="\0", url="javascript:void(0)")


def test_the_source_is_named_else_the_registered_domain(writer: Writer) -> None:
    assert article(writer, source="The Example").source == "The Example"
    assert article(writer, url="https://m.news.bbc.co.uk/1").source == "bbc.co.uk"
    assert article(writer, url=None).source == "news.example"


def test_a_publication_time_is_corrected_and_its_claim_kept(writer: Writer) -> None:
    future = article(writer, published=Claim("2027", datetime(2027, 1, 1, tzinfo=UTC)))
    assert (future.published, future.published_claim) == (SEEN, "2027")
    garbled = article(writer, published=Claim("Mittwoch", None))
    assert (garbled.published, garbled.published_claim) == (None, "Mittwoch")


def test_an_undated_entry_stays_undated_and_is_fetched_now(writer: Writer) -> None:
    undated = article(writer)
    assert (undated.published, undated.published_claim, undated.fetched) == (None, None, SEEN)


def test_everything_long_is_cut(writer: Writer) -> None:
    long = article(
        writer, title="t " * 9_000, text="x" * 900_000, source="s" * 999, authors=tuple(map(str, range(999)))
    )
    assert len(long.text) == 200_000
    assert len(long.title) <= 500
    assert len(long.source or "") <= 200
    assert len(long.authors) == MAX_NAMES


@settings(max_examples=50, deadline=None)
@given(
    st.builds(
        Draft,
        title=texts, text=texts, guid=texts, url=texts | texts.map("https://a.example/".__add__), feed=texts,
        source=texts, declared_lang=texts, published=st.builds(Claim, texts, st.none()),
        authors=st.tuples(texts), categories=st.tuples(texts, texts), image=texts,
    )
)  # fmt: skip
def test_whatever_a_draft_holds_the_article_can_be_stored_or_is_refused(writer: Writer, draft: Draft) -> None:
    try:
        made = writer.article(draft, SEEN)
    except Unusable:
        return
    assert Decoder(Article)(encode(made)) == made
    assert b"\\u0000" not in encode(made)
    assert made.title
