"""The records of cluster's changelog: what is remembered of articles, stories and the stream."""

from datetime import datetime

from streams.messages import Encoding, First, Message


class ArticleRecord(Message, frozen=True, kw_only=True, tag="article"):
    """A live article: what later ones are compared with. Written once, and again for a new version of its text."""

    id: str
    lang: str
    number: int
    """The article was the so manieth of its language to open or join a story; orders articles by arrival."""
    arrived: datetime
    """The stream's clock then."""
    published: datetime | None
    family: str
    """The first article of its family of copies."""
    title: str
    vector: str | None
    words: tuple[str, ...]
    word_weights: str
    """As packed vectors (`processors.encoding.vectors`), like all weights."""
    lead_weights: str
    """Over the first of `words`: those of the lead."""
    names: tuple[str, ...]
    name_weights: str
    numbers: tuple[str, ...]

    @property
    def key(self) -> str:
        """In the changelog."""
        return article_key(self.lang, self.id)


class AssignmentRecord(Message, frozen=True, kw_only=True, tag="assignment"):
    """The story of a live article. Apart from the article, because a merge changes it."""

    id: str
    lang: str
    story: str

    @property
    def key(self) -> str:
        """In the changelog."""
        return assignment_key(self.lang, self.id)


class StoryRecord(Message, frozen=True, kw_only=True, tag="story"):
    """A story with at least one live article. Counts and times cover the expired ones, too."""

    id: str
    lang: str
    opened: int
    """The number of the article that opened it."""
    version: int
    title: str
    titled: str
    """The article whose headline the title is."""
    terms: tuple[str, ...]
    names: tuple[str, ...]
    first: First
    articles: int
    sources: tuple[str, ...]
    """Sorted."""
    independent_texts: int
    first_published: datetime | None
    last_published: datetime | None
    last_fetched: datetime
    related: tuple[str, ...] = ()
    """Stories of the same affair that it was linked with, the newest links last."""
    alarmed: int = 0
    """Its independent texts when it raised the last size alarm; 0 before the first."""

    @property
    def key(self) -> str:
        """In the changelog."""
        return story_key(self.lang, self.id)


class StreamRecord(Message, frozen=True, kw_only=True, tag="stream"):
    """How far the stream of a language has come."""

    lang: str
    clock: datetime
    """The largest `fetched` seen."""
    numbered: int
    """Articles that opened or joined a story so far."""
    encoding: Encoding
    """How its vectors were made."""

    @property
    def key(self) -> str:
        """In the changelog."""
        return f"stream:{self.lang}"


Record = ArticleRecord | AssignmentRecord | StoryRecord | StreamRecord


def article_key(lang: str, article: str) -> str:
    """The changelog key of an ArticleRecord."""
    return f"article:{lang}:{article}"


def assignment_key(lang: str, article: str) -> str:
    """The changelog key of an AssignmentRecord."""
    return f"assignment:{lang}:{article}"


def story_key(lang: str, story: str) -> str:
    """The changelog key of a StoryRecord."""
    return f"story:{lang}:{story}"
