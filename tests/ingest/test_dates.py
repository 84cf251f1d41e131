from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.dates import EARLIEST, Claim, Published, believe, iso_claim

SEEN = datetime(2026, 3, 1, 12, tzinfo=UTC)


@given(st.none() | st.datetimes(timezones=st.just(UTC)), st.none() | st.text())
def test_what_is_believed_lies_between_1990_and_the_moment_it_was_seen(
    time: datetime | None, text: str | None
) -> None:
    published = believe(Claim(text, time), SEEN)
    assert published.time is None or EARLIEST <= published.time <= SEEN
    if published.time != time:
        assert published.claim is not None, "a correction must keep the claim"


def test_a_time_in_the_future_becomes_the_moment_it_was_seen() -> None:
    assert believe(Claim("soon", SEEN + timedelta(hours=3)), SEEN) == Published(SEEN, "soon")


def test_a_time_before_the_web_is_none() -> None:
    assert believe(iso_claim("1970-01-01T00:00:00Z"), SEEN) == Published(None, "1970-01-01T00:00:00Z")


def test_no_claim_is_no_time() -> None:
    assert believe(Claim(None, None), SEEN) == Published(None, None)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2015-10-01", datetime(2015, 10, 1, tzinfo=UTC)),
        ("2015-10-01T06:30:00", datetime(2015, 10, 1, 6, 30, tzinfo=UTC)),
        ("2015-10-01T06:30:00+02:00", datetime(2015, 10, 1, 4, 30, tzinfo=UTC)),
        ("2015-10-01T06:30:00.5Z", datetime(2015, 10, 1, 6, 30, 0, 500_000, tzinfo=UTC)),
        ("0001-01-01T00:00:00+05:00", None),
        ("yesterday", None),
    ],
)
def test_iso_times_are_read_with_and_without_time_and_zone(text: str, time: datetime | None) -> None:
    assert iso_claim(text) == Claim(text, time)


def test_a_blank_claim_is_none() -> None:
    assert iso_claim("  ") == Claim(None, None)
    assert iso_claim(None) == Claim(None, None)


def test_times_are_kept_in_utc() -> None:
    there = timezone(timedelta(hours=9))
    assert iso_claim(datetime(2015, 10, 1, 9, tzinfo=there).isoformat()).time == datetime(2015, 10, 1, tzinfo=UTC)
