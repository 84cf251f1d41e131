"""`storywire eval --pairs`: dedup against the exact similarity of every pair of articles in real corpora.

The truth (`data/dedup/*.pairs.tsv`) was computed on lower-cased `\\w+` tokens of the texts, without MinHash.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.settings import Settings
from processors.dedup import Dedup
from service.exits import Exit, UserError
from service.inputs import articles_in
from service.pairs import Agreement, Pair, against_pairs, compared, pooled, table, to_dict
from service.pipeline import Stage
from streams.messages import Deduped, Relation, Verdict
from tests.builders import article
from tests.service.command import Storywire

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SETTINGS = Settings()
WEEK = timedelta(days=7)
CORPORA = {
    "fnc1_bodies": "dedup/fnc1_bodies.jsonl.gz",
    "g5w_live": "stories/g5w_live.jsonl",
    "stream_dev": "stories/stream_dev.jsonl.gz",
}


def agreement(data: Path, name: str) -> Agreement:
    found = against_pairs(data / f"dedup/{name}.pairs.tsv", data / CORPORA[name], SETTINGS, now=NOW)
    print(table([found]))
    return found


def hold(found: Agreement) -> None:
    """What the project promises of copies, pooled over corpora."""
    assert all(found.pairs.values())
    assert found.found["J >= 0.8"] == found.pairs["J >= 0.8"]
    assert found.found["J >= 0.5"] >= 0.98 * found.pairs["J >= 0.5"]
    assert found.found["C >= 0.8"] >= 0.95 * found.pairs["C >= 0.8"]
    assert found.false <= 0.01 * found.stated


# --- the real corpora ------------------------------------------------------------------------------------


def test_copies_are_found_and_what_is_stated_is_true(data: Path) -> None:
    hold(pooled([agreement(data, "fnc1_bodies"), agreement(data, "g5w_live")]))


@pytest.mark.quality
def test_copies_are_found_in_a_stream_of_two_and_a_half_years(data: Path) -> None:
    hold(pooled([agreement(data, name) for name in CORPORA]))


def test_the_similarities_stated_are_the_true_ones(data: Path) -> None:
    rows = (data / "dedup/g5w_live.pairs.tsv").read_text().splitlines()[1:]
    truth = {frozenset(row.split("\t")[:2]): row.split("\t")[2:] for row in rows}
    told = Stage(Dedup(SETTINGS.dedup)).run(articles_in([data / CORPORA["g5w_live"]], SETTINGS, now=NOW).articles)
    stated = [(one.article.id, to) for one in told for to in one.verdict.relations]
    assert len(stated) > 20
    for later, to in stated:
        jaccard, containment = map(float, truth[frozenset((later, to.id))])
        assert to.jaccard == pytest.approx(jaccard, abs=0.02)
        assert to.containment == pytest.approx(containment, abs=0.02)


# --- how it counts ---------------------------------------------------------------------------------------


def deduped(name: str, family: str, *related: str) -> Deduped:
    relations = tuple(Relation(id=to, kind="near", jaccard=0.9, containment=0.9) for to in related)
    return Deduped(article=article(name), verdict=Verdict(verdict="near", family=family, relations=relations))


def pair(earlier: str, later: str, jaccard: float, containment: float, days: float = 0, words: int = 100) -> Pair:
    return Pair(earlier, later, jaccard, containment, days, words)


def test_a_pair_is_found_by_a_relation_of_the_later_article_or_by_the_family() -> None:
    told = [deduped("a", "a"), deduped("b", "b", "a"), deduped("c", "a"), deduped("d", "d")]
    truth = [pair("a", "b", 0.9, 1), pair("a", "c", 0.6, 0.7), pair("a", "d", 0.1, 0.8)]
    found = compared("f", truth, told, WEEK)
    assert found.found == {"J >= 0.8": 1, "J >= 0.5": 2, "C >= 0.8": 1}
    assert found.pairs == {"J >= 0.8": 1, "J >= 0.5": 2, "C >= 0.8": 2}
    assert [(miss.pair.later, miss.false) for miss in found.misses] == [("d", False)]


@pytest.mark.parametrize(
    "left_out",
    [pair("a", "b", 0.9, 1, days=7.01), pair("a", "b", 0.49, 0.79), pair("a", "b", 0.2, 0.9, words=49)],
    ids=["beyond the window", "below the thresholds", "an excerpt of a few words"],
)
def test_some_pairs_are_not_asked_for(left_out: Pair) -> None:
    found = compared("f", [left_out], [deduped("a", "a"), deduped("b", "b")], WEEK)
    assert not any(found.pairs.values())
    assert not found.misses


def test_a_relation_between_articles_that_share_too_little_is_false() -> None:
    told = [deduped("a", "a"), deduped("b", "a", "a", "b"), deduped("c", "c", "a"), deduped("d", "d", "a", "b")]
    truth = [pair("a", "b", 0.39, 0.7), pair("a", "c", 0.39, 0.69), pair("a", "d", 0.4, 0.1)]
    found = compared("f", truth, told, WEEK)
    assert (found.stated, found.false) == (4, 2)
    assert [(miss.pair.earlier, miss.pair.later) for miss in found.misses if miss.false] == [
        ("a", "c"),
        ("b", "d"),
    ]


# --- the command -----------------------------------------------------------------------------------------

TEXT = " ".join(f"word{i}" for i in range(60))
OTHER = " ".join(f"other{i}" for i in range(60))


def files(folder: Path, rows: Sequence[str]) -> tuple[Path, Path]:
    """A table of pairs and a file of three articles, two of them copies."""
    articles = folder / "in.jsonl"
    texts = {"a": TEXT, "b": TEXT, "c": OTHER}
    lines = [{"id": id_, "title": "Title", "text": text, "published": "2015-10-01"} for id_, text in texts.items()]
    articles.write_text("".join(json.dumps(one) + "\n" for one in lines))
    pairs = folder / "in.pairs.tsv"
    pairs.write_text("".join(row + "\n" for row in ("id1\tid2\tjaccard\tcontainment", *rows)))
    return pairs, articles


def test_the_command_prints_the_table_and_every_miss(storywire: Storywire) -> None:
    pairs, articles = files(storywire.folder, ["b\ta\t1.0\t1.0", "c\ta\t0.9\t0.95"])
    done = storywire("eval", "--pairs", pairs, articles)
    head, row, _, _, miss = done.stdout.splitlines()
    assert head.split() == "file J >= 0.8 found J >= 0.5 found C >= 0.8 found relations false".split()
    assert row.split() == "in.jsonl 1 of 2 50.00 % 1 of 2 50.00 % 1 of 2 50.00 % 1 0 of 1 0.00 %".split()
    assert miss.split() == "missed in.jsonl a c 0.9000 0.9500 60 0.0".split()
    both = storywire("eval", "--json", "--pairs", pairs, "--pairs", pairs, articles, articles)
    told = json.loads(both.stdout)["files"]
    assert [one["file"] for one in told] == ["in.jsonl", "in.jsonl", "all"]
    assert told[2]["groups"]["J >= 0.8"] == {"pairs": 4, "found": 2}
    assert told[0] == to_dict(against_pairs(pairs, articles, SETTINGS, now=NOW))


def test_the_command_takes_a_table_for_each_file(storywire: Storywire) -> None:
    pairs, articles = files(storywire.folder, [])
    done = storywire("eval", "--pairs", pairs, articles, articles)
    assert done.returncode == Exit.USAGE
    assert "takes one table per FILE, not 1 for 2" in done.stderr


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a\tnobody\t1.0\t1.0", r"in\.pairs\.tsv:2: no article in .*in\.jsonl has the id 'nobody'"),
        ("a\tb\t1.0", r"in\.pairs\.tsv:2: is no pair; four columns"),
        ("a\tb\tmuch\t1.0", r"in\.pairs\.tsv:2: is no pair"),
    ],
)
def test_a_table_that_does_not_belong_to_the_file_is_refused(tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(UserError, match=said) as caught:
        against_pairs(*files(tmp_path, [row]), SETTINGS, now=NOW)
    assert caught.value.code == Exit.INPUT


def test_a_file_with_a_line_that_is_no_article_is_refused(tmp_path: Path) -> None:
    pairs, articles = files(tmp_path, [])
    articles.write_text(articles.read_text() + "{broken\n")
    with pytest.raises(UserError, match=r"in\.jsonl:4: is not JSON"):
        against_pairs(pairs, articles, SETTINGS, now=NOW)


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    _, articles = files(tmp_path, [])
    with pytest.raises(UserError, match=r"nowhere\.tsv: cannot be read \(No such file"):
        against_pairs(tmp_path / "nowhere.tsv", articles, SETTINGS, now=NOW)
