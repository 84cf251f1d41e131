from datetime import UTC, datetime, timedelta

import msgspec

from config.sections import PollerSection
from ingest.decide import WHOLE_AFTER, Decision, Outcome, decide, is_same, validators
from ingest.extract import Extracted, Item
from ingest.fetch import Failed, Fetched, NotModified, Validators
from ingest.state import Followed, Poll
from streams.log import Record
from streams.messages import Feed
from tests.builders import article

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECTION = PollerSection()
URL = "https://news.example/feed.xml"
TAGS = Validators(url=URL, etag='"1"')
FEED = Followed(Feed(url=URL), Record("feeds", 0, 0, URL, b""))


def item(name: str, digest: str = "1", hours: float | None = 1) -> Item:
    published = None if hours is None else NOW - timedelta(hours=hours)
    return Item(id=name, digest=digest, article=article(name, published=published, fetched=NOW))


def answered(*items: Item, truncated: bool = False, ttl: float | None = None, body: bytes = b"1") -> Outcome:
    answer = Fetched(URL, body, {"cache-control": "max-age=7200"}, TAGS)
    return Outcome(answer, NOW, Extracted(items=items, truncated=truncated, ttl_minutes=ttl))


def after(decision: Decision) -> Followed:
    """The feed once a decision was written."""
    return Followed(FEED.feed, FEED.source, decision.poll, decision.known or {})


def ids(decision: Decision) -> list[str]:
    return [article.id for article in decision.articles]


FIRST = decide(FEED, answered(item("a"), item("b")), SECTION)


def test_a_first_poll_emits_remembers_and_keeps_what_to_ask_with() -> None:
    assert sorted(ids(FIRST)) == ["a", "b"]
    assert set(FIRST.known or {}) == {"a", "b"}
    assert (FIRST.poll.validators, FIRST.poll.whole, FIRST.poll.failures) == (TAGS, NOW, 0)
    assert FIRST.poll.next >= NOW + timedelta(hours=2), "max-age is honoured"


def test_articles_come_in_the_order_of_their_publication_and_undated_ones_last() -> None:
    outcome = answered(item("u2", hours=None), item("new", hours=1), item("u1", hours=None), item("old", hours=2))
    assert ids(decide(FEED, outcome, SECTION)) == ["old", "new", "u1", "u2"]


def test_nothing_is_written_about_entries_when_none_has_changed() -> None:
    same = decide(after(FIRST), answered(item("a"), item("b")), SECTION)
    assert (same.articles, same.known, same.status) == ((), None, "entries")


def test_a_revision_is_emitted_and_counted() -> None:
    decision = decide(after(FIRST), answered(item("a", "2"), item("b"), item("c")), SECTION)
    assert (sorted(ids(decision)), decision.revisions) == (["a", "c"], 1)


def test_a_rejected_entry_is_a_dead_letter_once() -> None:
    bad = Item(id="rejected:1", digest="", reason="nothing")
    first = decide(FEED, answered(bad, item("a")), SECTION)
    assert (first.rejected, ids(first)) == ((bad,), ["a"])
    assert decide(after(first), answered(bad, item("a"), item("b")), SECTION).rejected == ()


def test_not_modified_keeps_everything_but_the_time_of_the_next_poll() -> None:
    decision = decide(after(FIRST), Outcome(NotModified({}), NOW + timedelta(hours=3)), SECTION)
    assert (decision.status, decision.known, decision.articles) == ("not modified", None, ())
    assert msgspec.structs.replace(decision.poll, next=FIRST.poll.next) == FIRST.poll


def test_the_same_body_under_a_new_tag_is_nothing_new() -> None:
    answer = Fetched(URL, b"1", {}, Validators(url=URL, etag='"2"'))
    assert is_same(after(FIRST), answer)
    assert not is_same(FEED, answer)
    decision = decide(after(FIRST), Outcome(answer, NOW), SECTION)
    assert decision.status == "same body"
    assert decision.poll.validators == answer.validators


def test_a_failure_keeps_what_to_ask_with_and_waits_longer_each_time() -> None:
    failed = Outcome(Failed("timeout", "silent", {}), NOW)
    once = decide(after(FIRST), failed, SECTION)
    twice = decide(after(once), failed, SECTION)
    assert (once.status, once.poll.error, once.poll.validators) == ("failed", "silent", TAGS)
    assert (once.poll.failures, twice.poll.failures) == (1, 2)
    assert NOW < once.poll.next < twice.poll.next


def test_a_body_that_is_no_feed_is_a_failure_and_is_not_remembered() -> None:
    outcome = Outcome(
        Fetched(URL, b"<html>", {}, Validators(url=URL, etag='"html"')), NOW, Extracted(error="is HTML")
    )
    decision = decide(after(FIRST), outcome, SECTION)
    assert (decision.status, decision.poll.error, decision.poll.failures) == ("failed", "is HTML", 1)
    assert (decision.poll.validators, decision.poll.digest) == (TAGS, FIRST.poll.digest)


def test_a_success_forgets_the_failures() -> None:
    failed = decide(after(FIRST), Outcome(Failed("timeout", "silent", {}), NOW), SECTION)
    decision = decide(after(failed), Outcome(NotModified({}), NOW), SECTION)
    assert (decision.poll.failures, decision.poll.error) == (0, None)


def test_a_truncated_feed_gives_its_entries_and_is_asked_for_whole_next_time() -> None:
    decision = decide(FEED, answered(item("a"), truncated=True), SECTION)
    assert (decision.status, ids(decision), decision.poll.validators) == ("truncated", ["a"], None)


def test_a_ttl_outlives_polls_that_bring_no_body() -> None:
    first = decide(FEED, answered(item("a"), ttl=600), SECTION)
    decision = decide(after(first), Outcome(NotModified({}), NOW), SECTION)
    assert decision.poll.next >= NOW + timedelta(minutes=600)


def test_a_server_that_says_not_modified_for_ever_is_asked_for_the_whole_feed_once_a_day() -> None:
    followed = after(FIRST)
    assert validators(FEED, NOW) is None
    assert validators(followed, NOW + WHOLE_AFTER / 2) == TAGS
    assert validators(followed, NOW + WHOLE_AFTER) is None


def test_a_poll_is_stored_as_a_small_record() -> None:
    assert len(msgspec.json.encode(FIRST.poll)) < 500
    assert msgspec.json.decode(msgspec.json.encode(FIRST.poll), type=Poll) == FIRST.poll
