"""`storywire eval --pairs`: what dedup states of a file, against the true similarity of its pairs of articles.

The truth is a table with the columns id1, id2, jaccard and containment, of all pairs that share a good part of
their word shingles. A pair counts as found when the later article names the earlier one in its relations, or both
are in one family; pairs further apart than the window are left out.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from config.settings import Settings
from ingest.files import FromFiles
from processors.copies.words import words_of
from processors.dedup import Dedup
from service.exits import Exit, UserError
from service.inputs import articles_in
from service.pipeline import Stage
from streams.messages import Deduped

COLUMNS = ["id1", "id2", "jaccard", "containment"]
SHORT = 50
"""Words: an excerpt counts where both texts have so many."""
NOT_SHARED = 0.4, 0.7
"""A relation is false where Jaccard and containment are both lower."""


class Pair(NamedTuple):
    """Two articles of the truth, in the order of the stream."""

    earlier: str
    later: str
    jaccard: float
    containment: float
    days: float
    """Between their arrivals."""
    words: int
    """Of the shorter one."""

    @property
    def groups(self) -> Iterator[str]:
        """The groups that it belongs to."""
        if self.jaccard >= 0.8:
            yield "J >= 0.8"
        if self.jaccard >= 0.5:
            yield "J >= 0.5"
        if self.containment >= 0.8 and self.words >= SHORT:
            yield "C >= 0.8"


GROUPS = "J >= 0.8", "J >= 0.5", "C >= 0.8"


class Miss(NamedTuple):
    """A pair that dedup did not find, or (`false`) one that it states and that shares too little text."""

    file: str
    pair: Pair
    false: bool


@dataclass(slots=True)
class Agreement:
    """How far dedup and the truth agree about one file, or about several together."""

    file: str
    found: dict[str, int] = field(default_factory=lambda: dict.fromkeys(GROUPS, 0))
    pairs: dict[str, int] = field(default_factory=lambda: dict.fromkeys(GROUPS, 0))
    stated: int = 0
    """Relations, those of an article with its own earlier version aside."""
    misses: list[Miss] = field(default_factory=list)

    @property
    def false(self) -> int:
        """Relations stated between articles that share too little text."""
        return sum(miss.false for miss in self.misses)


def against_pairs(pairs: Path, path: Path, settings: Settings, *, now: datetime) -> Agreement:
    """Run a file through dedup, and compare what is stated with the pairs.

    Raises UserError for a file that cannot be read, a line in it that is no article, and a table of pairs that
    does not belong to it.
    """
    read = articles_in([path], settings, now=now)
    if read.rejected:
        first = read.rejected[0]
        raise UserError(f"{first.place}: {first.reason}; a file is only evaluated whole: mend or remove the line")
    truth = list(_truth(pairs, path, read))
    told = Stage(Dedup(settings.dedup)).run(read.articles)
    return compared(path.name, truth, told, timedelta(days=settings.dedup.window_days))


def compared(file: str, truth: Sequence[Pair], told: Sequence[Deduped], window: timedelta) -> Agreement:
    """What was told of a file's articles against its true pairs."""
    agreement = Agreement(file)
    family = {one.article.id: one.verdict.family for one in told}
    stated: dict[str, set[str]] = defaultdict(set)
    for one in told:
        stated[one.article.id].update(to.id for to in one.verdict.relations if to.id != one.article.id)
    for pair in truth:
        if timedelta(days=pair.days) > window:
            continue
        together = pair.earlier in stated[pair.later] or family[pair.earlier] == family[pair.later]
        groups = list(pair.groups)
        for group in groups:
            agreement.pairs[group] += 1
            agreement.found[group] += together
        if groups and not together:
            agreement.misses.append(Miss(file, pair, false=False))
    agreement.stated = sum(map(len, stated.values()))
    agreement.misses += _false(file, truth, stated)
    return agreement


