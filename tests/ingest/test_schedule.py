from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from config.sections import PollerSection
from ingest.schedule import JITTER, Wish, next_poll, wish

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECTION = PollerSection()
URL = "https://news.example/feed.xml"
NOTHING = Wish()

seconds = st.none() | st.floats(0, 1e12)
wishes = st.builds(Wish, fresh=seconds, retry_after=seconds, ttl=seconds)
intervals = st.none() | st.floats(0.001, 1e7)


def minutes(said: Wish = NOTHING, failures: int = 0, interval: float | None = None, url: str = URL) -> float:
    """The wait that is decided, in minutes."""
    return (next_poll(url, interval, said, failures, SECTION, NOW) - NOW) / timedelta(minutes=1)


@given(wishes, intervals, st.integers(0, 10_000), st.text())
def test_whatever_a_feed_says_the_wait_stays_within_the_bounds_of_the_settings(
    said: Wish, interval: float | None, failures: int, url: str
) -> None:
    most = SECTION.max_backoff_days * 1_440 if failures else SECTION.max_interval_hours * 60
    assert SECTION.min_interval_minutes <= minutes(said, failures, interval, url) <= most


@given(wishes, intervals)
def test_a_feed_is_never_asked_before_it_wants_to_be_nor_before_its_interval(
    said: Wish, interval: float | None
) -> None:
    asked = max(said.fresh or 0, said.ttl or 0, said.retry_after or 0) / 60
    wanted = max(asked, interval or SECTION.interval_minutes)
    assert minutes(said, 0, interval) >= min(wanted, SECTION.max_interval_hours * 60) - 1e-6


@given(st.integers(1, 100))
def test_the_wait_grows_by_an_interval_with_each_failure(failures: int) -> None:
    linear = SECTION.interval_minutes * (failures + 1)
    assert linear <= minutes(failures=failures) + 1e-6 <= linear * (1 + JITTER) + 1e-5


def test_retry_after_is_honoured_on_failure() -> None:
    assert minutes(Wish(retry_after=6 * 3_600), failures=1) >= 360


def test_feeds_added_together_drift_apart() -> None:
    waits = {minutes(url=f"https://news.example/{number}.xml") for number in range(50)}
    assert len(waits) == 50


def test_the_same_feed_in_the_same_state_waits_the_same() -> None:
    assert minutes(failures=3) == minutes(failures=3)


def test_max_age_wins_over_expires_and_what_a_cache_has_used_up_is_taken_off() -> None:
    headers = {
        "cache-control": "public, Max-Age=3600, stale-if-error=60",
        "age": "600",
        "expires": "Sun, 01 Mar 2026 20:00:00 GMT",
    }
    assert wish(headers, None, NOW) == Wish(fresh=3_000)


def test_expires_counts_where_there_is_no_max_age() -> None:
    assert wish({"expires": "Sun, 01 Mar 2026 14:00:00 GMT"}, None, NOW) == Wish(fresh=7_200)


def test_retry_after_is_read_as_seconds_and_as_a_date() -> None:
    assert wish({"retry-after": "120"}, None, NOW).retry_after == 120
    assert wish({"retry-after": "Sun, 01 Mar 2026 12:05:00 GMT"}, None, NOW).retry_after == 300


def test_no_cache_means_no_wish_whatever_else_stands_there() -> None:
    assert wish({"cache-control": "no-cache, max-age=9999", "expires": "0"}, None, NOW) == NOTHING


def test_a_ttl_is_minutes() -> None:
    assert wish({}, 15, NOW) == Wish(ttl=900)


@given(st.text(), st.text(), st.text(), st.text())
@example("max-age=", "-1", "0", "1e9")
@example("max-age=99999999999999", "Thu, 99 Foo 2026", "Thu, 01 Jan 0001 00:00:00 +1400", "²")
def test_no_header_however_broken_raises(control: str, expires: str, retry: str, age: str) -> None:
    headers = {"cache-control": control, "expires": expires, "retry-after": retry, "age": age}
    said = wish(headers, None, NOW)
    assert all(value is None or value >= 0 for value in (said.fresh, said.retry_after))
