"""Articles and stories in memory."""

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from processors.copies.window import micros, moment
from processors.stories.features import Features
from processors.stories.headline import gathers
from processors.stories.layout import Comparable
from processors.stories.story_records import ArticleRecord, StoryRecord


@dataclass(slots=True, eq=False)
class Row(Comparable):
    """An article in memory."""

    id: str
    number: int
    arrived: int
    """Microseconds since 1970."""
    family: str
    title: str
    gathers: bool
    """Whether it is a live blog, a round-up or a briefing: about more than one event."""
    story: "Story" = field(init=False, repr=False)
    """Where it belongs, as soon as that is known."""

    @property
    def order(self) -> tuple[bool, int, str]:
        """How ties are broken: published first, undated last, then by id."""
        return self.published is None, self.published or 0, self.id

    @property
    def arrived_at(self) -> datetime:
        """The stream's clock when it came."""
        return moment(self.arrived)

    @property
    def published_at(self) -> datetime | None:
        """When it was published, to the second."""
        return None if self.published is None else moment(self.published * 1_000_000)


def row(record: ArticleRecord, of: Features) -> Row:
    """A record as a row."""
    return Row(
        id=record.id,
        number=record.number,
        arrived=micros(record.arrived),
        published=seconds(record.published),
        family=record.id if record.family == record.id else record.family,  # one string instead of two equal ones
        title=record.title,
        gathers=gathers(record.title, record.lang),
        features=of,
    )


def seconds(moment: datetime | None) -> int | None:
    """Seconds since 1970; None for None."""
    return None if moment is None else micros(moment) // 1_000_000


def by_arrival(row: Row) -> int:
    """Sorts rows by arrival."""
    return row.number


def put_in(rows: list[Row], new: Row) -> None:
    """Put a row into rows by arrival."""
    insort(rows, new, key=by_arrival)


def take_out(rows: list[Row], old: Row) -> None:
    """Take a row out of rows by arrival."""
    del rows[bisect_left(rows, old.number, key=by_arrival)]


def texts(rows: Sequence[Row], most: int) -> list[Row]:
    """The newest independent texts among rows in the order of arrival: of each family of copies the first to come.

    A copy says nothing that its original has not said; counted, an agency text printed twenty times would outvote
    every reporter.
    """
    if len(rows) <= 1:
        return [*rows]
    firsts: dict[str, Row] = {}
    for row in rows:
        firsts.setdefault(row.family, row)
    return list(firsts.values())[-most:]


def reports(rows: Sequence[Row], most: int) -> list[Row]:
    """The texts that speak for a story: not those that gather several events, which would tie them into one."""
    return texts([row for row in rows if not row.gathers], most)


class Story:
    """A story in memory, put together from its record and its articles in whatever order they come."""

    __slots__ = ("_reports", "assigned", "id", "rows", "written")

    def __init__(self, id: str) -> None:  # noqa: A002
        self.id = id
        self.written: StoryRecord | None = None
        """Its record, once it came."""
        self.assigned = 0
        """Articles that belong to it, here or not yet."""
        self.rows: list[Row] = []
        """Those that are here, by arrival."""
        self._reports: tuple[int, list[Row]] | None = None

    @property
    def record(self) -> StoryRecord:
        """Its record, which is there whenever a message is decided."""
        if self.written is None:
            raise LookupError(f"story {self.id} has articles and no record in the changelog")
        return self.written

    def add(self, row: Row) -> None:
        """An article that belongs to it."""
        row.story = self
        put_in(self.rows, row)
        self._reports = None

    def remove(self, row: Row) -> None:
        """An article that no longer does."""
        take_out(self.rows, row)
        self._reports = None

    def reports(self, most: int) -> Sequence[Row]:
        """The newest texts that speak for it; kept as long as it stays as it is."""
        if self._reports is None or self._reports[0] != most:
            self._reports = most, reports(self.rows, most)
        return self._reports[1]
