"""A database with a few stories in it, as the SQL sink leaves it, for what reads and shows them."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import msgspec

from service.reading import Reader
from streams.messages import Compared, Evidence, First, PairScore, StoryUpdate, Verdict
from tests.builders import START, article, copy_of, related, revision_of, state, update
from tests.sinks.kinds import SQLITE, SqlKind
from tests.sinks.world import deliver

STRIKES = "ST-3f2a90c1d2e4b5"
TALKS = "ST-77aa00bb11cc22"
GONE = "ST-90ffee00112233"


def _hours(hours: float) -> dict:
    published = START + timedelta(hours=hours)
    return {"published": published, "fetched": published + timedelta(minutes=12)}


def _score(id: str, score: float, **parts: float) -> PairScore:  # noqa: A002
    return PairScore(id=id, score=score, parts=parts)


RUNNER_UP = Compared(
    story=TALKS, score=0.42, members=(_score("t1", 0.42, dense=2.1, sparse=0.5, names=0.1, time=0.6),)
)
BEST = Compared(
    story=STRIKES,
    score=2.31,
    members=(
        _score("a1", 2.31, dense=2.9, sparse=1.4, names=1.2, time=0.61),
        _score("a3", 1.9, dense=2.6, sparse=1.3, names=1.15, time=0.65),
    ),
    names=("Homs", "Russia", "Syria"),
    terms=("air", "strikes", "jets"),
    gap_days=0.125,
)
JOINED = Evidence(reason="joined", threshold=1.25, best=BEST, runner_up=RUNNER_UP)

UPDATES: Sequence[StoryUpdate] = (
    update(
        article("a1", title="Russia launches air strikes in Syria", source="BBC", **_hours(0)),
        STRIKES,
        evidence=Evidence(reason="opened", threshold=1.25, best=RUNNER_UP),
        changed=[state(STRIKES, 1, title="Russia launches air strikes in Syria")],
    ),
    update(
        article("t1", title="Leaders meet in New York to talk about Syria", source="DW", **_hours(-20)),
        TALKS,
        changed=[state(TALKS, 1, title="Leaders meet in New York to talk about Syria", last_published=START)],
    ),
    update(
        article("a2", title="Russian jets hit targets near Homs, officials say", source="Reuters", **_hours(3)),
        STRIKES,
        evidence=JOINED,
    ),
    update(
        article(
            "a3", title="Russian jets hit targets near Homs", source="The Hillside Morning Courier", **_hours(5)
        ),
        STRIKES,
        copy_of("a2", jaccard=0.9312, containment=0.97),
        Evidence(reason="copy", threshold=1.25, follows="a2"),
    ),
    update(
        article(
            "a4", title="[bold]Moscow[/bold] defends strikes " + "on and on " * 20, source="AP", published=None
        ),
        GONE,
        evidence=msgspec.structs.replace(JOINED, vector=False),
        changed=[state(GONE, 1, title="Moscow defends strikes", first_published=None, last_published=None)],
    ),
    update(
        article("a5", title="Russian jets hit Homs: the short version", source="Metro", **_hours(6)),
        STRIKES,
        copy_of("a2", "excerpt", jaccard=0.2, containment=0.88),
        Evidence(reason="copy", threshold=1.25, follows="a2"),
    ),
    update(
        article("a6", title="Russian jets hit targets near Homs, officials say", source="Metro", **_hours(7)),
        STRIKES,
        copy_of("a2", "exact", jaccard=1.0, containment=1.0),
        Evidence(reason="copy", threshold=1.25, follows="a2"),
        changed=[
            state(
                STRIKES,
                9,
                title="Russia launches air strikes in Syria",
                names=("Homs", "Syria"),
                terms=("strikes", "jets"),
                first=First(article="a1", source="BBC", published=START),
                articles=6,
                sources=5,
                independent_texts=3,
            )
        ],
        merged=[(GONE, STRIKES)],
        links=[related(TALKS, names=("Russia", "Syria"), terms=("assad",))],
    ),
    update(
        article("a1", title="Russia launches air strikes in Syria", source="BBC", text="More.", **_hours(0.5)),
        STRIKES,
        revision_of("a1", 0.81),
        Evidence(reason="revision", threshold=1.25),
    ),
    update(
        article("a1", feed="https://other.example/feed", **_hours(0.5)),
        STRIKES,
        Verdict(verdict="sighting", family="a1"),
        Evidence(reason="sighting", threshold=1.25),
    ),
)


def newsroom(folder: Path, updates: Sequence[StoryUpdate] = UPDATES, sql: SqlKind = SQLITE) -> Reader:
    """A reader of a database that holds the updates."""
    sink = sql.open(folder)
    deliver(sink, *updates)
    sink.close()
    return Reader(sql.url(folder))
