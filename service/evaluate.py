"""`storywire eval`: a labelled file through the service's own processors, scored against its labels."""

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any, TextIO

from config.settings import Settings
from ingest.files import FromFiles
from processors.embed import Encoder
from processors.encoders import encoder
from service.exits import Exit, UserError
from service.inputs import articles_in
from service.pipeline import updates
from service.scores import BCubed, b_cubed
from service.vector_cache import CachedEncoder, default_path
from streams.messages import StoryUpdate


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
    """Stream a file through the stages in memory, and score its stories.

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
            stream.writelines(_predictions(found, told, story_of))
    return _scored(path, story_of, found.labels, len(told) / seconds if told else 0.0)


def to_dict(evaluation: Evaluation) -> dict[str, Any]:
    """As JSON wants it."""
    b3 = evaluation.b3
    return {
        "file": evaluation.file,
        "articles": evaluation.articles,
        "labelled": evaluation.labelled,
        "b3": {"p": b3 and b3.precision, "r": b3 and b3.recall, "f1": b3 and b3.f1},
        "ari": evaluation.ari,
        "ami": evaluation.ami,
        "stories": evaluation.stories,
        "largest": evaluation.largest,
        "articles_per_s": round(evaluation.articles_per_s, 1),
    }


def table(evaluations: Sequence[Evaluation]) -> str:
    """For people: a line per file, scores in percent."""
    head = ["file", "articles", "labelled", "P", "R", "F1", "ARI", "AMI", "stories", "largest", "articles/s"]
    rows = [head, *(_row(evaluation) for evaluation in evaluations)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for name, *figures in rows:
        padded = [figure.rjust(width) for figure, width in zip(figures, widths[1:], strict=True)]
        lines.append("  ".join([name.ljust(widths[0]), *padded]))
    return "\n".join(lines)


def _row(one: Evaluation) -> list[str]:
    scores = [*(one.b3 or (None, None, None)), one.ari, one.ami]
    return [
        Path(one.file).name,
        f"{one.articles:,}",
        f"{one.labelled:,}",
        *("–" if score is None else f"{100 * score:.1f}" for score in scores),
        f"{one.stories:,}",
        f"{one.largest:,}",
        f"{one.articles_per_s:,.0f}",
    ]


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


def _predictions(
    found: FromFiles, told: Sequence[StoryUpdate], story_of: Mapping[str, str | None]
) -> Iterator[str]:
    """A line of JSON for each line of the file, in its order."""
    by_line = dict(zip(found.line_of, told, strict=True))
    for _, update in sorted(by_line.items()):
        verdict = update.verdict
        prediction = {
            "id": update.article.id,
            "story": story_of[update.article.id],
            "verdict": verdict.verdict,
            "duplicate_of": verdict.duplicate_of,
            "family": verdict.family,
            "relations": [
                {"id": to.id, "kind": to.kind, "jaccard": to.jaccard, "containment": to.containment}
                for to in verdict.relations
            ],
        }
        yield json.dumps(prediction, ensure_ascii=False) + "\n"


def _scored(
    path: Path, story_of: Mapping[str, str | None], labels: Mapping[str, str], articles_per_s: float
) -> Evaluation:
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
        file=str(path),
        articles=len(story_of),
        labelled=len(labels),
        b3=b3,
        ari=ari,
        ami=ami,
        stories=len(sizes),
        largest=max(sizes.values(), default=0),
        articles_per_s=articles_per_s,
    )
