"""What cluster remembers: the live articles, their stories, and how far each language's stream has come.

Everything here is put together from changelog records (`processors.story_records`), and decides the same in
whatever order they come.
"""

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from processors.features import Features, features
from processors.layout import Comparable, Layout, lay_out
from processors.nearest import NearestVectors, NearestWords
from processors.pair_score import Board
from processors.story_records import (
    ArticleRecord,
    AssignmentRecord,
    Record,
    StoryRecord,
    StreamRecord,
)
from processors.vectors import unpack
from processors.vocabulary import TermLists, Vocabulary
from processors.weights import Weights
from processors.window import micros, moment


@dataclass(frozen=True, slots=True, eq=False)
class Row(Comparable):
    """An article in memory."""

    id: str
    number: int
    arrived: int
    """Microseconds since 1970."""
    family: str
    title: str

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
        features=of,
    )


def seconds(moment: datetime | None) -> int | None:
    """Seconds since 1970; None for None."""
    return None if moment is None else micros(moment) // 1_000_000


def _entered(record: ArticleRecord, vocabulary: Vocabulary) -> Features:
    """The features of a record, whose terms are counted among those of the live articles."""
    ids = vocabulary.enter(TermLists(record.words, record.names, record.numbers))
    weights = Weights(unpack(record.word_weights), unpack(record.lead_weights), unpack(record.name_weights))
    return features(None if record.vector is None else unpack(record.vector), weights, ids)


@dataclass(slots=True)
class Language:
    """What is remembered of one language."""

    stream: StreamRecord | None = None
    rows: dict[str, Row] = field(default_factory=dict)
    """The live articles by id, and those that expired with the last message."""
    arrivals: list[Row] = field(default_factory=list)
    """The same by arrival."""
    story_of: dict[str, str] = field(default_factory=dict)
    """Story by article."""
    stories: dict[str, StoryRecord] = field(default_factory=dict)
    members: dict[str, list[Row]] = field(default_factory=dict)
    """The rows of each story, by arrival."""
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    vectors: NearestVectors = field(default_factory=NearestVectors)
    words: NearestWords = field(default_factory=NearestWords)
    """The articles without a vector."""
    board: Board = field(default_factory=Board)
    layouts: dict[str, tuple[int, Layout[Row]]] = field(default_factory=dict)
    """Of stories as they are, with the number of texts that were asked for."""

    # --- what changes it -------------------------------------------------------------------------------

    def put_article(self, record: ArticleRecord) -> None:
        """Remember an article, in place of an earlier version."""
        self.remove_article(record.id)
        of = _entered(record, self.vocabulary)
        new = self.rows[record.id] = row(record, of)
        insort(self.arrivals, new, key=by_arrival)
        if of.vector is None:
            self.words.add(new.id, new.arrived, of)
        else:
            self.vectors.add(new.id, new.arrived, of.vector)
        self._link(record.id)

    def remove_article(self, id: str) -> None:  # noqa: A002
        """Forget an article, if it is there."""
        if id in self.rows:
            self._unlink(id)
            old = self.rows.pop(id)
            _take_out(self.arrivals, old)
            self.vocabulary.leave(old.features.terms)
            self.vectors.remove(id)
            self.words.remove(id)

    def assign(self, id: str, story: str | None) -> None:  # noqa: A002
        """Put an article into a story, or take it out of the one it is in."""
        self._unlink(id)
        if story is None:
            self.story_of.pop(id, None)
        else:
            self.story_of[id] = story
            self._link(id)

    def layout(self, story: str, most: int) -> Layout[Row]:
        """The newest independent texts of a story, laid out."""
        kept = self.layouts.get(story)
        if kept is None or kept[0] != most:
            rows = texts(self.members[story], most)
            kept = self.layouts[story] = most, lay_out(rows, self.vectors.slots([row.id for row in rows]))
        return kept[1]

    def _link(self, id: str) -> None:  # noqa: A002
        """Article and assignment come in any order; they meet with the second."""
        if id in self.rows and id in self.story_of:
            story = self.story_of[id]
            insort(self.members.setdefault(story, []), self.rows[id], key=by_arrival)
            self.layouts.pop(story, None)

    def _unlink(self, id: str) -> None:  # noqa: A002
        if id in self.rows and id in self.story_of:
            story = self.story_of[id]
            _take_out(self.members[story], self.rows[id])
            self.layouts.pop(story, None)
            if not self.members[story]:
                del self.members[story]


def by_arrival(row: Row) -> int:
    """Sorts rows by arrival."""
    return row.number


def texts(rows: Sequence[Row], most: int) -> list[Row]:
    """The newest independent texts among rows in the order of arrival: of each family of copies the first to come.

    A copy says nothing that its original has not said; counted, an agency text printed twenty times would outvote
    every reporter.
    """
    if len(rows) == 1:
        return [*rows]
    firsts: dict[str, Row] = {}
    for row in rows:
        firsts.setdefault(row.family, row)
    return list(firsts.values())[-most:]


def _take_out(rows: list[Row], old: Row) -> None:
    del rows[bisect_left(rows, old.number, key=by_arrival)]


class Stories:
    """The state of a partition: its languages."""

    def __init__(self) -> None:
        self._languages: dict[str, Language] = {}

    def language(self, lang: str) -> Language:
        """What is remembered of a language; an empty one where it is new."""
        return self._languages.get(lang) or Language()

    def put(self, record: Record) -> None:
        """Remember a record."""
        language = self._languages.setdefault(record.lang, Language())
        match record:
            case ArticleRecord():
                language.put_article(record)
            case AssignmentRecord():
                language.assign(record.id, record.story)
            case StoryRecord():
                language.stories[record.id] = record
            case StreamRecord():
                language.stream = record

    def remove(self, key: str) -> None:
        """Forget the record with this key, if it is there."""
        kind, lang, id = key.split(":", 2)  # noqa: A001
        language = self._languages.get(lang)
        if language is None:
            return
        if kind == "article":
            language.remove_article(id)
        elif kind == "assignment":
            language.assign(id, None)
        elif kind == "story":
            language.stories.pop(id, None)
