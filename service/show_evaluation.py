"""The figures of `storywire eval`, for people and for programs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from service.evaluate import Evaluation
from service.scores import BCubed

SCORES = ("P", "R", "F1", "ARI", "AMI")
"""B-cubed precision, recall and F1, adjusted Rand index, adjusted mutual information."""


def evaluations_json(found: Sequence[Evaluation]) -> dict[str, Any]:
    """Fractions from 0 to 1. `mean`: over the files that have labels, where there are several."""
    mean = _mean(found)
    told: dict[str, Any] = {"files": [to_dict(one) for one in found]}
    if mean is not None:
        told["mean"] = {"b3": _b3(BCubed(*mean[:3])), "ari": mean[3], "ami": mean[4]}
    return told


def to_dict(evaluation: Evaluation) -> dict[str, Any]:
    """One file."""
    return {
        "file": evaluation.file,
        "articles": evaluation.articles,
        "labelled": evaluation.labelled,
        "b3": _b3(evaluation.b3),
        "ari": evaluation.ari,
        "ami": evaluation.ami,
        "stories": evaluation.stories,
        "largest": evaluation.largest,
        "articles_per_s": round(evaluation.articles_per_s, 1),
    }


def _b3(scores: BCubed | None) -> dict[str, float | None]:
    return {"p": scores and scores.precision, "r": scores and scores.recall, "f1": scores and scores.f1}


def table(evaluations: Sequence[Evaluation]) -> str:
    """A line per file, scores in percent; the mean of the scores where several files have any."""
    head = ["file", "articles", "labelled", *SCORES, "stories", "largest", "articles/s"]
    rows = [head, *(_row(evaluation) for evaluation in evaluations)]
    mean = _mean(evaluations)
    if mean is not None:
        rows.append(["mean", "", "", *map(_percent, mean), "", "", ""])
    return aligned(rows)


def ablation_table(found: Mapping[str, Sequence[Evaluation]]) -> str:
    """A line for each thing left out, B-cubed precision, recall and F1 of each file, and the mean F1."""
    files = [Path(one.file).name.split(".")[0] for one in next(iter(found.values()))]
    rows = [
        ["", *(f"{file} {score}" if score == "P" else score for file in files for score in SCORES[:3]), "mean"]
    ]
    for name, evaluations in found.items():
        scores = [score for one in evaluations for score in one.b3 or (None, None, None)]
        f1 = [one.b3.f1 for one in evaluations if one.b3 is not None]
        rows.append([name, *map(_percent, [*scores, fmean(f1) if f1 else None])])
    return aligned(rows)


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Columns of figures behind a column of names."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for name, *figures in rows:
        padded = [figure.rjust(width) for figure, width in zip(figures, widths[1:], strict=True)]
        lines.append("  ".join([name.ljust(widths[0]), *padded]).rstrip())
    return "\n".join(lines)


def _row(one: Evaluation) -> list[str]:
    return [
        Path(one.file).name,
        f"{one.articles:,}",
        f"{one.labelled:,}",
        *(map(_percent, scores) if (scores := _scores(one)) is not None else ["–"] * len(SCORES)),
        f"{one.stories:,}",
        f"{one.largest:,}",
        f"{one.articles_per_s:,.0f}",
    ]


def _scores(one: Evaluation) -> list[float] | None:
    """In the order of SCORES; None for a file without labels."""
    if one.b3 is None or one.ari is None or one.ami is None:
        return None
    return [*one.b3, one.ari, one.ami]


def _mean(found: Sequence[Evaluation]) -> list[float] | None:
    """Of each score over the files that have any; None where these are fewer than two."""
    scores = [known for one in found if (known := _scores(one)) is not None]
    return [fmean(column) for column in zip(*scores, strict=True)] if len(scores) > 1 else None


def _percent(score: float | None) -> str:
    return "–" if score is None else f"{100 * score:.1f}"
