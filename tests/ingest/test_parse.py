from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.article import Unusable, Writer
from ingest.parse import MAX_ENTRIES, FeedError, ParsedFeed, parse_feed
from streams.messages import Article

SEEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL = "https://news.example/feeds/all.xml"


def parsed(body: str | bytes, **headers: str) -> ParsedFeed:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return parse_feed(body.encode() if isinstance(body, str) else body, named, URL, URL)


def rss(*items: str, channel: str = "") -> str:
    entries = "".join(f"<item>{item}</item>" for item in items)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{channel}{entries}</channel></rss>'


def item(number: int, text: str = "Some text.") -> str:
    return (
        f"<title>Title {number}</title><link>https://news.example/{number}</link><guid>{number}</guid>"
        f"<description>{text}</description>"
    )


def titles(feed: ParsedFeed) -> list[str]:
    return [entry.draft.title for entry in feed.entries]


# --- what is no feed -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "is empty"),
        (b" \r\n\t", "is empty"),
        (b"<!DOCTYPE html><html><body><p>Not found</p></body></html>", "is an HTML page and no feed"),
        (
            b"\xef\xbb\xbf<html><link rel='alternate' type='application/rss+xml' href='/rss.xml'></html>",
            "is an HTML page and no feed, which names the feed /rss.xml",
        ),
        (b'{"version": "https://jsonfeed.org/version/1"}', "is no feed; it begins with '{"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "is no feed; it begins with "),
        (b"\0" * 1_000, "is no feed"),
    ],
)
def test_what_is_no_feed_is_refused_with_what_it_is(body: bytes, reason: str) -> None:
    with pytest.raises(FeedError) as error:
        parsed(body)
    assert str(error.value).startswith(reason)


def test_a_body_that_is_the_name_of_a_file_is_not_opened(tmp_path: Path) -> None:
    file = tmp_path / "secret.xml"
    file.write_text(rss(item(1)))
    with pytest.raises(FeedError):
        parsed(str(file))


def test_an_empty_feed_is_a_feed() -> None:
    assert parsed(rss()).entries == ()


# --- truncation ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_feed_that_breaks_off_still_gives_its_whole_entries(encoding: str) -> None:
    whole = rss(item(1), item(2), item(3, "A long text that goes on.")).replace(
        '<?xml version="1.0"?>', f'<?xml version="1.0" encoding="{encoding}"?>'
    )
    cut = whole[: whole.index("goes on")].encode(encoding)
    feed = parsed(cut)
    assert feed.truncated
    assert titles(feed) == ["Title 1", "Title 2"]


def test_a_feed_that_breaks_off_between_entries_loses_none() -> None:
    whole = rss(item(1), item(2))
    feed = parsed(whole[: whole.index("</channel>")])
    assert feed.truncated
    assert titles(feed) == ["Title 1", "Title 2"]


def test_a_broken_but_whole_feed_loses_nothing() -> None:
    feed = parsed(rss("<title>Title 1</title><b>", item(2), "<title>this & that</title>"))
    assert not feed.truncated
    assert titles(feed) == ["Title 1", "Title 2", "this & that"]


# --- entries -------------------------------------------------------------------------------------------


def test_entries_are_bounded() -> None:
    assert len(parsed(rss(*(item(number) for number in range(MAX_ENTRIES + 10)))).entries) == MAX_ENTRIES


def test_relative_links_stand_against_the_address_of_the_feed() -> None:
    assert parsed(rss("<title>t</title><link>../1</link>")).entries[0].draft.url == "https://news.example/1"


def test_a_link_that_several_entries_share_does_not_identify_them() -> None:
    live = "<title>t{0}</title><link>https://news.example/live</link><guid isPermaLink='false'>{0}</guid>"
    drafts = [entry.draft for entry in parsed(rss(live.format(1), live.format(2), item(3))).entries]
    assert [draft.url_identifies for draft in drafts] == [False, False, True]


def test_an_entry_listed_twice_still_is_identified_by_its_link() -> None:
    assert all(entry.draft.url_identifies for entry in parsed(rss(item(1), item(1))).entries)


def test_the_content_counts_more_than_the_summary_and_a_missing_text_is_the_summary() -> None:
    feed = parsed(
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>'
        "<entry><title>a</title><summary>Short.</summary><content>The whole story.</content></entry>"
        "<entry><title>b</title><summary>Short.</summary></entry></feed>"
    )
    assert [entry.draft.text for entry in feed.entries] == ["The whole story.", "Short."]


def test_titles_come_without_markup() -> None:
    feed = parsed(rss("<title>&lt;b&gt;Big&lt;/b&gt; storm &amp;amp; rain</title>", "<title>1 &lt; 2</title>"))
    assert titles(feed) == ["Big storm & rain", "1 < 2"]


@pytest.mark.parametrize(
    ("date", "time"),
    [
        ("Wed, 30 Sep 2015 09:00:00 +0300", datetime(2015, 9, 30, 6, tzinfo=UTC)),
        ("2015-09-30T06:00:00Z", datetime(2015, 9, 30, 6, tzinfo=UTC)),
        ("Thu,28 Jul 2022 4:35:5 GMT+9", datetime(2022, 7, 27, 19, 35, 5, tzinfo=UTC)),
        ("half past nine", None),
    ],
)
def test_dates_are_read_and_kept_as_claimed(date: str, time: datetime | None) -> None:
    claim = parsed(rss(f"<title>t</title><pubDate>{date}</pubDate>")).entries[0].draft.published
    assert (claim.text, claim.time) == (date, time)


