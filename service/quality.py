"""What `storywire eval` can do with files: each returns what programs get, and what prints it for people."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from config.settings import Settings
from processors.embed import Encoder
from service import pairs
from service.evaluate import Evaluation, Streamed, cached_encoder, scored, streamed
from service.inputs import articles_in
from service.mistakes import Judged, judged, judgement, telling
from service.predictions import read_predictions
from service.reading import Reader
from service.show_changes import changes_json, print_changes
from service.show_evaluation import ablation_table, evaluations_json, table
from service.show_explain import explain_json, print_explain
from service.show_mistakes import Errors, errors_json, print_errors
from service.story_changes import compare
from sinks.base import Delivery, Source
from sinks.open import open_sink
from streams.messages import StoryUpdate

Told = tuple[Callable[[], dict[str, Any]], Callable[[], None]]
"""For programs, and for people."""

PARTS = ("dense", "sparse", "names", "time", "merge")
"""What `cluster.leave_out` can leave out."""


def evaluations(
    paths: Sequence[Path], settings: Settings, now: datetime, *, out: Path | None, errors: bool
) -> Told:
    """The figures of files, and the worst mistakes in them if asked for."""
    results: list[Evaluation] = []
    found: list[Errors] = []
    with cached_encoder(settings) as vectors:
        for path in paths:
            one = streamed(path, settings, now=now, out=out, vectors=vectors)
            results.append(scored(one))
            if errors:
                found.append(Errors(one))

    def told() -> dict[str, Any]:
        return evaluations_json(results) | ({"errors": [errors_json(one) for one in found]} if errors else {})

    def printed() -> None:
        print(table(results))
        for one in found:
            print_errors(one)

    return told, printed


def ablations(paths: Sequence[Path], settings: Settings, now: datetime) -> Told:
    """The figures of files under the settings, and with one part after the other left out."""
    results: dict[str, Sequence[Evaluation]] = {}
    with cached_encoder(settings) as vectors:
        for part in (None, *PARTS):
            name = "everything" if part is None else f"no {part}"
            results[name] = [scored(one) for one in _without(part, paths, settings, now, vectors)]
    return (
        lambda: {"ablations": {name: evaluations_json(found) for name, found in results.items()}},
        lambda: print(ablation_table(results)),
    )


def _without(
    part: str | None, paths: Sequence[Path], settings: Settings, now: datetime, vectors: Encoder
) -> Iterator[Streamed]:
    if part is not None:
        cluster = settings.cluster.model_copy(update={"leave_out": (*settings.cluster.leave_out, part)})
        settings = settings.model_copy(update={"cluster": cluster})
    for path in paths:
        yield streamed(path, settings, now=now, vectors=vectors)


def copies(tables: Sequence[Path], paths: Sequence[Path], settings: Settings, now: datetime) -> Told:
    """The figures of what dedup states of files, against a table of true pairs for each."""
    found = [pairs.against_pairs(one, path, settings, now=now) for one, path in zip(tables, paths, strict=True)]
    results = [*found, pairs.pooled(found)] if len(found) > 1 else found
    return (
        lambda: {"files": [pairs.to_dict(result) for result in results]},
        lambda: print(pairs.table(results)),
    )


def comparison(old: Path, new: Path, paths: Sequence[Path], settings: Settings, now: datetime) -> Told:
    """What changed between two files of predictions; the titles come from the files they are about."""
    found = compare(read_predictions(old), read_predictions(new))
    articles = articles_in(paths, settings, now=now).articles if paths else []
    titles = {article.id: article.title for article in articles}
    return lambda: changes_json(found, titles), lambda: print_changes(found, titles)


def explanations(paths: Sequence[Path], settings: Settings, now: datetime, most: int) -> Told:
    """What `storywire explain` says about some mistakes and some right decisions in each file: see `telling`."""
    chosen: list[tuple[Streamed, Sequence[Judged], Sequence[Judged]]] = []
    with cached_encoder(settings) as vectors:
        for path in paths:
            one = streamed(path, settings, now=now, vectors=vectors)
            wrong, right = telling(judged(one.told, one.found.labels), most)
            chosen.append((one, wrong, right))

    def told() -> dict[str, Any]:
        return {"explanations": [_explanations_json(*each) for each in chosen]}

    def printed() -> None:
        for each in chosen:
            _print_explanations(*each)

    return told, printed


def _explanations_json(one: Streamed, wrong: Sequence[Judged], right: Sequence[Judged]) -> dict[str, Any]:
    with stored(one.told) as reader:
        mistakes = [explain_json(reader.explain(each.update.article.id)) for each in wrong]
        rights = [explain_json(reader.explain(each.update.article.id)) for each in right]
    return {"file": str(one.file), "mistakes": mistakes, "right": rights}


def _print_explanations(one: Streamed, wrong: Sequence[Judged], right: Sequence[Judged]) -> None:
    with stored(one.told) as reader:
        for heading, decisions in (("mistake", wrong), ("right decision", right)):
            for number, each in enumerate(decisions, 1):
                which = f"{heading} {number} of {len(decisions)}"
                print(f"=== {one.file.name}, {which}: {judgement(each)}\n")
                print_explain(reader.explain(each.update.article.id))
                print()


@contextmanager
def stored(told: Sequence[StoryUpdate]) -> Iterator[Reader]:
    """A database of the SQL sink that holds the updates, as long as the context lasts."""
    with TemporaryDirectory(prefix="storywire-") as folder:
        url = f"sqlite:///{folder}/stories.db"
        with closing(open_sink(url)) as sink:
            sink.resume(Source("eval", "stories"), [0])
            sink.add([Delivery(0, offset, update) for offset, update in enumerate(told)])
            sink.flush({0: len(told)})
        with closing(Reader(url)) as reader:
            yield reader
