"""The figures, and the table that shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

HEAD = ("", "on SQLite", "on Kafka", "naive script", "unit", "target on Kafka", "met")


@dataclass(frozen=True, slots=True)
class Target:
    """What the issue asks of a figure on Kafka."""

    kind: Literal["at least", "at most", "times the naive script"]
    limit: float

    def __str__(self) -> str:
        if self.kind == "times the naive script":
            return f"{self.limit:g} × naive"
        return f"{self.kind} {self.limit:,}"

    def met(self, figure: float, naive: float | None) -> bool:
        """Whether a figure is as good as that."""
        if self.kind == "at most":
            return figure <= self.limit
        return figure >= self.limit * (1.0 if self.kind == "at least" else naive or float("inf"))


@dataclass(slots=True)
class Row:
    """One thing that was measured, on each log and in the naive script."""

    what: str
    unit: str = "articles/s"
    target: Target | None = None
    sqlite: float | None = None
    kafka: float | None = None
    naive: float | None = None

    def cells(self) -> tuple[str, ...]:
        """As the table shows it."""
        ours = [_figure(self.sqlite), _figure(self.kafka) + self._times()]
        met = ""
        if self.target and self.kafka is not None:
            met = "yes" if self.target.met(self.kafka, self.naive) else "no"
        return (self.what, *ours, _figure(self.naive), self.unit, str(self.target or ""), met)

    def _times(self) -> str:
        """How many times the naive script's rate ours is."""
        if not (self.kafka and self.naive and self.unit.endswith("/s")):
            return ""
        return f" ({self.kafka / self.naive:.1f} ×)"


def _figure(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def table(rows: Sequence[Row]) -> str:
    """The rows in Markdown."""
    lines = [HEAD, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    figures = range(1, 4)

    def line(cells: Sequence[str], fill: str = " ") -> str:
        padded = [
            cell.rjust(width, fill) if n in figures else cell.ljust(width, fill)
            for n, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(padded)} |"

    ruler = [("-" * (width - 1) + ":") if n in figures else "-" * width for n, width in enumerate(widths)]
    return "\n".join([line(HEAD), line(ruler), *map(line, lines[1:])])
