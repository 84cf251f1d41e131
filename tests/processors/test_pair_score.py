"""The pair score is the recipe's, adds up, and depends on the pair alone."""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from processors.encoding.vectors import quantise, unpack
from processors.stories.common_terms import common_terms
from processors.stories.features import features
from processors.stories.layout import Comparable, lay_out
from processors.stories.pair_score import ALIKE, Board, scorer
from processors.stories.pair_weights import PARTS, POINTS, VALUES, Pairs, fitted
from processors.stories.terms import read
from processors.stories.vocabulary import UNKNOWN, TermIds, TermLists, Vocabulary
from processors.stories.weights import Weights, weigh
from tests.processors.cluster_run import Newsroom, message
from tests.processors.events import FERRY, STRIKE

TEXTS = [*FERRY, *STRIKE, *(Newsroom(1).report(event, 80) for event in range(14))]
HOUR = 3_600
COMMON = common_terms("en")
SCORER = scorer()
WEIGHTS = fitted()


class Corpus:
    """Articles compared in one vocabulary, weighed one after the other."""

    def __init__(self) -> None:
        self.vocabulary = Vocabulary()
        self.articles = [self._enter(number, *told) for number, told in enumerate(TEXTS)]

    def _enter(self, number: int, title: str, text: str) -> Comparable:
        terms = read(title, text)
        lists = TermLists(tuple(terms.words), tuple(terms.names), terms.numbers)
        weights = weigh(terms, self.vocabulary.find(lists), self.vocabulary, number, COMMON)
        entered = self.vocabulary.enter(lists)
        vector = unpack(message("x", text, title).vector)
        return Comparable(published=number * 7 * HOUR, features=features(vector, weights, entered))

    def compare(self, one: int, *others: int) -> Pairs:
        return self.beside(self.articles[one], [self.articles[i] for i in others])

    def beside(self, one: Comparable, others: Sequence[Comparable]) -> Pairs:
        with Board().probe(one, len(self.vocabulary)) as probe:
            return SCORER.compare(probe, lay_out(others))


CORPUS = Corpus()
LAID_OUT = lay_out(CORPUS.articles)
EVERY = range(len(TEXTS))


def by_the_recipe(one: int, other: int) -> float:
    """The score in plain Python, from the texts."""
    df: dict[str, dict[str, int]] = {"all": {}, "ent": {}}
    views: list[dict[str, Mapping[str, float]]] = []
    for number, (title, text) in enumerate(TEXTS):
        terms = read(title, text)
        own: dict[str, Mapping[str, float]] = {"num": dict.fromkeys(terms.numbers, 1.0)}
        for view, counts, of, known in (
            ("all", terms.words, "all", COMMON.words),
            ("lead", terms.lead, "all", COMMON.words),
            ("ent", terms.names, "ent", COMMON.names),
        ):
            seen = {term: df[of].get(term, 0) + known.get(term, 0) for term in counts}
            idf = {term: max(0, math.log((number + 100 + 2) / (seen[term] + 1.5))) for term in counts}
            own[view] = {term: (1 + math.log(tf)) * idf[term] for term, tf in counts.items()}
        views.append(own)
        for of, counts in (("all", terms.words), ("ent", terms.names)):
            for term in counts:
                df[of][term] = df[of].get(term, 0) + 1

    def cosine(view: str) -> float:
        a, b = views[one][view], views[other][view]
        lengths = math.sqrt(sum(x * x for x in a.values()) * sum(x * x for x in b.values()))
        return sum(a[term] * b[term] for term in a if term in b) / lengths if lengths else 0.0

    vectors = [CORPUS.articles[i].features.vector.astype(float) for i in (one, other)]
    dense = vectors[0] @ vectors[1] / np.linalg.norm(vectors[0]) / np.linalg.norm(vectors[1])
    days = abs(one - other) * 7 / 24
    numbers = [set(view["num"]) for view in (views[one], views[other])]
    values = {
        name: math.sqrt(cosine(view)) for name, view in (("words", "all"), ("lead", "lead"), ("names", "ent"))
    }
    values |= {"dense": dense, "numbers": cosine("num"), "clash": 0.0}
    if min(map(len, numbers)) >= 2 and not numbers[0] & numbers[1]:
        values["clash"] = min(0, ALIKE - values["words"])
    score = WEIGHTS.intercept / POINTS
    score += sum(float(weight) * values[name] for name, weight in zip(VALUES, WEIGHTS.values[:, 0], strict=True))
    return score + WEIGHTS.time[round(24 * days)] / POINTS


def test_the_score_is_the_recipes() -> None:
    for one in EVERY:
        scores = CORPUS.compare(one, *EVERY).scores / POINTS
        assert scores == pytest.approx([by_the_recipe(one, other) for other in EVERY], abs=0.02)