@pytest.mark.parametrize(
    ("channel", "minutes"),
    [
        ("<ttl>60</ttl>", 60),
        ("<ttl>soon</ttl>", None),
        ("<ttl>-5</ttl>", None),
        (
            '<sy:updatePeriod xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">daily</sy:updatePeriod>',
            1_440,
        ),
        (
            '<x:updatePeriod xmlns:x="http://purl.org/rss/1.0/modules/syndication/">hourly</x:updatePeriod>'
            '<x:updateFrequency xmlns:x="http://purl.org/rss/1.0/modules/syndication/">4</x:updateFrequency>',
            15,
        ),
        ("", None),
    ],
)
def test_how_long_a_feed_asks_to_be_left_alone(channel: str, minutes: float | None) -> None:
    assert parsed(rss(channel=channel)).ttl_minutes == minutes


def test_an_image_is_found_in_the_media_of_an_entry() -> None:
    media = '<media:thumbnail xmlns:media="http://search.yahoo.com/mrss/" url="https://news.example/1.jpg"/>'
    sound = '<enclosure url="https://news.example/1.mp3" type="audio/mpeg" length="1"/>'
    drafts = [entry.draft for entry in parsed(rss(f"<title>a</title>{media}", f"<title>b</title>{sound}")).entries]
    assert [draft.image for draft in drafts] == ["https://news.example/1.jpg", None]


def test_the_charset_of_the_response_counts_where_the_document_names_none() -> None:
    body = "<rss version='2.0'><channel><item><title>Новость</title></item></channel></rss>".encode("koi8-r")
    assert titles(parsed(body, content_type="application/rss+xml; charset=koi8-r")) == ["Новость"]


# --- real feeds ----------------------------------------------------------------------------------------


def articles(file: Path, writer: Writer) -> Sequence[Article]:
    made = []
    for entry in parse_feed(file.read_bytes(), {}, URL, URL).entries:
        try:
            made.append(writer.article(entry.draft, SEEN))
        except Unusable:
            assert not entry.draft.title and not entry.draft.text
    return made


REAL = {
    "mediacloud_fixtures_real-cnn.rss": (69, "en", "Any investigation of a former president raises a host of"),
    "mediacloud_fixtures_real-korean-times.rss": (195, "en", "France on course for driest July on record"),
    "miniflux_encoding_koi8r.xml": (2, "ru", "Первая новость"),
    "miniflux_xml_koi8r.xml": (2, "ru", "Первая новость"),
    "miniflux_parser_encoding_ISO-8859-1.xml": (40, "de", "Red Dead Redemption 2: Hinweise auf PC-Umsetzung"),
    "miniflux_parser_encoding_WINDOWS-1251.xml": (50, "ru", "Цитата #17703"),
    "miniflux_parser_large_atom.xml": (25, "en", "Using vale with vim"),
    "miniflux_parser_large_rss.xml": (25, "en", "Using vale with vim"),
    "miniflux_parser_no_encoding_ISO-8859-1.xml": (9, "en", "Perturbateurs endocriniens : quels effets"),
    "miniflux_parser_rdf_UTF8.xml": (60, "en", "OLED-TVs: Vorsichtsmaßnahmen gegen Einbrennen"),
    "miniflux_parser_small_atom.xml": (20, "en", "Parse podcast categories"),
    "miniflux_parser_urdu_UTF8.xml": (26, "ur", "امریکی عسکری امداد کی بندش کی وجوہات"),
}
"""Articles, language and title of the first one. Two feeds declare no language and have short entries: theirs
is the default's."""


@pytest.mark.parametrize("name", sorted(REAL))
def test_a_real_feed_gives_its_articles_in_its_letters(data: Path, writer: Writer, name: str) -> None:
    count, lang, title = REAL[name]
    made = articles(data / "feeds/real" / name, writer)
    assert len(made) == count
    assert len({article.id for article in made}) == count
    assert made[0].title.startswith(title)
    assert made[0].lang == lang
    assert "\ufffd" not in "".join(article.title + article.text for article in made)


def test_no_real_feed_was_left_out(data: Path) -> None:
    assert {file.name for file in (data / "feeds/real").iterdir()} == set(REAL)


def test_texts_in_old_encodings_are_read_in_full(data: Path, writer: Writer) -> None:
    folder = data / "feeds/real"
    koi8, cp1251, latin1, urdu = (
        articles(folder / f"miniflux_{name}.xml", writer)
        for name in (
            "encoding_koi8r",
            "parser_encoding_WINDOWS-1251",
            "parser_encoding_ISO-8859-1",
            "parser_urdu_UTF8",
        )
    )
    assert (
        koi8[0].text
        == "Это тестовое описание с русскими символами:\nПривет мир! Ёжик, чай, Москва, Санкт-Петербург."
    )
    assert "есть у кого жаба программер" in cp1251[0].text
    assert "Viele Spieler wünschen sich eine PC-Version" in latin1[0].text
    assert "امریکہ اور پاکستان کے 70 سالہ تعلقات" in urdu[0].text


def test_feedparsers_own_test_feeds_give_entries_and_no_crash(data: Path, writer: Writer) -> None:
    files = sorted(file for file in (data / "feeds/feedparser").rglob("*") if file.suffix in (".xml", ".json"))
    refused, entries = [], 0
    for file in files[::10]:
        try:
            entries += len(parse_feed(file.read_bytes(), {}, URL, URL).entries)
            articles(file, writer)
        except FeedError:
            refused.append(file.name)
    assert len(files) > 2_000
    assert entries > 50
    assert len(refused) <= 3, refused
