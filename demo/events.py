"""What the demo's articles are about: the truth that the stories found can be held against."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

EVENTS = Path(__file__).with_name("events.tsv")

Role = Literal["original", "copy", "edited copy", "excerpt", "follow-up"]


@dataclass(frozen=True, slots=True)
class Told:
    """One article, and how it came about."""

    link: str
    event: str
    lang: str
    """Stories never cross languages: an event told in two languages makes two stories."""
    role: Role
    """`original` and `follow-up` are texts of their own; the others take theirs from `of`."""
    of: str | None
    """Link of the agency text that was copied."""


def expected() -> list[Told]:
    """All articles of the demo by event, in the order of publication."""
    with EVENTS.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return [
            Told(row["link"], row["event"], row["lang"], cast(Role, row["role"]), row["of"] or None)
            for row in rows
        ]
