"""`storywire eval`: a labelled file through the service's own processors, scored against its labels."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import TextIO

from config.settings import Settings
from ingest.files import FromFiles
from processors.embed import Encoder
from processors.encoding.encoders import encoder
from service.exits import Exit, UserError
from service.inputs import articles_in
from service.pipeline import updates
from service.predictions import predictions
from service.scores import BCubed, b_cubed
from service.vector_cache import CachedEncoder, default_path
from streams.messages import StoryUpdate


@dataclass(frozen=True, slots=True)
class Streamed:
    """What became of the articles of a file."""

    file: Path
    found: FromFiles
    told: Sequence[StoryUpdate]
    """In the order of the stream."""
    story_of: Mapping[str, str | None]
    """The story of each article after all merges; None for one that never had any."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well the stories found in a file agree with its labels; no scores where it has none."""

    file: str
    articles: int
    labelled: int
    b3: BCubed | None
    ari: float | None
    """Adjusted Rand index."""
    ami: float | None
    """Adjusted mutual information."""
    stories: int
    largest: int
    """Articles of the largest story."""
    articles_per_s: float
    """Through all stages; encoding included where vectors were not in the cache."""


@contextmanager
def cached_encoder(settings: Settings, cache: Path | None = None) -> Iterator[Encoder]:
    """The settings' encoder in as many processes as there are cores, with its vectors kept in `cache`, else in the
    user's cache folder.

    Raises Halt for a model that cannot be had.
    """
    section = settings.embed.model_copy(update={"processes": os.cpu_count() or 1})
    with closing(CachedEncoder(encoder(section), cache or default_path())) as cached:
        yield cached


def evaluate(
    path: Path, settings: Settings, *, now: datetime, out: Path | None = None, vectors: Encoder | None = None
) -> Evaluation:
    """Stream a file through the stages in memory, and score its stories: see `streamed`."""
    return scored(streamed(path, settings, now=now, out=out, vectors=vectors))


def streamed(
    path: Path, settings: Settings, *, now: datetime, out: Path | None = None, vectors: Encoder | None = None
) -> Streamed:
    """Stream a file through the stages in memory.

    `out`: written with one line per line of the file. `vectors`: an encoder that several evaluations share; one of
    its own where none is handed in.

    Raises UserError for a file that cannot be read, a line in it that is no article (figures over the rest would
    mislead) and an `out` that cannot be written; Halt for a model that cannot be had.
    """
    with _writing(out) as stream, nullcontext(vectors) if vectors else cached_encoder(settings) as shared:
        found = articles_in([path], settings, now=now)
        if found.rejected:
            first, count = found.rejected[0], len(found.rejected)
            raise UserError(
                f"{first.place}: {first.reason}; {count} of {len(found.lines)} lines are no articles, and a file "
                "is only evaluated whole: mend or remove them",
                Exit.INPUT,
            )
        started = perf_counter()
        told = list(updates(found.articles, settings, shared))
        seconds = perf_counter() - started
        story_of = _stories(told)
        if stream is not None:
            stream.writelines(predictions(found, told, story_of))
    return Streamed(path, found, told, story_of, seconds)


def scored(of: Streamed) -> Evaluation:
    """How well its stories agree with its labels."""
    labels, story_of = of.found.labels, of.story_of
    # an article without a story is one of its own
    predicted = [story_of[article] or f"none {article}" for article in labels]
    ari = ami = b3 = None
    if labels:
        from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

        truth = list(labels.values())
        b3 = b_cubed(predicted, truth)
        ari = float(adjusted_rand_score(truth, predicted))
        ami = float(adjusted_mutual_info_score(truth, predicted))
    sizes = Counter(story for story in story_of.values() if story is not None)
    return Evaluation(
        file=str(of.file),
        articles=len(story_of),
        labelled=len(labels),
        b3=b3,
        ari=ari,
        ami=ami,
        stories=len(sizes),
        largest=max(sizes.values(), default=0),
        articles_per_s=len(of.told) / of.seconds if of.told else 0.0,
    )


@contextmanager
def _writing(out: Path | None) -> Iterator[TextIO | None]:
    """The file, opened before the work begins."""
    try:
        opened = nullcontext() if out is None else out.open("w", encoding="utf-8")
    except OSError as error:
        raise UserError(f"{out}: cannot be written ({error.strerror}); name another file with --out") from error
    with opened as stream:
        yield stream


def _stories(told: Sequence[StoryUpdate]) -> dict[str, str | None]:
    """The story of each article after all merges; None for one that never had any."""
    into = {merged.old: merged.into for update in told for merged in update.merged}
    story_of: dict[str, str | None] = {}
    for update in told:
        story = update.assigned.story if update.assigned else story_of.get(update.article.id)
        while story in into:
            story = into[story]
        story_of[update.article.id] = story
    return story_of
