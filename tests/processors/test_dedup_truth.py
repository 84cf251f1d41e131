"""Dedup against the exact similarity of every pair of articles in real corpora.

The truth (`data/dedup/*.pairs.tsv`) was computed on lower-cased `\\w+` tokens of the texts, without MinHash.
"""

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.sections import DedupSection
from processors.words import words_of
from streams.messages import Article, Verdict
from tests.processors.dedup_run import DAY_ONE, verdicts

WINDOW = timedelta(days=DedupSection().window_days)
CORPORA = {
    "fnc1_bodies": "dedup/fnc1_bodies.jsonl.gz",
    "g5w_live": "stories/g5w_live.jsonl",
    "stream_dev": "stories/stream_dev.jsonl.gz",
}


@dataclass(frozen=True)
class Pair:
    """Two articles of the truth, in the order of the stream."""

    earlier: Article
    later: Article
    jaccard: float
    containment: float


@dataclass(frozen=True)
class Corpus:
    """A corpus, its truth, and what dedup says."""

    pairs: list[Pair]
    verdicts: dict[str, Verdict]

    def missed(self, wanted: Callable[[Pair], bool]) -> tuple[list[Pair], int]:
        """Pairs that were not found among those wanted within the window, and how many there are."""
        inside = [p for p in self.pairs if wanted(p) and p.later.fetched - p.earlier.fetched <= WINDOW]
        return [pair for pair in inside if not self._found(pair)], len(inside)

    def _found(self, pair: Pair) -> bool:
        earlier, later = self.verdicts[pair.earlier.id], self.verdicts[pair.later.id]
        return pair.earlier.id in {r.id for r in later.relations} or earlier.family == later.family


def load(data: Path, name: str) -> Corpus:
    """Read a corpus in time order (file order where it is undated) and run dedup over it."""
    path = data / CORPORA[name]
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    articles = [_article(json.loads(line)) for line in content.splitlines()]
    articles.sort(key=lambda article: article.fetched)
    position = {article.id: at for at, article in enumerate(articles)}
    pairs = []
    for line in (data / f"dedup/{name}.pairs.tsv").read_text().splitlines()[1:]:
        one, two, jaccard, containment = line.split("\t")
        first, second = sorted((position[one], position[two]))
        pairs.append(Pair(articles[first], articles[second], float(jaccard), float(containment)))
    return Corpus(pairs, verdicts(articles))


def _article(row: dict[str, str | None]) -> Article:
    published = row["published"] and datetime.fromisoformat(row["published"]).replace(tzinfo=UTC)
    return Article(
        id=row["id"] or "",
        title=row["title"] or "",
        text=row["text"] or "",
        lang=row["lang"] or "",
        published=published or None,
        fetched=published or DAY_ONE,
    )


@pytest.fixture(
    scope="module",
    params=["fnc1_bodies", "g5w_live", pytest.param("stream_dev", marks=pytest.mark.quality)],
)
def corpus(data: Path, request: pytest.FixtureRequest) -> Corpus:
    return load(data, request.param)


def test_no_pair_that_shares_most_of_its_text_is_missed(corpus: Corpus) -> None:
    missed, pairs = corpus.missed(lambda pair: pair.jaccard >= 0.8)
    assert pairs
    assert not missed


def test_near_duplicates_are_found(corpus: Corpus) -> None:
    missed, pairs = corpus.missed(lambda pair: pair.jaccard >= 0.5)
    assert len(missed) <= 0.02 * pairs


def test_excerpts_are_found(corpus: Corpus) -> None:
    def excerpt(pair: Pair) -> bool:
        shorter = min(len(words_of(pair.earlier.text)), len(words_of(pair.later.text)))
        return pair.containment >= 0.8 and shorter >= 50

    missed, pairs = corpus.missed(excerpt)
    assert len(missed) <= 0.05 * pairs


def test_what_is_stated_is_true(corpus: Corpus) -> None:
    truth = {(p.later.id, p.earlier.id): p for p in corpus.pairs}
    stated = [(truth.get((later, r.id)), r) for later, v in corpus.verdicts.items() for r in v.relations]
    wrong = [r for pair, r in stated if not pair or (pair.jaccard < 0.4 and pair.containment < 0.7)]
    assert len(wrong) <= 0.01 * len(stated)
    for pair, relation in stated:
        if pair:
            assert relation.jaccard == pytest.approx(pair.jaccard, abs=0.02)
            assert relation.containment == pytest.approx(pair.containment, abs=0.02)


def test_most_articles_are_originals_of_their_own_family(corpus: Corpus) -> None:
    originals = {one for one, verdict in corpus.verdicts.items() if verdict.verdict == "original"}
    assert len(originals) > 0.9 * len(corpus.verdicts)
    assert all(verdict.family in corpus.verdicts for verdict in corpus.verdicts.values())
    assert all(corpus.verdicts[one].family == one for one in originals)
