"""When an article was published: what is claimed, and what can be believed."""

from dataclasses import dataclass
from datetime import UTC, datetime

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""No feed is older than the web; earlier times are unset clocks (1970) and placeholders (0001)."""

MAX_CLAIM_CHARS = 100


@dataclass(frozen=True, slots=True)
class Claim:
    """What a source says about a publication time."""

    text: str | None
    """Its words; None where it says nothing."""
    time: datetime | None
    """Their meaning, in UTC; None where they have none."""


NO_CLAIM = Claim(None, None)


@dataclass(frozen=True, slots=True)
class Published:
    """A publication time, and the claim where it was corrected or not understood."""

    time: datetime | None
    claim: str | None


def believe(claim: Claim, seen: datetime) -> Published:
    """What can be believed of a claim about something that was seen at `seen`.

    A time after `seen` is a clock that runs fast or a wrong time zone: `seen` is the nearest that can be true. A
    time before 1990 says nothing, and the article stays undated.
    """
    if claim.time is None:
        return Published(None, claim.text[:MAX_CLAIM_CHARS] if claim.text else None)
    text = (claim.text or claim.time.isoformat())[:MAX_CLAIM_CHARS]
    if claim.time < EARLIEST:
        return Published(None, text)
    return Published(seen, text) if claim.time > seen else Published(claim.time, None)


def iso_claim(text: str | None) -> Claim:
    """A claim in ISO 8601, possibly only a date; without a time zone it is UTC."""
    if not text or not text.strip():
        return NO_CLAIM
    try:
        return Claim(text, utc(datetime.fromisoformat(text.strip())))
    except (ValueError, OverflowError):  # no time at all; the year 1 in a zone east of Greenwich
        return Claim(text, None)


def utc(time: datetime) -> datetime:
    """A time in UTC; one without a zone is taken for UTC already."""
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
