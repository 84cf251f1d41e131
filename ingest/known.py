"""Which entries of a feed are new: a pure function of what it listed before and lists now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import msgspec

MAX_CHANGES = 24
"""Changes of one entry that are followed; what changes more often holds a clock, a counter or an advertisement."""

MAX_KNOWN = 5_000
"""Entries remembered of one feed: 0.4 MB at most, as one record that Kafka takes by default. Where there are more,
those that left the feed first are forgotten."""


class Known(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, array_like=True):
    """An entry that a feed lists or has listed."""

    digest: str
    """Of what it says."""
    changes: int = 0
    """How often that has changed."""
    gone: datetime | None = None
    """When the feed was first seen without it; None while it is listed."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry as it is listed now."""

    id: str
    digest: str
    published: datetime | None


@dataclass(frozen=True, slots=True)
class Update:
    """What to make of a feed's list."""

    emit: tuple[tuple[int, Literal["new", "revision"]], ...]
    """Indices into the list, and why."""
    known: dict[str, Known]
    """The new record, by id."""


def update(
    known: Mapping[str, Known] | None,
    listed: Sequence[Listed],
    *,
    now: datetime,
    first_poll: timedelta | None,
    forget_after: timedelta,
) -> Update:
    """Compare what a feed lists with what is known of it.

    `known` is None on the first poll: then entries older than `first_poll` are remembered without being emitted,
    undated ones are emitted. An entry that is listed twice counts as it is listed first. An entry is remembered
    as long as the feed lists it, and `forget_after` longer.
    """
    before: Mapping[str, Known] = known or {}
    after: dict[str, Known] = {}
    emit: list[tuple[int, Literal["new", "revision"]]] = []
    for index, entry in enumerate(listed):
        if entry.id in after:
            continue
        old = before.get(entry.id)
        if old is None:
            after[entry.id] = Known(digest=entry.digest)
            if known is not None or _recent(entry, now, first_poll):
                emit.append((index, "new"))
        elif old.digest == entry.digest or old.changes >= MAX_CHANGES:
            after[entry.id] = Known(digest=old.digest, changes=old.changes)
        else:
            after[entry.id] = Known(digest=entry.digest, changes=old.changes + 1)
            emit.append((index, "revision"))
    return Update(tuple(emit), after | _remembered(before, after, now, forget_after))


def _recent(entry: Listed, now: datetime, first_poll: timedelta | None) -> bool:
    return first_poll is None or entry.published is None or now - entry.published <= first_poll


def _remembered(
    before: Mapping[str, Known], listed: Mapping[str, Known], now: datetime, forget_after: timedelta
) -> dict[str, Known]:
    """Of the entries no longer listed, those not to be forgotten yet."""
    left = [
        (known.gone or now, key, known)
        for key, known in before.items()
        if key not in listed and now - (known.gone or now) <= forget_after
    ]
    left.sort(key=lambda item: item[:2], reverse=True)
    kept = left[: max(0, MAX_KNOWN - len(listed))]
    return {key: Known(digest=k.digest, changes=k.changes, gone=gone) for gone, key, k in reversed(kept)}
