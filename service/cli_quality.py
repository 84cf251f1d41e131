"""The commands that measure: `storywire eval`, `storywire calibrate`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from service.options import AsJson, Config, Namespace, database_of, loaded, print_json

Files = Annotated[list[Path] | None, typer.Argument(metavar="FILE...", help="Labelled JSONL (also .gz).")]


def evaluate(
    files: Files = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a prediction per input line.")] = None,
    errors: Annotated[bool, typer.Option("--errors", help="List the worst splits and merges.")] = False,
    ablations: Annotated[
        bool, typer.Option("--ablations", help="Also without vectors, words, names, time, merging.")
    ] = False,
    explain: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Explain N mistakes and N right decisions.")
    ] = None,
    compare: Annotated[
        tuple[Path, Path] | None,
        typer.Option(metavar="OLD NEW", help="Compare two files written by --out; FILE has the titles."),
    ] = None,
    pairs: Annotated[
        list[Path] | None,
        typer.Option(metavar="PAIRS.tsv", help="Score the copies, against the true pairs of each FILE."),
    ] = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Stream labelled files through the processors and score the stories against their labels.

    Examples:
      storywire eval ../shared/data/stories/g5w_live.jsonl --out predictions.jsonl
      storywire eval g5w_live.jsonl ecbplus.jsonl --errors
      storywire eval g5w_live.jsonl --compare old.jsonl new.jsonl
      storywire eval --pairs g5w_live.pairs.tsv g5w_live.jsonl
    """
    from service import quality

    paths = files or []
    modes = [errors, ablations, explain is not None, compare is not None, bool(pairs)]
    _refuse_what_does_not_go_together(paths, out, modes)
    if pairs and len(pairs) != len(paths):
        mismatch = f"takes one table per FILE, not {len(pairs)} for {len(paths)}"
        raise typer.BadParameter(mismatch, param_hint="--pairs")
    settings, now = loaded(config).settings, datetime.now(UTC)
    if pairs:
        told, printed = quality.copies(pairs, paths, settings, now)
    elif compare is not None:
        told, printed = quality.comparison(*compare, paths, settings, now)
    elif ablations:
        told, printed = quality.ablations(paths, settings, now)
    elif explain is not None:
        told, printed = quality.explanations(paths, settings, now, explain)
    else:
        told, printed = quality.evaluations(paths, settings, now, out=out, errors=errors)
    print_json(told()) if as_json else printed()


def _refuse_what_does_not_go_together(paths: list[Path], out: Path | None, modes: list[bool]) -> None:
    if out is not None and len(paths) != 1:
        raise typer.BadParameter("takes exactly one FILE", param_hint="--out")
    if sum(modes) > 1 or (out is not None and any(modes[1:])):
        alone = "--errors, --ablations, --explain, --compare, --pairs"
        raise typer.BadParameter("go one at a time", param_hint=alone)
    if not paths and not modes[3]:
        raise typer.BadParameter("at least one is needed", param_hint="FILE...")


def calibrate(
    pairs: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Use labelled pairs (JSONL: score, answer), and ask nothing."),
    ] = None,
    most: Annotated[int, typer.Option(min=0, help="Ask about so many decisions; 0: only report.")] = 60,
    answers: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where the answers are kept.", show_default=False)
    ] = None,
    as_json: AsJson = False,
    config: Config = None,
    namespace: Namespace = None,
) -> None:
    """Ask about decisions around cluster.join_score, report how good it is, and propose a better one.

    Answers are kept, and asked for once. --json reports on those so far.

    Examples:
      storywire calibrate
      storywire calibrate --most 0
      storywire calibrate --pairs answers.jsonl --json
    """
    from service.answers import Answers, labelled, place
    from service.calibrate import interview
    from service.calibration import calibrated
    from service.show_calibration import calibration_json, print_calibration

    settings = loaded(config).settings
    join_score = settings.cluster.join_score
    if pairs is not None:
        said = labelled(pairs)
    else:
        database = database_of(settings, namespace)
        known = Answers(answers or place(database, settings))
        said = interview(database, known, join_score, most=0 if as_json else most, read=_typed)
    found = calibrated(said, join_score)
    print_json(calibration_json(found)) if as_json else print_calibration(found)


def _typed(question: str) -> str:
    """A line from the terminal; its end and Ctrl-C are EOFError: everything answered is kept already."""
    try:
        return input(question)
    except KeyboardInterrupt:
        raise EOFError from None
