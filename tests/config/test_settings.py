"""Precedence of flags, environment, file and defaults; and errors that point at the place."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from config import render
from config.feeds import DEFAULT_FEEDS, load_feeds
from config.settings import Settings, load
from config.yamlfile import ConfigError


@pytest.fixture(autouse=True)
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("STORYWIRE_CONFIG", "STORYWIRE_LOG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def written(folder: Path, text: str) -> Path:
    path = folder / "my.yaml"
    path.write_text(text)
    return path


def test_flags_beat_environment_beats_file_beats_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "log: sqlite:///file.db\ndedup:\n  window_days: 3\n  rows: 2\n")
    effective = load(path, {})
    assert (effective.settings.log, effective.settings.dedup.window_days) == ("sqlite:///file.db", 3)
    assert effective.settings.dedup.permutations == Settings.model_construct().dedup.permutations

    monkeypatch.setenv("STORYWIRE_LOG", "sqlite:///env.db")
    monkeypatch.setenv("STORYWIRE_DEDUP__WINDOW_DAYS", "5")
    effective = load(path, {})
    assert (effective.settings.log, effective.settings.dedup.window_days) == ("sqlite:///env.db", 5)
    assert effective.settings.dedup.rows == 2

    effective = load(path, {"log": "sqlite:///flag.db", "namespace": None})
    assert effective.settings.log == "sqlite:///flag.db"
    assert effective.origin(("log",)) == "--log"
    assert effective.origin(("dedup", "window_days")) == "$STORYWIRE_DEDUP__WINDOW_DAYS"
    assert effective.origin(("dedup", "rows")) == f"{path}:4"
    assert effective.origin(("dedup", "permutations")) is None


def test_storywire_yaml_in_the_working_directory_is_read(tmp_path: Path) -> None:
    (tmp_path / "storywire.yaml").write_text("namespace: here\n")
    assert load(None, {}).settings.namespace == "here"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "namespace: a\ndedup:\n  permutations: 64\n",
            "my.yaml:2: dedup: 64 permutations in bands of 3 rows find 94% of the pairs",
        ),
        (
            "log: sqlite:///a.db\ndedup:\n  windw_days: 3\n",
            "my.yaml:3: dedup.windw_days: unknown setting; did you mean",
        ),
        ("\nnonsense: 1\n", "my.yaml:2: nonsense: unknown setting; known here: log, "),
        ("cluster:\n  members: many\n", "my.yaml:2: cluster.members: input should be a valid integer"),
        ("dedup: 3\n", "my.yaml:1: dedup: input should be"),
        ("log: ftp://somewhere\n", "my.yaml:1: log: is no URL of a log; use sqlite:///"),
        ("sinks: ['console:', 'ftp:x']\n", "my.yaml:1: sinks: 'ftp:x' is no URL of a sink"),
        ("a: [1\nb: 2\n", "my.yaml:2: is not valid YAML"),
        ("- 1\n", "my.yaml:1: holds list, expected `key: value` lines"),
        ("dedup:\n  window_days: -1\n", "my.yaml:2: dedup.window_days: input should be greater than 0 (got -1)"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, text), {})
    assert message in str(caught.value)


def test_a_misspelt_variable_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORYWIRE_LOOG", "x")
    with pytest.raises(ConfigError, match=r"\$STORYWIRE_LOOG: unknown setting"):
        load(None, {})


def test_a_list_in_the_environment_that_is_no_json_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORYWIRE_SINKS", "console:")
    with pytest.raises(ConfigError, match="written as JSON"):
        load(None, {})


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml: cannot be read: No such file"):
        load(tmp_path / "nowhere.yaml", {})


@given(st.text(max_size=60))
@example("?")
@example("dedup:\n  ? \n")
@example("1: 2")
def test_no_text_whatsoever_breaks_the_reader(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("yaml") / "any.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        load(path, {})
    except ConfigError as error:
        assert "any.yaml" in str(error)


def test_the_shipped_file_is_current() -> None:
    assert render.SHIPPED.read_text(encoding="utf-8") == render.defaults(), "run `make config`"


def test_the_shipped_file_gives_the_defaults() -> None:
    assert load(render.SHIPPED, {}).settings.model_dump() == load(None, {}).settings.model_dump()


def test_passwords_never_show() -> None:
    settings = load(None, {}).settings.model_copy(update={"log": "kafka://me:secret@host:9092"})
    assert "secret" not in render.effective(settings, lambda key: None)


def test_the_shipped_feeds_load() -> None:
    assert len(load_feeds(DEFAULT_FEEDS)) >= 10


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("feeds:\n- url: ftp://x.example/feed\n", "my.yaml:2: feeds.0.url: is no http or https URL"),
        (
            "feeds:\n- url: http://x.example/f\n  lnag: en\n",
            "my.yaml:3: feeds.0.lnag: unknown setting; did you mean lang?",
        ),
        ("feeds:\n- source: X\n", "my.yaml:2: feeds.0.url: is missing"),
        (
            "feeds:\n- url: http://x.example/f\n- url: http://x.example/f\n",
            "my.yaml:3: http://x.example/f is listed twice",
        ),
    ],
)
def test_a_mistake_in_the_feed_list_is_named_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_feeds(written(tmp_path, text))
    assert message in str(caught.value)
