"""The stages in memory, one behind the other: the same folds that the workers run over topics."""

from collections.abc import Iterator, Sequence
from typing import Any, Generic, TypeVar

from config.settings import Settings
from processors.cluster import Cluster
from processors.dedup import Dedup
from processors.embed import Embed, Encoder
from streams.messages import Article, Embedded, Message, StoryUpdate
from streams.processor import Processor

BATCH = 500
"""Messages that pass a stage together: enough to keep several encoding processes busy. Changes no result."""

In = TypeVar("In", bound=Message)
Out = TypeVar("Out", bound=Message)


class Stage(Generic[In, Out]):
    """A processor with its state."""

    def __init__(self, processor: Processor[In, Out, Any]) -> None:
        self._processor = processor
        self._state = processor.fresh()

    def run(self, messages: Sequence[In]) -> list[Out]:
        """The outputs for a batch."""
        self._processor.prepare(messages)
        return [self._one(message) for message in messages]

    def _one(self, message: In) -> Out:
        decision = self._processor.decide(self._state, message)
        for change in decision.changes:
            self._processor.apply(self._state, change)
        return decision.output


def embedded(articles: Sequence[Article], settings: Settings, encoder: Encoder) -> Iterator[list[Embedded]]:
    """The articles in their order, in batches, as cluster gets them."""
    dedup, embed = Stage(Dedup(settings.dedup)), Stage(Embed(settings.embed, encoder))
    for start in range(0, len(articles), BATCH):
        yield embed.run(dedup.run(articles[start : start + BATCH]))


def updates(articles: Sequence[Article], settings: Settings, encoder: Encoder) -> Iterator[StoryUpdate]:
    """What becomes of the articles, in their order. Nothing is written anywhere."""
    cluster = Stage(Cluster(settings.cluster))
    for batch in embedded(articles, settings, encoder):
        yield from cluster.run(batch)
