"""When a feed is polled next: a pure function of what it said and how it went."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from config.sections import PollerSection

JITTER = 0.1
"""Share of a wait by which it may be longer, so that feeds added together drift apart. Never shorter: an interval
is a promise to the publisher."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How long a feed asks to be left alone, in seconds; None where it says nothing."""

    fresh: float | None = None
    """`Cache-Control: max-age`, else `Expires`."""
    retry_after: float | None = None
    ttl: float | None = None
    """`<ttl>` or `sy:updatePeriod`, in the feed itself."""


def wish(headers: Mapping[str, str], ttl_minutes: float | None, now: datetime) -> Wish:
    """What the headers of a response (names in lower case) and the feed itself ask for."""
    return Wish(
        fresh=_fresh(headers, now),
        retry_after=_retry_after(headers.get("retry-after"), now),
        ttl=None if ttl_minutes is None else ttl_minutes * 60,
    )


def next_poll(
    url: str, interval_minutes: float | None, said: Wish, failures: int, section: PollerSection, now: datetime
) -> datetime:
    """When to poll a feed next.

    `interval_minutes` is the feed's own setting, `failures` how many polls failed in a row, this one included.
    After a success: the longest of the interval and what the feed asks for, within the section's bounds. After
    failures the wait grows by an interval with each (linear backoff); `Retry-After` is honoured in both.
    """
    least, most = section.min_interval_minutes * 60, section.max_interval_hours * 3_600
    interval = max(least, (interval_minutes or section.interval_minutes) * 60)
    if failures:
        most = section.max_backoff_days * 86_400
        wait = max(interval * (failures + 1), said.retry_after or 0.0)
    else:
        wait = max(interval, said.fresh or 0.0, said.ttl or 0.0, said.retry_after or 0.0)
    wait *= 1 + JITTER * _share(url, failures)
    return now + timedelta(seconds=max(least, min(wait, most)))


def _share(url: str, failures: int) -> float:
    """A number from 0 to 1 that stays the same for a feed, and changes with each failure."""
    return zlib.crc32(f"{failures} {url}".encode()) / 0xFFFFFFFF


def _fresh(headers: Mapping[str, str], now: datetime) -> float | None:
    directives = [part.strip().lower() for part in headers.get("cache-control", "").split(",")]
    if "no-cache" in directives or "no-store" in directives:
        return None
    for directive in directives:
        name, _, value = directive.partition("=")
        seconds = _seconds(value.strip('" '))
        if name == "max-age" and seconds is not None:
            return max(0.0, seconds - (_seconds(headers.get("age", "")) or 0.0))
    return _until(headers.get("expires"), now)


def _retry_after(text: str | None, now: datetime) -> float | None:
    seconds = _seconds(text or "")
    return _until(text, now) if seconds is None else seconds


def _seconds(text: str) -> float | None:
    text = text.strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) <= 10 else None


def _until(text: str | None, now: datetime) -> float | None:
    """Seconds from now to an HTTP date; None for what is none, as `Expires: 0` or `-1`."""
    try:
        time = parsedate_to_datetime(text or "")
        return max(0.0, (time.replace(tzinfo=time.tzinfo or UTC) - now).total_seconds())
    except (ValueError, OverflowError):
        return None
