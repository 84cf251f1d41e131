"""The input of all measurements: real articles of 3 KB, and what the stages make of them, made in memory."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from config.sections import ClusterSection, DedupSection
from config.settings import Settings
from processors.cluster import Cluster
from processors.dedup import Dedup
from processors.embed import Embed
from service.evaluate import cached_encoder
from service.pipeline import BATCH
from streams.messages import Article, Decoder, encode
from streams.processor import Processor

ARTICLE_BYTES = 3_072
"""Of an article as it stands on the topic. Texts are cut to it; articles that are shorter are left out."""

WINDOW_DAYS = 100_000.0
"""Nothing is forgotten: what is live is known exactly, and the naive script forgets nothing either."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a stage makes of its input."""

    outputs: list[bytes]
    changes: list[tuple[str, bytes | None]]
    """The records of its changelog, in the order they are written."""


class News:
    """Articles and what becomes of them; each is made when it is first asked for."""

    def __init__(self, file: Path, count: int) -> None:
        """The first articles of a file of JSONL.gz. Raises SystemExit where there are not so many."""
        self._file = file
        with gzip.open(file) as lines:
            found = filter(None, (_article(json.loads(line)) for line in lines))
            self.articles = [encode(article) for article, _ in zip(found, range(count), strict=False)]
        if len(self.articles) < count:
            raise SystemExit(f"{file}: only {len(self.articles)} of its articles have {ARTICLE_BYTES:,} bytes")

    def with_count(self, count: int) -> "News":
        """More of it, or less."""
        return News(self._file, count)

    @cached_property
    def dedup(self) -> Made:
        """What dedup makes of the articles."""
        return _made(Dedup(DedupSection(window_days=WINDOW_DAYS)), self.articles)

    @cached_property
    def embed(self) -> Made:
        """What embed makes of them, with real vectors: those of earlier runs are found in the user's cache."""
        with cached_encoder(Settings()) as encoder:
            return _made(Embed(Settings().embed, encoder), self.dedup.outputs)

    @cached_property
    def cluster(self) -> Made:
        """What cluster makes of them."""
        return _made(Cluster(ClusterSection(window_days=WINDOW_DAYS)), self.embed.outputs)


def _article(line: dict[str, Any]) -> Article | None:
    """The article of a line, cut to size; None when it is too short."""
    published = datetime.fromisoformat(line["published"]).replace(tzinfo=UTC)
    whole = Article(
        id=line["id"],
        title=line["title"],
        text=line["text"],
        lang=line["lang"],
        url=line["url"],
        source=line["source"],
        published=published,
        fetched=published,
    )
    article = whole
    while (excess := len(encode(article)) - ARTICLE_BYTES) > 0:
        article = msgspec.structs.replace(article, text=article.text[: -max(1, excess // 4)])
    return None if article is whole else article


def _made(processor: Processor[Any, Any, Any], messages: Sequence[bytes]) -> Made:
    """Run a processor over messages, as the worker does."""
    state, decode = processor.fresh(), Decoder(processor.reads)
    made = Made([], [])
    for start in range(0, len(messages), BATCH):
        batch = [decode(value) for value in messages[start : start + BATCH]]
        processor.prepare(batch)
        for message in batch:
            decision = processor.decide(state, message)
            for change in decision.changes:
                processor.apply(state, change)
            made.outputs.append(encode(decision.output))
            made.changes.extend((c.key, None if c.value is None else encode(c.value)) for c in decision.changes)
    return made
