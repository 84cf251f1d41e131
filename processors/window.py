"""What dedup keeps: the articles of the window, by language, and the indexes that find candidates among them.

An article is visible while it arrived at most a window before the stream's clock. That is decided by comparing
times; when its record and its index entries are removed, some time later and many at once, changes no decision.
"""

import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from processors.fingerprint import Fingerprint
from processors.postings import Postings
from streams.messages import Message

SLICES = 64
"""Slices of the window. Records are removed a slice at a time: at a million articles in the window, 16,000
tombstones in one decision."""
SLICES_PER_BUCKET = 16
"""Slices that share an index. Few indexes to look into (four or five at a time), and at most a fifth of their
entries outdated."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """Microseconds since 1970; a time without a zone is UTC."""
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH) // _MICROSECOND


def moment(micros: int) -> datetime:
    """The time so many microseconds after 1970."""
    return _EPOCH + micros * _MICROSECOND


class Kept(Message, frozen=True, kw_only=True, tag="kept"):
    """Changelog record of an article of the window; 3.2 KB of JSON for 400 words."""

    made: str
    """How fingerprint and signature were made (`Fingerprinter.made`)."""
    id: str
    lang: str
    arrived: datetime
    """The stream's clock when this version came."""
    published: datetime | None
    family: str
    words: int
    text: bytes
    title: bytes
    shingles: bytes
    """Little-endian uint32."""
    bits: int
    numbers: bytes
    """Little-endian uint64."""
    signature: bytes
    """Little-endian uint32, none for an empty text. Kept, because it is dearer to compute than to read."""

    @property
    def fingerprint(self) -> Fingerprint:
        """The fingerprint; its arrays are views of the record."""
        return Fingerprint(
            words=self.words,
            text=self.text,
            title=self.title,
            shingles=np.frombuffer(self.shingles, "<u4"),
            bits=self.bits,
            numbers=np.frombuffer(self.numbers, "<u8"),
        )


class Clock(Message, frozen=True, kw_only=True, tag="clock"):
    """Changelog record of a language's clock, written where it advances without a new article."""

    lang: str
    clock: datetime


@dataclass(frozen=True, slots=True)
class Row:
    """An article of the window, in memory. Times in microseconds since 1970."""

    key: str
    """In the changelog."""
    lang: str
    slot: int
    """Its number in the index; a new version gets a new one."""
    id: str
    arrived: int
    published: int | None
    family: str
    samples: int
    """How many of its shingles are in the index."""
    print: Fingerprint


@dataclass(slots=True)
class Bucket:
    """The index of the articles that arrived within SLICES_PER_BUCKET slices."""

    index: Postings = field(default_factory=Postings)
    live: int = 0


@dataclass(slots=True)
class Language:
    """What is kept of one language."""

    clock: int | None = None
    """The largest `fetched` seen."""
    rows: dict[int, Row] = field(default_factory=dict)
    """By slot."""
    slices: dict[int, set[str]] = field(default_factory=dict)
    """The keys of the articles that arrived in each slice of time."""
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
        self._next_slot = 0

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

    def find(self, lang: str, keys: NDArray[np.uint32]) -> tuple[NDArray[np.intp], NDArray[np.uint32]]:
        """Every match of a language's indexes: the key's position in `keys`, and a slot entered under it."""
        buckets = self._languages[lang].buckets.values() if lang in self._languages else ()
        found = [bucket.index.find(keys) for bucket in buckets]
        positions = np.concatenate([at for at, _ in found] or [np.empty(0, np.intp)])
        return positions, np.concatenate([slots for _, slots in found] or [np.empty(0, np.uint32)])

    def rows(self, lang: str) -> dict[int, Row]:
        """A language's articles by slot. Slots that an index finds and that are not here have been removed."""
        return self._languages[lang].rows if lang in self._languages else {}

    def expired(self, lang: str, horizon: int) -> list[str]:
        """The changelog keys of slices that end before `horizon`, sorted."""
        if lang not in self._languages:
            return []
        slices = self._languages[lang].slices
        return sorted(key for at, keys in slices.items() if (at + 1) * self._slice <= horizon for key in keys)

    def put(self, key: str, kept: Kept, fingerprint: Fingerprint, samples: int, keys: NDArray[np.uint32]) -> None:
        """Keep an article, in place of the version there was; `keys` (none for an empty text) find it."""
        self.remove(key)
        language = self._languages.setdefault(kept.lang, Language())
        row = Row(
            key=key,
            lang=sys.intern(kept.lang),
            slot=self._next_slot,
            id=kept.id,
            arrived=micros(kept.arrived),
            published=None if kept.published is None else micros(kept.published),
            family=kept.id if kept.family == kept.id else kept.family,  # one string instead of two equal ones
            samples=samples,
            print=fingerprint,
        )
        self._next_slot += 1
        self._rows[key] = language.rows[row.slot] = row
        at = row.arrived // self._slice
        language.advance(row.arrived)
        language.slices.setdefault(at, set()).add(key)
        bucket = language.buckets.setdefault(at // SLICES_PER_BUCKET, Bucket())
        bucket.live += 1
        bucket.index.add(keys, row.slot)

    def remove(self, key: str) -> None:
        """Forget an article. An index goes with the last of its articles."""
        row = self._rows.pop(key, None)
        if row is None:
            return
        language = self._languages[row.lang]
        del language.rows[row.slot]
        at = row.arrived // self._slice
        language.slices[at].remove(key)
        if not language.slices[at]:
            del language.slices[at]
        bucket = language.buckets[at // SLICES_PER_BUCKET]
        bucket.live -= 1
        if not bucket.live:
            del language.buckets[at // SLICES_PER_BUCKET]

    def advance(self, lang: str, clock: int) -> None:
        """The stream of a language has reached this time, at least."""
        self._languages.setdefault(lang, Language()).advance(clock)
