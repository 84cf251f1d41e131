from datetime import UTC, datetime

from ingest.article import Writer
from ingest.extract import Extracted, Job, extract
from streams.messages import Feed

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FEED = Feed(url="https://news.example/feed.xml", source="The Example", lang="de")


def run(writer: Writer, *items: str) -> Extracted:
    body = f"<rss version='2.0'><channel>{''.join(f'<item>{item}</item>' for item in items)}</channel></rss>"
    job = Job(feed=FEED, url=FEED.url, content_type="text/xml", body=body.encode(), now=NOW)
    return extract(job, writer)


def test_source_and_language_of_the_followed_feed_are_those_of_its_articles(writer: Writer) -> None:
    (item,) = run(writer, "<title>Sturm</title><link>https://elsewhere.example/1</link>").items
    assert item.article is not None
    assert (item.article.source, item.article.lang, item.article.feed) == ("The Example", "de", FEED.url)
    assert item.article.fetched == NOW


def test_an_entry_with_nothing_in_it_is_rejected_and_the_others_go_on(writer: Writer) -> None:
    first, second = run(writer, "<author>nobody</author>", "<title>Sturm</title>").items
    assert first.article is None
    assert first.reason == f"{FEED.url}: entry 1: no title, no text and no link"
    assert "author: nobody" in first.raw
    assert second.article is not None


def test_a_new_text_or_title_makes_a_new_digest_and_nothing_else_does(writer: Writer) -> None:
    link = "<link>https://news.example/1</link>"
    base, same, text, title = (
        run(writer, item).items[0]
        for item in (
            f"<title>a</title>{link}<description>t</description>",
            f"<title>a</title>{link}<description>&lt;p&gt;t &lt;/p&gt;</description><comments>9</comments>",
            f"<title>a</title>{link}<description>u</description>",
            f"<title>b</title>{link}<description>t</description>",
        )
    )
    assert base.id == same.id == text.id == title.id
    assert base.digest == same.digest
    assert len({base.digest, text.digest, title.digest}) == 3


def test_what_is_no_feed_is_an_error_that_names_the_feed(writer: Writer) -> None:
    job = Job(feed=FEED, url=FEED.url, content_type=None, body=b"<html></html>", now=NOW)
    assert extract(job, writer) == Extracted(error=f"{FEED.url}: is an HTML page and no feed")
