"""Running dedup over articles, as the worker does, and what the tests of dedup feed it.

As a program, prints the digest of a run that is cut and restored in the middle; two values of PYTHONHASHSEED must
print the same.
"""

import hashlib
import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from config.sections import DedupSection
from processors.copies.window import Window
from processors.dedup import Dedup
from streams.messages import Article, Decoder, Deduped, Verdict, encode
from streams.processor import Change, Decision

DAY_ONE = datetime(2015, 10, 1, tzinfo=UTC)
STAGE = Dedup(DedupSection())


def article(name: str, text: str, title: str = "", day: float = 0, lang: str = "en") -> Article:
    """An article (`name`: its id) fetched and published so many days after DAY_ONE."""
    moment = DAY_ONE + timedelta(days=day)
    return Article(id=name, title=title, text=text, lang=lang, published=moment, fetched=moment)


def decided(stage: Dedup, state: Window, articles: Iterable[Article]) -> list[Decision[Deduped]]:
    """Decide and apply, one after the other."""
    decisions = []
    for one in articles:
        decision = stage.decide(state, one)
        for change in decision.changes:
            stage.apply(state, change)
        decisions.append(decision)
    return decisions


def verdicts(articles: Iterable[Article], section: DedupSection | None = None) -> dict[str, Verdict]:
    """The last verdict on each article, by id."""
    stage = Dedup(section) if section else STAGE
    return {d.output.article.id: d.output.verdict for d in decided(stage, stage.fresh(), articles)}


def compacted(decisions: Iterable[Decision[Deduped]]) -> list[tuple[str, bytes | None]]:
    """The changelog's newest record of each key; the tombstones stay, as they do for a day."""
    return list({c.key: c.value and encode(c.value) for d in decisions for c in d.changes}.items())


def restored(stage: Dedup, records: Iterable[tuple[str, bytes | None]]) -> Window:
    """The state that the changelog's records lead to."""
    state, decode = stage.fresh(), Decoder(stage.changes)
    for key, value in records:
        stage.apply(state, Change(key, value and decode(value)))
    return state


def told(decisions: Iterable[Decision[Deduped]]) -> list[object]:
    """Everything that decisions say, comparable."""
    return [(encode(d.output), [(c.key, c.value and encode(c.value)) for c in d.changes]) for d in decisions]


def prose(rng: random.Random, words: int, vocabulary: int = 5_000) -> list[str]:
    """Words without meaning; two such texts share next to no shingle."""
    return [f"w{rng.randrange(vocabulary)}" for _ in range(words)]


def stream(seed: int, length: int) -> list[Article]:
    """Originals, copies, edited copies, excerpts, revisions and sightings in two languages, over some weeks."""
    rng = random.Random(seed)
    articles: list[Article] = []
    day = 0.0
    for number in range(length):
        day += rng.choice((0, 0.01, 0.2, 0.4, 3)) * rng.random()
        words, lang = prose(rng, rng.choice((0, 8, 30, 60, 200, 200))), "en"
        name, title = f"a{number}", f"t{number}"
        if articles and rng.random() < 0.7:
            earlier = rng.choice(articles[-40:])
            words, title, lang = earlier.text.split(), earlier.title, earlier.lang
            change = rng.choice(("copy", "edit", "excerpt", "sighting", "revision", "retitled"))
            if change in ("sighting", "revision"):
                name = earlier.id
            if change in ("edit", "revision") and words:
                for _ in range(rng.randrange(1, 6)):
                    words[rng.randrange(len(words))] = "edited"
            if change == "excerpt":
                words = words[len(words) // 3 :]
            if change == "retitled":
                title = f"t{number}"
        lang = rng.choice((lang, lang, lang, "de"))
        late = rng.choice((0, 0, 0, 2, 20)) * rng.random()
        articles.append(article(name, " ".join(words), title, day - late, lang))
    return articles


def digest(seed: int, length: int, cut: int) -> str:
    """The digest of everything said about a stream, the state being restored after `cut` articles."""
    articles = stream(seed, length)
    before = decided(STAGE, STAGE.fresh(), articles[:cut])
    records: Sequence[tuple[str, bytes | None]] = compacted(before)
    after = decided(STAGE, restored(STAGE, reversed(records)), articles[cut:])
    return hashlib.sha256(repr(told(before) + told(after)).encode()).hexdigest()


if __name__ == "__main__":
    print(digest(seed=3, length=400, cut=250))
