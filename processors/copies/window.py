"""What dedup keeps: the articles of the window, by language, and the indexes that find candidates among them.

An article is visible while it arrived at most a window before the stream's clock. That is decided by comparing
times; when its record and its index entries are removed, some time later and many at once, changes no decision.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain

import msgspec

from processors.copies.fingerprint import Fingerprint
from processors.copies.postings import Entries, Postings
from processors.copies.roster import Roster
from processors.copies.sieve import Keys
from streams.messages import Message

SLICES = 1_024
"""Slices of the window. Records are removed a slice at a time: at a million articles in the window, 1,000
tombstones in one decision."""
SLICES_PER_BUCKET = 512
"""Slices that share an index. Few indexes to look into (three at a time), and at most a third of their entries
outdated."""
IDLE = 10_000
"""An index is tidied when so many articles in a row went into others. A changelog restores them in any order."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """Microseconds since 1970; a time without a zone is UTC."""
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH) // _MICROSECOND


def moment(micros: int) -> datetime:
    """The time so many microseconds after 1970."""
    return _EPOCH + micros * _MICROSECOND


def key_of(lang: str, article: str) -> str:
    """An article's key in the changelog."""
    return f"article:{lang}:{article}"


class Kept(Message, frozen=True, kw_only=True, tag="kept"):
    """Changelog record of an article of the window; 3.2 KB of JSON for 400 words."""

    made: str
    """How fingerprint and signature were made (`Fingerprinter.made`)."""
    id: str
    lang: str
    arrived: datetime
    """The stream's clock when this version came."""
    published: datetime | None
    house: str | None
    """The outlet."""
    family: str
    print: Fingerprint
    signature: bytes
    """Little-endian uint32, none for an empty text. Kept, because it is dearer to compute than to read."""


class Clock(Message, frozen=True, kw_only=True, tag="clock"):
    """Changelog record of a language's clock, written where it advances without a new article."""

    lang: str
    clock: datetime


class Row(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An article of the window, in memory. Times in microseconds since 1970."""

    key: str
    """In the changelog."""
    lang: str
    slot: int
    """Its number in the index; a new version gets a new one."""
    arrived: int
    published: int | None
    house: str | None
    """The outlet."""
    joined: str | None
    """The family; None for its own."""
    print: Fingerprint

    @property
    def id(self) -> str:
        """The article's id. Not kept beside the key, which contains it: 100 bytes."""
        return self.key.removeprefix(key_of(self.lang, ""))

    @property
    def family(self) -> str:
        """The first article of the family of copies."""
        return self.id if self.joined is None else self.joined


@dataclass(slots=True)
class Slice:
    """The articles that arrived in one slice of time, by slot, those included that have been replaced since."""

    slots: list[int] = field(default_factory=list)
    live: int = 0


@dataclass(slots=True)
class Bucket:
    """The index of the articles that arrived within SLICES_PER_BUCKET slices."""

    index: Postings = field(default_factory=Postings)
    live: int = 0
    idle: int = 0
    """Articles that went into other indexes since the last one that came into this."""

    def add(self, keys: Keys, slot: int) -> None:
        """Enter an article."""
        self.live += 1
        self.idle = 0
        self.index.add(keys, slot)

    def rest(self) -> None:
        """An article went into another index."""
        self.idle += 1
        if self.idle > IDLE:
            self.index.tidy()


@dataclass(slots=True)
class Language:
    """What is kept of one language."""

    clock: int | None = None
    """The largest `fetched` seen."""
    roster: Roster[Row] = field(default_factory=Roster)
    """The articles by slot; with each the number of its samples in the index."""
    slices: dict[int, Slice] = field(default_factory=dict)
    oldest: int | None = None
    """The oldest of the slices."""
    buckets: dict[int, Bucket] = field(default_factory=dict)

    def advance(self, clock: int) -> None:
        """The stream has reached this time, at least."""
        self.clock = clock if self.clock is None else max(self.clock, clock)


class Window:
    """The state of dedup.

    Args:
        length: how long an article stays visible, in microseconds.
    """

    def __init__(self, length: int) -> None:
        self._slice = max(1, length // SLICES)
        self._languages: dict[str, Language] = {}
        self._rows: dict[str, Row] = {}

    def __len__(self) -> int:
        """Articles kept, those included that are no longer visible."""
        return len(self._rows)

    def clock(self, lang: str) -> int | None:
        """A language's clock; None before its first article."""
        language = self._languages.get(lang)
        return language.clock if language else None

    def get(self, key: str, horizon: int) -> Row | None:
        """The article under a changelog key, unless it arrived before `horizon`."""
        row = self._rows.get(key)
        return row if row is not None and row.arrived >= horizon else None

    def find(self, lang: str, keys: Keys) -> Iterator[tuple[int, Entries]]:
        """Every match of a language's indexes: the key's position in `keys`, and entries of it."""
        buckets = self._languages[lang].buckets.values() if lang in self._languages else ()
        return chain.from_iterable(bucket.index.find(keys) for bucket in buckets)

    def roster(self, lang: str) -> Roster[Row]:
        """A language's articles by slot. Slots that an index finds and that are not here have been removed."""
        return self._languages[lang].roster if lang in self._languages else Roster()

    def expired(self, lang: str, horizon: int) -> list[str]:
        """The changelog keys of slices that end before `horizon`, sorted."""
        language = self._languages.get(lang)
        if language is None or language.oldest is None or (language.oldest + 1) * self._slice > horizon:
            return []
        old = [slice_.slots for at, slice_ in language.slices.items() if (at + 1) * self._slice <= horizon]
        return sorted(row.key for slots in old for row in language.roster.rows(slots))

    def put(self, key: str, kept: Kept, samples: int, keys: Keys) -> None:
        """Keep an article, in place of the version there was; `keys` (none for an empty text) find it."""
        self.remove(key)
        language = self._languages.get(kept.lang) or self._languages.setdefault(kept.lang, Language())
        row = Row(
            key=key,
            lang=sys.intern(kept.lang),
            slot=language.roster.next,
            arrived=micros(kept.arrived),
            published=None if kept.published is None else micros(kept.published),
            house=None if kept.house is None else sys.intern(kept.house),
            joined=None if kept.family == kept.id else kept.family,
            print=kept.print,
        )
        self._rows[key] = row
        language.roster.add(row, samples, row.arrived)
        language.advance(row.arrived)
        at = row.arrived // self._slice
        if at not in language.slices:
            language.slices[at] = Slice()
            language.oldest = min(language.slices)
            language.buckets.setdefault(at // SLICES_PER_BUCKET, Bucket())
        slice_ = language.slices[at]
        slice_.slots.append(row.slot)
        slice_.live += 1
        for number, bucket in language.buckets.items():
            if number == at // SLICES_PER_BUCKET:
                bucket.add(keys, row.slot)
            else:
                bucket.rest()

    def remove(self, key: str) -> None:
        """Forget an article. An index goes with the last of its articles."""
        row = self._rows.pop(key, None)
        if row is None:
            return
        language = self._languages[row.lang]
        language.roster.remove(row.slot)
        at = row.arrived // self._slice
        slice_, bucket = language.slices[at], language.buckets[at // SLICES_PER_BUCKET]
        slice_.live -= 1
        bucket.live -= 1
        if not slice_.live:
            del language.slices[at]
            language.oldest = min(language.slices, default=None)
        if not bucket.live:
            del language.buckets[at // SLICES_PER_BUCKET]

    def advance(self, lang: str, clock: int) -> None:
        """The stream of a language has reached this time, at least."""
        self._languages.setdefault(lang, Language()).advance(clock)
