"""The stories that `storywire eval --out` writes: a line of JSON for each line of the file, in its order."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from ingest.files import FromFiles
from service.exits import Exit, UserError
from streams.messages import StoryUpdate


def predictions(
    found: FromFiles, told: Sequence[StoryUpdate], story_of: Mapping[str, str | None]
) -> Iterator[str]:
    """The lines."""
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


class _Prediction(msgspec.Struct, frozen=True):
    id: str
    story: str | None


def read_predictions(path: Path) -> dict[str, str | None]:
    """The story of each article, in the order of the file. Raises UserError."""
    story_of: dict[str, str | None] = {}
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                one = _prediction(f"{path}:{number}", line)
                story_of[one.id] = one.story
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})", Exit.INPUT) from error
    return story_of


def _prediction(place: str, line: bytes) -> _Prediction:
    try:
        return msgspec.json.decode(line, type=_Prediction)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserError(
            f"{place}: is no prediction ({error}); `storywire eval FILE --out PREDICTIONS.jsonl` writes them",
            Exit.INPUT,
        ) from error
