"""What cluster compares in a labelled corpus: every article with all that are live when it comes.

Computed by the stage's own code, with each article in a story of its own, and kept as arrays, so that the stories
of one set of weights are found in a moment (`training.trial`)."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from config.sections import ClusterSection
from config.settings import Settings
from processors.cluster import Cluster
from processors.embed import Encoder
from processors.encoding.vectors import SCALE
from processors.stories.layout import lay_out
from processors.stories.memory import Language, Stories
from processors.stories.pair_score import closeness, hours_apart
from processors.stories.rows import Row
from service.inputs import articles_in
from service.pipeline import embedded
from streams.messages import Embedded

Cosines = NDArray[np.float64]

APART = ClusterSection(join_score=1e9)
NEAR = np.array([[0.3], [0.42]], np.float32)
"""A pair whose vectors (cosine) or words (its square root) are not so close is far: it is left out, and scored as
FAR. Measured: stories stay the same but for a few; of 3.5 million pairs of the stream a quarter is left."""


@dataclass(frozen=True, slots=True, eq=False)
class Corpus:
    """A corpus, its articles numbered by arrival, its pairs grouped by the later article."""

    name: str
    first: NDArray[np.int32]
    """By article: the first that is live when it comes..."""
    start: NDArray[np.int64]
    """... and where its pairs begin: with that one and all that came between."""
    near: NDArray[np.int64]
    """The pairs that are not far."""
    values: NDArray[np.float32]
    """Of those, by pair and `processors.stories.pair_weights.VALUES`."""
    hours: NDArray[np.int64]
    """Between the publications of those."""
    nearest: NDArray[np.int32]
    """By article: its nearest by vector, -1 where there are no more."""
    copy_of: NDArray[np.int32]
    """By article: the one it copies, else -1."""
    family: NDArray[np.int32]
    gathers: NDArray[np.bool_]
    """Whether an article speaks for no single event."""
    labelled: NDArray[np.int64]
    """The articles with a label..."""
    labels: NDArray[np.int64]
    """... and which."""


def files(arguments: Sequence[str]) -> list[Path]:
    """The labelled files that are named, else the shared data's."""
    shared = Path(os.environ.get("STORYWIRE_DATA", "../shared/data")) / "stories"
    default = [shared / name for name in ("g5w_live.jsonl", "ecbplus.jsonl", "stream_dev.jsonl.gz")]
    return [Path(argument) for argument in arguments] or default


def corpus(path: Path, encoder: Encoder) -> Corpus:
    """A labelled file of articles in one language, as cluster sees it."""
    settings = Settings()
    found = articles_in([path], settings, now=datetime.now(UTC))
    messages = [message for batch in embedded(found.articles, settings, encoder) for message in batch]
    new = {m.article.id: m for m in reversed(messages) if m.verdict.verdict not in ("revision", "sighting")}
    taken = [message for message in messages if new.get(message.article.id) is message]
    return numbered(path.name.split(".")[0], taken, found.labels, settings.cluster.candidates)


def numbered(name: str, messages: Sequence[Embedded], labels: Mapping[str, str], candidates: int) -> Corpus:
    """The messages of new articles as a corpus. `candidates`: how many of the nearest are noted."""
    at = {message.article.id: number for number, message in enumerate(messages)}
    rows: list[Row] = []
    near, values, hours, first, nearest = [], [], [], [], []
    stage, state, total = Cluster(APART), Stories(), 0
    for number, message in enumerate(messages):
        row, live = _seen(stage, state, message)
        since = number - len(live)
        first.append(since)
        nearest.append(np.full(candidates, -1, np.int32))
        if live:
            dense, compared, apart = _compared(state.language(message.article.lang), row, live)
            kept = np.flatnonzero((compared[:2] > NEAR).any(axis=0))
            near.append(kept + total)
            values.append(compared[:, kept].T)
            hours.append(apart[kept])
            order = np.argsort(-dense, kind="stable")[:candidates]
            nearest[-1][: len(order)] = order + since
        total += len(live)
        rows.append(row)
    names = sorted(set(labels.values()))
    labelled = [number for number, message in enumerate(messages) if message.article.id in labels]
    return Corpus(
        name=name,
        first=np.array(first, np.int32),
        start=np.cumsum([0, *(number - since for number, since in enumerate(first))])[:-1],
        near=np.concatenate(near),
        values=np.concatenate(values).astype(np.float32),
        hours=np.concatenate(hours),
        nearest=np.stack(nearest),
        copy_of=np.array([at.get(m.verdict.duplicate_of or "", -1) for m in messages], np.int32),
        family=np.array([at.get(m.verdict.family, number) for number, m in enumerate(messages)], np.int32),
        gathers=np.array([row.gathers for row in rows]),
        labelled=np.array(labelled),
        labels=np.array([names.index(labels[messages[number].article.id]) for number in labelled]),
    )


def _seen(stage: Cluster, state: Stories, message: Embedded) -> tuple[Row, list[Row]]:
    """The article, which is one of the live ones from now on, and those that were live before."""
    for change in stage.decide(state, message).changes:
        stage.apply(state, change)
    language = state.language(message.article.lang)
    row = language.rows[message.article.id]
    return row, [other for other in language.arrivals if other is not row]


def _compared(language: Language, row: Row, live: Sequence[Row]) -> tuple[Cosines, Cosines, NDArray[np.int64]]:
    """The cosines of the vectors, all values, and the hours between the publications."""
    others = lay_out(live)
    vector = row.features.vector
    if vector is None:
        raise ValueError(f"article {row.id} has no vector: the weights are fitted on articles that have one")
    dense = language.vectors.search(vector).of(others.slots) / SCALE**2
    with language.board.probe(row, len(language.vocabulary)) as probe:
        return dense, closeness(probe, others, dense), hours_apart(row.published, others.published)
