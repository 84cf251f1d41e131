"""The one schema of everything on a topic.

Messages are JSON objects with a `schema` version. Unknown fields are ignored, an unknown version is refused
(`UnknownSchema`), so that a message is never half understood. Times are UTC.
"""

from datetime import datetime
from typing import Generic, Literal, TypeVar

import msgspec

SCHEMA = 1


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all messages."""

    schema: int = SCHEMA


# --- what travels through the stages -------------------------------------------------------------------


class Article(Message, frozen=True, kw_only=True):
    """One version of one article, as the poller or a file brought it (topic `articles`)."""

    id: str
    """Hash of the canonical URL, else of feed and GUID, else of the content; or the id given in a file."""
    title: str
    """Plain text; the first sentence of the text (at most 25 words) where the source gave none."""
    text: str
    """Plain text, paragraphs separated by newlines; may be empty."""
    lang: str
    """Detected from the text (ISO 639-1); the key of every topic."""
    url: str | None = None
    source: str | None = None
    """The outlet: the feed's name for it, else the registered domain."""
    feed: str | None = None
    """URL of the feed, or path of the file, that brought this sighting."""
    published: datetime | None = None
    """When the source says it was published, corrected; None where it does not say."""
    published_claim: str | None = None
    """The claim itself where it was corrected or not understood."""
    fetched: datetime
    """When it was seen; the stream's clock advances by this."""
    declared_lang: str | None = None
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    image: str | None = None


Kind = Literal["exact", "near", "excerpt", "contains", "revision"]
Decided = Literal["original", "exact", "near", "excerpt", "revision", "sighting"]


class Relation(msgspec.Struct, frozen=True, kw_only=True):
    """A verified match of an article with an earlier one."""

    id: str
    kind: Kind
    jaccard: float
    containment: float
    """Share of the shorter text's shingles that stand in the longer one."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What dedup decided about an article, with its evidence."""

    verdict: Decided
    duplicate_of: str | None = None
    """The best match, for exact, near and excerpt."""
    family: str
    """The first article of the family of copies; the article itself for an original."""
    relations: tuple[Relation, ...] = ()


class Deduped(Message, frozen=True, kw_only=True):
    """Topic `deduped`."""

    article: Article
    verdict: Verdict


class Encoding(msgspec.Struct, frozen=True, kw_only=True):
    """How a vector was made; vectors of different encodings must not be compared."""

    model: str
    """Name and hash of the weights."""
    precision: str
    max_tokens: int


class Embedded(Message, frozen=True, kw_only=True):
    """Topic `embedded`."""

    article: Article
    verdict: Verdict
    vector: str | None
    """Base64 of little-endian int16 components (`processors.encoding.vectors`); None where the model does not
    know the article's language."""
    encoding: Encoding


# --- what cluster decided ------------------------------------------------------------------------------


class PairScore(msgspec.Struct, frozen=True, kw_only=True):
    """The comparison of an article with one member of a story: the score and what each part added to it."""

    id: str
    score: float
    parts: dict[str, float]
    """Contribution of each feature in log odds; they and the intercept add up to the score."""


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """The comparison of an article with one story."""

    story: str
    score: float
    members: tuple[PairScore, ...]
    """The best members, at most five."""
    names: tuple[str, ...] = ()
    """Names shared with the best member."""
    terms: tuple[str, ...] = ()
    """Most distinctive words shared with the best member."""
    gap_days: float | None = None
    """Days between the publication of the article and that of the nearest compared member."""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Why an article was assigned to its story."""

    reason: Literal["opened", "joined", "copy", "revision", "sighting"]
    """`copy`: follows the article it copies; `revision`, `sighting`: keeps the story it had."""
    threshold: float
    best: Compared | None = None
    """The story it joined; for `opened` the best one it did not join."""
    runner_up: Compared | None = None
    follows: str | None = None
    """The article a copy follows."""
    vector: bool = True
    """Whether a vector took part; without one, words, names and time decided."""
    confidence: float | None = None
    """How likely the decision between joining and opening is right, from 0 to 1; None where none was weighed."""
    doubtful: bool = False
    """Whether the decision was a close one: its score lies in the band of doubt around the threshold."""


class Assigned(msgspec.Struct, frozen=True, kw_only=True):
    """The story of an article."""

    story: str
    evidence: Evidence


class First(msgspec.Struct, frozen=True, kw_only=True):
    """Who had a story first: the article that was published first."""

    article: str
    source: str | None
    published: datetime | None


class StoryState(msgspec.Struct, frozen=True, kw_only=True):
    """A story after a change; the highest version is the current one."""

    id: str
    version: int
    title: str
    terms: tuple[str, ...] = ()
    """Its distinctive words that are no names, the most telling first. They and the names stand in at least two of
    its texts, so a story of one text has none."""
    names: tuple[str, ...] = ()
    """As they are written there."""
    first: First
    lang: str
    articles: int
    sources: int
    independent_texts: int
    """Articles less their copies."""
    first_published: datetime | None
    last_published: datetime | None
    last_fetched: datetime
    """The stream's clock at the last change."""
    alarmed: int = 0
    """Its independent texts when it raised the last size alarm; 0 before the first."""


