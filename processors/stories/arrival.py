"""An article as it comes to cluster: what it says, weighed, and as it will be remembered."""

from dataclasses import dataclass
from datetime import datetime

from processors.encoding.vectors import BadVector, Quantised, pack, unpack
from processors.stories.common_terms import common_terms
from processors.stories.features import features
from processors.stories.live import Live
from processors.stories.rows import Row, row
from processors.stories.story_records import ArticleRecord
from processors.stories.terms import Terms, read
from processors.stories.vocabulary import TermLists
from processors.stories.weights import weigh
from streams.messages import Embedded


@dataclass(frozen=True, slots=True, eq=False)
class Arrival:
    """An article that is to be compared with the live ones."""

    record: ArticleRecord
    row: Row
    terms: Terms


def arrival(message: Embedded, live: Live, number: int) -> Arrival:
    """The article of a message, as the so manieth of its language."""
    return _as_at(message, live, number, live.clock, message.article.published, message.verdict.family)


def revised(message: Embedded, live: Live, old: Row) -> Arrival:
    """The article of a message that is a new version of a live one: new in what it says, and in nothing else."""
    return _as_at(message, live, old.number, old.arrived_at, old.published_at, old.family)


def _as_at(
    message: Embedded, live: Live, number: int, arrived: datetime, published: datetime | None, family: str
) -> Arrival:
    article, vocabulary = message.article, live.language.vocabulary
    terms = read(article.title, article.text)
    lists = TermLists(tuple(terms.words), tuple(terms.names), terms.numbers)
    ids = vocabulary.find(lists)
    weights = weigh(terms, ids, vocabulary, len(live.language.rows), common_terms(live.lang))
    record = ArticleRecord(
        id=article.id,
        lang=article.lang,
        number=number,
        arrived=arrived,
        published=published,
        family=family,
        title=article.title,
        vector=message.vector,
        words=lists.words,
        word_weights=pack(weights.words),
        lead_weights=pack(weights.lead),
        names=lists.names,
        name_weights=pack(weights.names),
        numbers=lists.numbers,
    )
    vector = None if message.vector is None else _vector(message.vector, live)
    return Arrival(record, row(record, features(vector, weights, ids)), terms)


def _vector(packed: str, live: Live) -> Quantised:
    vector, components = unpack(packed), live.language.vectors.components
    if components not in (0, len(vector)):
        raise BadVector(f"a vector of {len(vector)} components among vectors of {components}")
    return vector
