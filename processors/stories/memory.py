"""What cluster remembers: the live articles, their stories, and how far each language's stream has come.

Everything here is put together from changelog records (`processors.stories.story_records`), and decides the same
in whatever order they come.
"""

from dataclasses import dataclass, field

from processors.encoding.vectors import unpack
from processors.stories.features import Features, features
from processors.stories.nearest import NearestVectors, NearestWords
from processors.stories.pair_score import Board
from processors.stories.rows import Row, Story, put_in, row, take_out
from processors.stories.story_records import (
    ArticleRecord,
    AssignmentRecord,
    Record,
    StoryRecord,
    StreamRecord,
)
from processors.stories.vocabulary import TermLists, Vocabulary
from processors.stories.weights import Weights


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
    story_of: dict[str, Story] = field(default_factory=dict)
    """Story by article."""
    stories: dict[str, Story] = field(default_factory=dict)
    """Those that have a record or an article."""
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    vectors: NearestVectors = field(default_factory=NearestVectors)
    words: NearestWords = field(default_factory=NearestWords)
    """The articles without a vector."""
    board: Board = field(default_factory=Board)

    def put_article(self, record: ArticleRecord) -> None:
        """Remember an article, in place of an earlier version."""
        self.remove_article(record.id)
        of = _entered(record, self.vocabulary)
        new = self.rows[record.id] = row(record, of)
        put_in(self.arrivals, new)
        if of.vector is None:
            self.words.add(new, of)
        else:
            self.vectors.add(new, of.vector)
            new.features = of.beside(self.vectors.vector(new))  # one instead of two equal ones
        if record.id in self.story_of:  # article and assignment come in any order; they meet with the second
            self.story_of[record.id].add(new)

    def remove_article(self, id: str) -> None:  # noqa: A002
        """Forget an article, if it is there."""
        old = self.rows.pop(id, None)
        if old is None:
            return
        if id in self.story_of:
            self.story_of[id].remove(old)
        take_out(self.arrivals, old)
        self.vocabulary.leave(old.features.terms)
        if old.features.vector is None:
            self.words.remove(old)
        else:
            self.vectors.remove(old)

    def assign(self, id: str, story: str | None) -> None:  # noqa: A002
        """Put an article into a story, or take it out of the one it is in."""
        old, row = self.story_of.pop(id, None), self.rows.get(id)
        if old is not None:
            old.assigned -= 1
            if row is not None:
                old.remove(row)
            self._tidy(old)
        if story is not None:
            new = self.story_of[id] = self._story(story)
            new.assigned += 1
            if row is not None:
                new.add(row)

    def put_story(self, record: StoryRecord) -> None:
        """Remember a story, in place of an earlier state."""
        self._story(record.id).written = record

    def remove_story(self, id: str) -> None:  # noqa: A002
        """Forget a story, if it is there."""
        story = self.stories.get(id)
        if story is not None:
            story.written = None
            self._tidy(story)

    def _story(self, id: str) -> Story:  # noqa: A002
        if id not in self.stories:
            self.stories[id] = Story(id)
        return self.stories[id]

    def _tidy(self, story: Story) -> None:
        if story.written is None and not story.assigned:
            del self.stories[story.id]


class Stories:
    """The state of a partition: its languages."""

    def __init__(self) -> None:
        self._languages: dict[str, Language] = {}

    def language(self, lang: str) -> Language:
        """What is remembered of a language; an empty one where it is new."""
        return self._languages.get(lang) or Language()

    def put(self, record: Record) -> None:
        """Remember a record."""
        language = self._languages.get(record.lang)
        if language is None:
            language = self._languages[record.lang] = Language()
        match record:
            case ArticleRecord():
                language.put_article(record)
            case AssignmentRecord():
                language.assign(record.id, record.story)
            case StoryRecord():
                language.put_story(record)
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
            language.remove_story(id)