class Merged(msgspec.Struct, frozen=True, kw_only=True):
    """A story id that disappeared, and the one that took its articles."""

    old: str
    into: str


class Related(msgspec.Struct, frozen=True, kw_only=True):
    """Another story of the affair that the article's own story is part of: near in all but time."""

    story: str
    score: float
    """How well the article fits that story when its date is left out, in log odds."""
    names: tuple[str, ...] = ()
    """Names shared with the best member of that story."""
    terms: tuple[str, ...] = ()
    gap_days: float | None = None
    """Days between the publication of the article and that of the story's nearest member."""


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """A story grew beyond what its coherence supports: it is likely several events that were taken for one."""

    story: str
    independent_texts: int
    coherence: float
    """The mean similarity (cosine) of its newest texts with the most typical of them..."""
    least: float
    """... and what a story of this size should have."""


class StoryUpdate(Message, frozen=True, kw_only=True):
    """Topic `stories`: everything that sinks need, one message per article."""

    article: Article
    verdict: Verdict
    assigned: Assigned | None
    """None only for a sighting or revision of an article that cluster has forgotten."""
    changed: tuple[StoryState, ...] = ()
    merged: tuple[Merged, ...] = ()
    related: tuple[Related, ...] = ()
    """Links of the article's story with others, each told once, in one direction."""
    alarms: tuple[Alarm, ...] = ()
    """Told again only when the story has twice as many texts."""


# --- the followed feeds --------------------------------------------------------------------------------


class Feed(Message, frozen=True, kw_only=True):
    """A followed feed (topic `feeds`, key: its URL)."""

    url: str
    source: str | None = None
    """Name of the outlet; else the registered domain of each article's URL."""
    lang: str | None = None
    interval_minutes: float | None = None
    disabled: bool = False


# --- bytes ---------------------------------------------------------------------------------------------


class BadMessage(ValueError):
    """The bytes are no message of the expected type."""


class UnknownSchema(BadMessage):
    """The message was written by another version of Storywire."""


class _Versioned(msgspec.Struct):
    schema: int


T = TypeVar("T")

_encoder = msgspec.json.Encoder()
_versioned = msgspec.json.Decoder(_Versioned)


def encode(message: msgspec.Struct) -> bytes:
    """JSON bytes of a message."""
    return _encoder.encode(message)


class Decoder(Generic[T]):
    """Decodes the messages of one topic (`kind`: a Message class, or a tagged union of them)."""

    def __init__(self, kind: type[T]) -> None:
        self._decoder: msgspec.json.Decoder[T] = msgspec.json.Decoder(kind)

    def __call__(self, value: bytes | None) -> T:
        """The message in `value`. Raises BadMessage, or UnknownSchema for another schema version."""
        if value is None:
            raise BadMessage("a tombstone where a message was expected")
        try:
            version = _versioned.decode(value).schema
            if version != SCHEMA:
                raise UnknownSchema(f"schema version {version}, this Storywire reads version {SCHEMA}")
            return self._decoder.decode(value)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:  # ValidationError is the first
            raise BadMessage(f"not a valid message: {error}") from error


def storable(text: str) -> str:
    """The text with lone surrogates replaced by U+FFFD and NUL removed.

    JSON refuses the one, PostgreSQL the other; every string passes here when it enters.
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "")