def _false(file: str, truth: Sequence[Pair], stated: dict[str, set[str]]) -> Iterator[Miss]:
    known = {frozenset((pair.earlier, pair.later)): pair for pair in truth}
    for later, others in stated.items():
        for earlier in sorted(others):
            pair = known.get(frozenset((earlier, later))) or Pair(earlier, later, 0.0, 0.0, 0.0, 0)
            if pair.jaccard < NOT_SHARED[0] and pair.containment < NOT_SHARED[1]:
                yield Miss(file, pair, false=True)


def pooled(agreements: Sequence[Agreement]) -> Agreement:
    """All files as one."""
    return Agreement(
        "all",
        {group: sum(one.found[group] for one in agreements) for group in GROUPS},
        {group: sum(one.pairs[group] for one in agreements) for group in GROUPS},
        sum(one.stated for one in agreements),
        [miss for one in agreements for miss in one.misses],
    )


def _truth(pairs: Path, path: Path, read: FromFiles) -> Iterator[Pair]:
    """The pairs of a table. Raises UserError at a line that is no pair of the file's articles."""
    place = {article.id: at for at, article in reversed(list(enumerate(read.articles)))}
    for number, cells in _rows(pairs):
        try:
            one, two, jaccard, containment = cells
            first, second = sorted((place[one], place[two]))
            similarity = float(jaccard), float(containment)
        except KeyError as error:
            raise UserError(
                f"{pairs}:{number}: no article in {path} has the id {error}; name the file that the pairs are of"
            ) from None
        except ValueError:
            raise UserError(
                f"{pairs}:{number}: is no pair; four columns are expected, separated by tabs: {', '.join(COLUMNS)}"
            ) from None
        a, b = read.articles[first], read.articles[second]
        days = (b.fetched - a.fetched) / timedelta(days=1)
        yield Pair(a.id, b.id, *similarity, days, min(len(words_of(a.text)), len(words_of(b.text))))


def _rows(pairs: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table of pairs, numbered as lines are."""
    try:
        lines = pairs.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is not UTF-8"
        raise UserError(f"{pairs}: cannot be read ({reason}); name a table of pairs", Exit.INPUT) from error
    for number, line in enumerate(lines, 1):
        cells = line.split("\t")
        if line and cells != COLUMNS:
            yield number, cells


# --- as it is shown --------------------------------------------------------------------------------------


def to_dict(agreement: Agreement) -> dict[str, Any]:
    """As JSON wants it."""
    return {
        "file": agreement.file,
        "groups": {group: {"pairs": agreement.pairs[group], "found": agreement.found[group]} for group in GROUPS},
        "stated": agreement.stated,
        "false": agreement.false,
        "misses": [{"file": miss.file, "false": miss.false} | miss.pair._asdict() for miss in agreement.misses],
    }


def table(agreements: Sequence[Agreement]) -> str:
    """For people: a line per file, then every miss."""
    head = ["file", *(f"{group} found" for group in GROUPS), "relations", "false"]
    lines = _aligned([head, *map(_row, agreements)])
    misses = [miss for one in agreements if one.file != "all" for miss in one.misses]
    if misses:
        head = ["", "file", "earlier", "later", "Jaccard", "containment", "words", "days apart"]
        lines += ["", *_aligned([head, *map(_miss, misses)], left=4)]
    return "\n".join(lines)


def _row(one: Agreement) -> list[str]:
    shares = [_share(one.found[group], one.pairs[group]) for group in GROUPS]
    return [one.file, *shares, f"{one.stated:,}", _share(one.false, one.stated)]


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} {100 * part / whole:6.2f} %" if whole else "–"


def _miss(miss: Miss) -> list[str]:
    pair = miss.pair
    known = pair.words > 0
    return [
        "false" if miss.false else "missed",
        miss.file,
        pair.earlier,
        pair.later,
        f"{pair.jaccard:.4f}" if known else "low",
        f"{pair.containment:.4f}" if known else "low",
        f"{pair.words:,}" if known else "–",
        f"{pair.days:.1f}" if known else "–",
    ]


def _aligned(rows: Sequence[Sequence[str]], left: int = 1) -> list[str]:
    """The rows as lines, the first `left` columns flush left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if at < left else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
