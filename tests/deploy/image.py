"""The Dockerfile, as far as tests and the containers of a test need to understand it."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from tests.conftest import ROOT


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction, its continued lines joined."""

    stage: int
    name: str
    arguments: str

    @property
    def words(self) -> list[str]:
        """Of the exec form. Raises ValueError for the shell form."""
        found: list[str] = json.loads(self.arguments)
        return found


def instructions() -> Iterator[Instruction]:
    """All of the Dockerfile, in order."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    stage = -1
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip():
            name, _, arguments = line.partition(" ")
            stage += name == "FROM"
            yield Instruction(stage, name, arguments.strip())


def last_stage() -> list[Instruction]:
    """Those of the image that is run."""
    found = list(instructions())
    return [each for each in found if each.stage == found[-1].stage]


def only(name: str) -> Instruction:
    """The one instruction of this name in the image that is run."""
    (found,) = [each for each in last_stage() if each.name == name]
    return found


def environment() -> dict[str, str]:
    """What ENV sets in the image that is run."""
    words = [word for each in last_stage() if each.name == "ENV" for word in shlex.split(each.arguments)]
    return dict(word.split("=", 1) for word in words)
