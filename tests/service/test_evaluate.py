"""`storywire eval`: its figures on the labelled corpora, its predictions, and what it refuses."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from config.sections import EmbedSection
from config.settings import Settings
from processors.embed import Encoder
from processors.encoding.encoder import PooledEncoder
from processors.encoding.encoders import encoder
from service.evaluate import Evaluation, _stories, evaluate
from service.exits import Exit, UserError
from service.inputs import articles_in
from service.pipeline import updates
from service.quality import PARTS, ablations, explanations
from service.scores import BCubed
from service.show_evaluation import evaluations_json, table, to_dict
from service.vector_cache import CachedEncoder, default_path
from tests.builders import article, update
from tests.conftest import ROOT
from tests.processors.events import FERRY, STRIKE

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SETTINGS = Settings()
WITHOUT_MODEL = Settings(embed=EmbedSection(model="hashing"))


@pytest.fixture(scope="module")
def vectors(pool: PooledEncoder) -> Encoder:
    """Vectors of the default model, kept between runs of the tests."""
    return CachedEncoder(pool, default_path())


def write(path: Path, lines: Sequence[dict[str, Any] | str]) -> Path:
    """A JSONL file."""
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))
    return path


def line(id: str, event: tuple[str, str], **more: Any) -> dict[str, Any]:  # noqa: A002
    """A line of a labelled file."""
    return {"id": id, "title": event[0], "text": event[1], "published": "2015-10-01", "story": None} | more


def quick(path: Path, out: Path | None = None) -> Evaluation:
    """An evaluation without the model."""
    return evaluate(path, WITHOUT_MODEL, now=NOW, out=out, vectors=encoder(WITHOUT_MODEL.embed))


# --- the figures -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "least"),
    [
        ("g5w_live.jsonl", 0.92),
        # its 982 texts take 40 s to encode on two cores
        pytest.param("ecbplus.jsonl", 0.84, marks=pytest.mark.quality),
    ],
)
def test_stories_agree_with_the_labels(data: Path, vectors: Encoder, file: str, least: float) -> None:
    found = evaluate(data / "stories" / file, SETTINGS, now=NOW, vectors=vectors)
    print(table([found]))
    assert found.labelled == found.articles > 200
    assert found.b3 is not None
    assert found.b3.f1 >= least


@pytest.mark.quality
@pytest.mark.timeout(900)
def test_stories_of_a_stream_of_two_and_a_half_years_agree_with_the_labels(data: Path, vectors: Encoder) -> None:
    found = evaluate(data / "stories" / "stream_dev.jsonl.gz", SETTINGS, now=NOW, vectors=vectors)
    print(table([found]))
    assert (found.articles, found.labelled) == (10_628, 1_324)
    assert found.b3 is not None
    assert found.b3.f1 >= 0.905
    assert found.largest < 40


# --- the predictions -------------------------------------------------------------------------------------


def test_predictions_stand_line_for_line_in_the_order_of_the_file(tmp_path: Path) -> None:
    file = write(
        tmp_path / "in.jsonl",
        [
            line("late", FERRY[1], published="2015-10-02"),
            line("first", FERRY[0]),
            line("other", STRIKE[0]),
            line("copy", FERRY[0], published="2015-10-03"),
            line("first", FERRY[0], published="2015-10-04"),
            line("late", STRIKE[1], published="2015-10-05"),
        ],
    )
    quick(file, tmp_path / "out.jsonl")
    out = [json.loads(row) for row in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [(row["id"], row["verdict"]) for row in out] == [
        ("late", "original"),
        ("first", "original"),
        ("other", "original"),
        ("copy", "exact"),
        ("first", "sighting"),
        ("late", "revision"),
    ]
    keys = ["id", "story", "verdict", "duplicate_of", "family", "relations"]
    assert all(list(row) == keys for row in out)
    assert len({row["story"] for row in out if row["id"] != "other"}) == 1 < len({row["story"] for row in out})
    assert (out[3]["duplicate_of"], out[3]["family"]) == ("first", "first")
    assert out[3]["relations"] == [{"id": "first", "kind": "exact", "jaccard": 1.0, "containment": 1.0}]
    assert out[5]["relations"][0]["kind"] == "revision"


def test_predictions_name_the_story_after_all_merges(tmp_path: Path) -> None:
    sentences = FERRY[0][1].split(". ")
    halves = [("", ". ".join(sentences[:3])), ("", ". ".join(sentences[3:]))]
    file = write(
        tmp_path / "in.jsonl", [line(f"half{i}", half) for i, half in enumerate(halves)] + [line("a", FERRY[0])]
    )
    found = articles_in([file], WITHOUT_MODEL, now=NOW)
    assert any(update.merged for update in updates(found.articles, WITHOUT_MODEL, encoder(WITHOUT_MODEL.embed)))
    evaluation = quick(file, tmp_path / "out.jsonl")
    assert len({json.loads(row)["story"] for row in (tmp_path / "out.jsonl").read_text().splitlines()}) == 1
    assert (evaluation.stories, evaluation.largest) == (1, 3)


def test_a_story_is_followed_through_several_merges() -> None:
    told = [update(article(f"a{i}"), f"S{i}") for i in range(3)]
    told.append(update(article("a3"), "S1", merged=[("S0", "S1")]))
    told.append(update(article("a4"), "S2", merged=[("S1", "S2")]))
    told.append(update(article("a0"), None))
    assert set(_stories(told).values()) == {"S2"}


def test_predictions_are_the_same_bytes_in_every_run(data: Path, tmp_path: Path) -> None:
    script = (
        "import sys; from datetime import datetime, UTC; from pathlib import Path;"
        "from config.sections import EmbedSection; from config.settings import Settings;"
        "from service.evaluate import evaluate;"
        "settings = Settings(embed=EmbedSection(model='hashing'));"
        "evaluate(Path(sys.argv[1]), settings, now=datetime.now(UTC), out=Path(sys.argv[2]))"
    )

    def run(hash_seed: str) -> bytes:
        out = tmp_path / hash_seed
        env = {**os.environ, "PYTHONHASHSEED": hash_seed, "XDG_CACHE_HOME": str(tmp_path)}
        command = [sys.executable, "-c", script, str(data / "stories" / "g5w_live.jsonl"), str(out)]
        subprocess.run(command, cwd=ROOT, env=env, check=True)
        return out.read_bytes()

    predictions = run("0")
    assert predictions.count(b"\n") == 227
    assert predictions == run("1")


# --- the result ------------------------------------------------------------------------------------------


def test_the_result_has_the_promised_keys(tmp_path: Path) -> None:
    events = [
        *(("f", event) for event in FERRY),
        *(("s", event) for event in STRIKE),
        (None, ("Weather", "It rains.")),
    ]
    lines = [line(f"a{i}", event, story=label) for i, (label, event) in enumerate(events)]
    found = quick(write(tmp_path / "in.jsonl", lines))
    assert to_dict(found) | {"articles_per_s": None} == {
        "file": str(tmp_path / "in.jsonl"),
        "articles": 7,
        "labelled": 6,
        "b3": {"p": 1.0, "r": 1.0, "f1": 1.0},
        "ari": 1.0,
        "ami": 1.0,
        "stories": 3,
        "largest": 3,
        "articles_per_s": None,
    }
    assert to_dict(found)["articles_per_s"] > 0
    assert "100.0" in table([found])


def test_a_file_without_labels_has_no_scores(tmp_path: Path) -> None:
    found = to_dict(quick(write(tmp_path / "in.jsonl", [line("a", FERRY[0])])))
    assert found["b3"] == {"p": None, "r": None, "f1": None}
    assert (found["ari"], found["ami"], found["labelled"], found["stories"]) == (None, None, 0, 1)


def test_an_empty_file_is_no_error(tmp_path: Path) -> None:
    found = quick(write(tmp_path / "in.jsonl", []))
    assert (found.articles, found.stories, found.largest) == (0, 0, 0)
    assert "–" in table([found])


def test_several_files_have_a_mean_line_and_one_has_none(tmp_path: Path) -> None:
    lines = [line(f"a{i}", event, story="f") for i, event in enumerate(FERRY)]
    some = quick(write(tmp_path / "in.jsonl", lines))
    none = quick(write(tmp_path / "none.jsonl", [line("a", FERRY[0])]))
    worse = replace(some, b3=BCubed(0.5, 0.5, 0.5), ari=0.0, ami=0.0)
    assert table([some, worse, none]).splitlines()[-1].split() == ["mean", "75.0", "75.0", "75.0", "50.0", "50.0"]
    assert evaluations_json([some, worse])["mean"]["b3"] == {"p": 0.75, "r": 0.75, "f1": 0.75}
    assert "mean" not in table([some, none])
    assert list(evaluations_json([some])) == ["files"]


def test_every_part_is_left_out_once_in_the_table_of_ablations(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [line(f"a{i}", event, story="f") for i, event in enumerate(FERRY)]
    told, printed = ablations([write(tmp_path / "in.jsonl", lines)], WITHOUT_MODEL, NOW)
    printed()
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split() == ["in", "P", "R", "F1", "mean"]
    assert [row[:10].strip() for row in rows] == ["everything", *(f"no {part}" for part in PARTS)]
    assert told()["ablations"]["no merge"]["files"][0]["articles"] == 3


def test_mistakes_and_right_decisions_are_explained_as_the_command_explains_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = ["f", "f", "other", "s", "s", "s"]
    events = enumerate(zip(labels, FERRY + STRIKE, strict=True))
    lines = [line(f"a{i}", event, story=label, published=f"2015-10-0{i + 1}") for i, (label, event) in events]
    told, printed = explanations([write(tmp_path / "in.jsonl", lines)], WITHOUT_MODEL, NOW, 2)
    printed()
    shown = capsys.readouterr().out
    assert "=== in.jsonl, mistake 1 of 1: it joined a story of another event\n" in shown
    assert "=== in.jsonl, right decision 2 of 2: " in shown
    assert "Compared with its best members" in shown
    (of_file,) = told()["explanations"]
    assert of_file["mistakes"][0]["text"]["article"]["id"] == "a2"
    assert [each["story"]["reason"] for each in of_file["right"]] == ["joined", "opened"]


# --- what is refused -------------------------------------------------------------------------------------


def test_a_file_with_a_line_that_is_no_article_is_refused_at_its_place(tmp_path: Path) -> None:
    file = write(tmp_path / "in.jsonl", [line("a", FERRY[0]), "{broken", line("b", FERRY[1])])
    with pytest.raises(UserError, match=r"in\.jsonl:2: is not JSON.*1 of 3 lines") as caught:
        quick(file)
    assert caught.value.code == Exit.INPUT


def test_a_file_for_predictions_that_cannot_be_written_is_refused_first(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nowhere/out\.jsonl: cannot be written .*--out"):
        quick(tmp_path / "missing.jsonl", tmp_path / "nowhere" / "out.jsonl")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"missing\.jsonl: no such file"):
        quick(tmp_path / "missing.jsonl")
