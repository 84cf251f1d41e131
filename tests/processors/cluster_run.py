"""Running cluster over messages, as the worker does, and what the tests of cluster feed it.

As a program, prints the digest of a run that is cut and restored in the middle; two values of PYTHONHASHSEED must
print the same.
"""

import hashlib
import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from config.sections import ClusterSection, EmbedSection
from processors.cluster import Cluster
from processors.embed import Embed
from processors.encoding.hashing_encoder import HashingEncoder
from processors.stories.memory import Stories
from streams.messages import (
    Article,
    Decided,
    Decoder,
    Deduped,
    Embedded,
    StoryState,
    StoryUpdate,
    Verdict,
    encode,
)
from streams.processor import Change, Decision

DAY_ONE = datetime(2015, 10, 1, tzinfo=UTC)
STAGE = Cluster(ClusterSection())

_HASHING = EmbedSection(model="hashing")
EMBED = Embed(_HASHING, HashingEncoder(_HASHING))


def message(
    id: str,  # noqa: A002
    text: str,
    title: str = "",
    *,
    day: float = 0,
    late: float | None = 0,
    lang: str = "en",
    source: str | None = "The Example",
    verdict: Decided = "original",
    of: str | None = None,
    family: str | None = None,
) -> Embedded:
    """An article with its vector.

    `day`: when it was fetched, in days after DAY_ONE; `late`: how many days after its publication that was, None
    for an undated one; `of`: what it copies.
    """
    fetched = DAY_ONE + timedelta(days=day)
    published = None if late is None else fetched - timedelta(days=late)
    found = Verdict(verdict=verdict, duplicate_of=of, family=family or of or id)
    article = Article(
        id=id, title=title, text=text, lang=lang, source=source, published=published, fetched=fetched
    )
    return EMBED.decide(None, Deduped(article=article, verdict=found)).output


def decided(stage: Cluster, state: Stories, messages: Iterable[Embedded]) -> list[Decision[StoryUpdate]]:
    """Decide and apply, one after the other."""
    decisions = []
    for one in messages:
        decision = stage.decide(state, one)
        for change in decision.changes:
            stage.apply(state, change)
        decisions.append(decision)
    return decisions


def updates(*messages: Embedded, section: ClusterSection | None = None) -> list[StoryUpdate]:
    """What is said of each message."""
    stage = Cluster(section) if section else STAGE
    return [decision.output for decision in decided(stage, stage.fresh(), messages)]


def stories(found: Iterable[StoryUpdate]) -> dict[str, StoryState]:
    """The newest state of each story that was not merged into another."""
    newest: dict[str, StoryState] = {}
    for update in found:
        newest |= {story.id: story for story in update.changed}
        for merged in update.merged:
            del newest[merged.old]
    return newest


def story_of(found: Iterable[StoryUpdate]) -> dict[str, str | None]:
    """The story of each article by its id, after all merges."""
    told = list(found)
    into = {merged.old: merged.into for update in told for merged in update.merged}
    result: dict[str, str | None] = {}
    for update in told:
        story = update.assigned and update.assigned.story
        while story in into:
            story = into[story]
        result[update.article.id] = story or result.get(update.article.id)
    return result


def compacted(decisions: Iterable[Decision[StoryUpdate]]) -> list[tuple[str, bytes | None]]:
    """The changelog's newest record of each key; the tombstones stay, as they do for a day."""
    return list({c.key: c.value and encode(c.value) for d in decisions for c in d.changes}.items())


def restored(stage: Cluster, records: Iterable[tuple[str, bytes | None]]) -> Stories:
    """The state that the changelog's records lead to."""
    state, decode = stage.fresh(), Decoder(stage.changes)
    for key, value in records:
        stage.apply(state, Change(key, value and decode(value)))
    return state


def told(decisions: Iterable[Decision[StoryUpdate]]) -> list[object]:
    """Everything that decisions say, comparable."""
    return [(encode(d.output), [(c.key, c.value and encode(c.value)) for c in d.changes]) for d in decisions]


class Newsroom:
    """Makes reports of invented events: each event has words and names of its own, among words that all share.

    Neighbouring events share half of their words, so that some are close enough to be taken for one another.
    """

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)

    def report(self, event: int, words: int) -> tuple[str, str]:
        """Title and text."""
        own = [f"topic{event // 2}x{i}" for i in range(12)] + [f"event{event}x{i}" for i in range(12)]
        names = [f"Name{event // 2}x{i}" for i in range(4)] + [f"Place{event}"]
        common = [f"common{i}" for i in range(60)]
        rng = self._rng
        pick = [rng.choice(rng.choice((own, own, names, common))) for _ in range(words)]
        return " ".join(rng.sample(own, 3) + rng.sample(names, 2)), " ".join([*pick, f"{event * 37 + 10} dead"])


def stream(seed: int, length: int) -> list[Embedded]:
    """Reports, copies, revisions and sightings in two languages over some weeks, one without vectors."""
    rng, newsroom = random.Random(seed), Newsroom(seed)
    made: list[Embedded] = []
    day = 0.0
    for number in range(length):
        day += rng.choice((0, 0.01, 0.1, 0.4)) * rng.random() + (20 if rng.random() < 0.01 else 0)
        name, event = f"a{number}", int(day * 2) + rng.randrange(-3, 4)
        title, text = newsroom.report(event, rng.choice((0, 10, 60, 150)))
        lang, verdict, of, family = rng.choice(("en", "en", "en", "de")), "original", None, None
        if made and rng.random() < 0.25:
            earlier = rng.choice(made[-60:])
            lang = earlier.article.lang
            verdict = rng.choice(("near", "exact", "excerpt", "revision", "sighting"))
            if verdict in ("revision", "sighting"):
                name, family = earlier.article.id, earlier.verdict.family
            else:
                of, family = earlier.article.id, earlier.verdict.family
            if verdict != "revision":
                title, text = earlier.article.title, earlier.article.text
        made.append(
            message(
                name,
                text,
                title,
                day=day - rng.choice((0, 0, 3)) * rng.random(),
                late=rng.choice((None, 0, 0, 0, 1, 15)),
                lang=lang,
                source=rng.choice(("A", "B", "C", None)),
                verdict=verdict,
                of=of,
                family=family,
            )
        )
    return made


def digest(seed: int, length: int, cut: int) -> str:
    """The digest of everything said about a stream, the state being restored after `cut` messages."""
    messages = stream(seed, length)
    before = decided(STAGE, STAGE.fresh(), messages[:cut])
    records: Sequence[tuple[str, bytes | None]] = compacted(before)
    after = decided(STAGE, restored(STAGE, reversed(records)), messages[cut:])
    return hashlib.sha256(repr(told(before) + told(after)).encode()).hexdigest()


if __name__ == "__main__":
    print(digest(seed=3, length=300, cut=200))
