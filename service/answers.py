"""What a person answered: a file of JSON lines beside the database. The last line about a pair counts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from config.settings import Settings
from service.calibration import Answer
from service.exits import Exit, UserError

Said = Literal["same", "different", "skip"]


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One answer."""

    score: float
    answer: Said
    article: str = ""
    member: str = ""
    weight: float = 1.0


def place(database: str, settings: Settings) -> Path:
    """Where the answers about a database are kept: beside its file, or in the folder of the service's data."""
    if database.startswith("sqlite:///"):
        return Path(database.removeprefix("sqlite:///")).with_suffix(".answers.jsonl")
    return settings.data_dir / "stories.answers.jsonl"


class Answers:
    """The answers so far, by article and member."""

    def __init__(self, path: Path) -> None:
        """Raises UserError for a file that cannot be read."""
        self.path = path
        self.said: dict[tuple[str, str], Said] = {}
        if path.exists():
            self.said = {(line.article, line.member): line.answer for line in _lines(path)}

    @property
    def same(self) -> dict[tuple[str, str], bool]:
        """What was answered and not skipped."""
        return {key: said == "same" for key, said in self.said.items() if said != "skip"}

    def keep(self, line: Line) -> None:
        """Remember an answer, in the file too. Raises UserError."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                file.write(msgspec.json.encode(line) + b"\n")
        except OSError as error:
            raise UserError(
                f"{self.path}: cannot be written ({error.strerror}); name another file with --answers"
            ) from error
        self.said[line.article, line.member] = line.answer


def labelled(path: Path) -> list[Answer]:
    """The answers in a file of labelled pairs, skipped ones left out. Raises UserError."""
    return [
        Answer(line.score, line.answer == "same", line.weight) for line in _lines(path) if line.answer != "skip"
    ]


def _lines(path: Path) -> Iterator[Line]:
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, 1):
                yield _line(f"{path}:{number}", raw)
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})", Exit.INPUT) from error


def _line(where: str, raw: bytes) -> Line:
    try:
        line = msgspec.json.decode(raw, type=Line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserError(
            f'{where}: is no labelled pair ({error}); each line is {{"score": 1.5, "answer": "same"}}, '
            "the answer same, different or skip",
            Exit.INPUT,
        ) from error
    if not 0 < line.weight < float("inf"):
        raise UserError(f"{where}: the weight {line.weight} is not positive", Exit.INPUT)
    return line
