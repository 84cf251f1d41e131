"""What is read from the database of the SQL sink: plain values, times in UTC."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.deciding import Usual
from streams.messages import Evidence


@dataclass(frozen=True, slots=True)
class Story:
    """A story as it stands now. Times are UTC."""

    id: str
    title: str
    terms: Sequence[str]
    """Distinctive words that are no names."""
    names: Sequence[str]
    first_article: str | None
    """The article that was published first."""
    first_source: str | None
    lang: str
    articles: int
    sources: int
    independent_texts: int
    """Articles less their copies."""
    first_published: datetime | None
    last_published: datetime | None
    last_fetched: datetime
    alarmed: int
    """Its independent texts when it last grew beyond what its coherence supports; 0 for never."""


@dataclass(frozen=True, slots=True)
class Article:
    """An article as it stands now, without its text."""

    id: str
    url: str | None
    title: str
    source: str | None
    lang: str
    published: datetime | None
    published_claim: str | None
    fetched: datetime
    story_id: str | None
    verdict: str
    duplicate_of: str | None
    family: str
    revised: datetime | None
    revisions: int


@dataclass(frozen=True, slots=True)
class Lead:
    """An article with its text."""

    article: Article
    text: str


@dataclass(frozen=True, slots=True)
class Match:
    """A verified match of an article with another one."""

    other_id: str
    kind: str
    jaccard: float
    containment: float


@dataclass(frozen=True, slots=True)
class Member:
    """An article in its story."""

    article: Article
    match: Match | None
    """How it matches the article it copies."""


@dataclass(frozen=True, slots=True)
class Link:
    """Another story of the same affair, and why it is thought to be one."""

    story: Story
    score: float
    names: Sequence[str]
    terms: Sequence[str]
    gap_days: float | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """A story with its articles in the order of their publication; undated ones last."""

    story: Story
    members: Sequence[Member]
    asked: str
    """The id asked for; another than the story's when that one was merged into this."""
    related: Sequence[Link] = ()
    """The nearest first. Only of a story that was asked for."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that was decided about an article, with titles for the ids in it."""

    article: Article
    matches: Sequence[Match]
    """The best first."""
    copies: int
    """How many later articles copy its text or are of its family."""
    feeds: Sequence[str]
    story: Story | None
    evidence: Evidence | None
    articles: dict[str, Article]
    """The other articles that verdict and evidence mention, where they are known."""
    stories: dict[str, Story]
    """The other stories that the evidence mentions; merged ones stand for what they became."""
    usual: Usual | None = None
    """What the parts of a score usually are in this database, with vectors or without as here."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two articles, and everything that was decided about them."""

    first: Explanation
    """The one that came first."""
    second: Explanation
    texts: tuple[str, str]
    matches: Sequence[tuple[str, Match]]
    """The verified matches between them, each with the id of the article that has it."""
    evidence: Mapping[str, Evidence]
    """Of all articles of their story; empty where they are apart."""
    articles: Mapping[str, Article]
    """All articles that are known here, by id."""