def test_reports_of_one_event_score_higher_than_reports_of_two() -> None:
    scores = [CORPUS.compare(one, *range(6)).scores for one in range(6)]
    same = [scores[i][j] for i in range(6) for j in range(i) if i // 3 == j // 3]
    apart = [scores[i][j] for i in range(6) for j in range(i) if i // 3 != j // 3]
    assert min(same) > 1.25 * POINTS > 0 > max(apart)


def test_parts_and_intercept_add_up() -> None:
    pairs = CORPUS.compare(0, *EVERY)
    assert len(pairs.parts) == len(PARTS)
    assert (pairs.scores - pairs.parts.sum(axis=0) == WEIGHTS.intercept).all()
    blind = replace(CORPUS.articles[0].features, vector=None)
    pairs = CORPUS.beside(Comparable(0, blind), CORPUS.articles)
    assert (pairs.scores - pairs.parts.sum(axis=0) == fitted("dense").intercept).all()


def test_a_score_does_not_depend_on_what_else_is_compared() -> None:
    rng = random.Random(1)
    together = CORPUS.compare(3, *EVERY).scores.tolist()
    for _ in range(20):
        others = rng.choices(EVERY, k=rng.randrange(1, 40))
        assert CORPUS.compare(3, *others).scores.tolist() == [together[i] for i in others]


def test_a_score_is_the_same_both_ways() -> None:
    for one in EVERY:
        assert [CORPUS.compare(other, one).scores[0] for other in EVERY] == CORPUS.compare(
            one, *EVERY
        ).scores.tolist()


def aged(days: float | None) -> Comparable:
    return Comparable(None if days is None else round(days * 24 * HOUR), CORPUS.articles[0].features)


def time_part(one: float | None, other: float | None) -> int:
    return int(CORPUS.beside(aged(one), [aged(other)]).parts[PARTS.index("time")][0])


def test_nearness_in_time_counts_by_publication_either_way_round() -> None:
    parts = [time_part(100, 100 + days) for days in (0, 0.5, 1, 3, 10, 40, 4_000)]
    assert (
        parts
        == sorted(parts, reverse=True)
        == [time_part(100 + days, 100) for days in (0, 0.5, 1, 3, 10, 40, 4_000)]
    )
    assert parts[0] == WEIGHTS.time[0]
    assert parts[-1] == 0


def test_time_counts_by_the_nearest_hour() -> None:
    hour = 1 / 24
    assert time_part(9, 9 + 0.6 * hour) == time_part(9, 9 + 1.4 * hour) == time_part(9, 9 + hour)
    assert time_part(9, 9 + 0.4 * hour) == time_part(9, 9)


def test_an_undated_article_is_taken_to_be_two_days_away() -> None:
    assert time_part(None, 5) == time_part(5, None) == time_part(None, None) == time_part(5, 7)


def test_without_a_vector_the_words_speak_for_it() -> None:
    blind = [Comparable(a.published, replace(a.features, vector=None)) for a in CORPUS.articles]
    pairs = CORPUS.beside(blind[0], [*blind[:6], CORPUS.articles[1]])
    assert not pairs.parts[PARTS.index("dense")].any()
    assert pairs.scores[1:3].min() > 1.25 * POINTS > pairs.scores[3:6].max()
    assert pairs.scores[6] == pairs.scores[1]  # one vector alone is none


def test_terms_in_no_live_article_match_nothing() -> None:
    ids, weights = np.full(2, UNKNOWN, np.int32), quantise([1, 1])
    stranger = Comparable(0, features(None, Weights(weights, weights, weights), TermIds(ids, ids, ids)))
    with Board().probe(stranger, 1) as probe:
        assert not SCORER.compare(probe, lay_out([stranger])).parts[1:5].any()


def test_a_board_that_was_used_before_is_like_a_new_one() -> None:
    board, terms = Board(), len(CORPUS.vocabulary)
    for one in (0, 3, 0, 5):
        with board.probe(CORPUS.articles[one], terms) as probe:
            assert SCORER.compare(probe, LAID_OUT).scores.tolist() == CORPUS.compare(one, *EVERY).scores.tolist()


def test_two_articles_can_be_laid_out_at_once() -> None:
    board, terms = Board(), len(CORPUS.vocabulary)
    with board.probe(CORPUS.articles[0], terms) as first, board.probe(CORPUS.articles[1], terms) as second:
        for probe, one in ((first, 0), (second, 1)):
            assert SCORER.compare(probe, LAID_OUT).scores.tolist() == CORPUS.compare(one, *EVERY).scores.tolist()


def test_cosines_that_are_known_are_taken_for_granted() -> None:
    pairs = CORPUS.compare(0, *EVERY)
    known = pairs.parts[PARTS.index("dense")] / POINTS / WEIGHTS.values[0, 0]
    known[2] = np.nan
    with Board().probe(CORPUS.articles[0], len(CORPUS.vocabulary)) as probe:
        again = SCORER.compare(probe, LAID_OUT, known)
    assert again.scores[3:].tolist() == pairs.scores[3:].tolist()
    blind = Comparable(CORPUS.articles[2].published, replace(CORPUS.articles[2].features, vector=None))
    assert again.scores[2] == CORPUS.beside(CORPUS.articles[0], [blind]).scores[0]
