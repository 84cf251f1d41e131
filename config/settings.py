"""The settings tree: flags, then environment, then a YAML file, then the defaults of the sections."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from config.masking import masked
from config.problems import describe
from config.sections import (
    ClusterSection,
    DedupSection,
    EmbedSection,
    KafkaSection,
    PollerSection,
    SupervisorSection,
    TopicsSection,
    WorkerSection,
)
from config.yamlfile import ConfigError, KeyPath, YamlFile, read_yaml

PREFIX = "STORYWIRE_"
_NOT_SETTINGS = ("CONFIG", "DATA", "TEST_", "LIFELINE")
"""Environment variables with our prefix that are no settings (those ending in _ are prefixes)."""

DEFAULT_FILE = Path("storywire.yaml")
"""Read from the working directory when no file is named and it is there."""

LOG_SCHEMES = ("sqlite:///", "kafka://")
SINK_SCHEMES = ("console:", "jsonl:", "sqlite:///", "postgresql://")


class Settings(BaseSettings):
    """All settings of a Storywire service."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        use_attribute_docstrings=True,
    )

    log: str = "sqlite:///var/log.db"
    """The log that the stages share: sqlite:///relative/path, sqlite:////absolute/path, or kafka://host:port
    (several brokers: kafka://host:port,host:port)."""
    namespace: Annotated[str, Field(pattern=r"^([a-z0-9][a-z0-9-]*)?$")] = ""
    """Prefix of all topics and groups; empty for production. Replays run under a namespace of their own."""
    instance: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")] = "0"
    """Names this process among those that run the same stage, for good: two with one name end one another, and one
    that died is replaced at once by the next of its name."""
    data_dir: Path = Path("var")
    """Where replays keep their own results."""
    feeds: Path | None = None
    """The list of followed feeds; null: the list that comes with Storywire."""
    sinks: tuple[str, ...] = ("console:", "jsonl:var/stories", "sqlite:///var/stories.db")
    """Where stories go, each sink a process and consumer group of its own: console:, jsonl:FOLDER,
    sqlite:///FILE, postgresql://user@host:port/database?password_file=FILE. The reading commands (stories, story,
    explain) use the first database."""
    log_format: Literal["text", "json"] = "text"
    """How log lines are written."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least severe log lines written."""
    kafka: KafkaSection = KafkaSection()
    topics: TopicsSection = TopicsSection()
    worker: WorkerSection = WorkerSection()
    poller: PollerSection = PollerSection()
    dedup: DedupSection = DedupSection()
    embed: EmbedSection = EmbedSection()
    cluster: ClusterSection = ClusterSection()
    supervisor: SupervisorSection = SupervisorSection()

    @field_validator("log")
    @classmethod
    def _log_url(cls, url: str) -> str:
        if not url.startswith(LOG_SCHEMES) or url in LOG_SCHEMES:
            raise ValueError(f"is no URL of a log; use {' or '.join(LOG_SCHEMES)}…")
        return url

    @field_validator("sinks")
    @classmethod
    def _sink_urls(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        for url in urls:
            if not url.startswith(SINK_SCHEMES):
                raise ValueError(f"{masked(url)!r} is no URL of a sink; use {', '.join(SINK_SCHEMES)}")
            if urls.count(url) > 1:
                raise ValueError(f"{masked(url)!r} is listed twice")
        return urls

    @property
    def database(self) -> str | None:
        """The first SQL sink, which the reading commands use."""
        return next((url for url in self.sinks if url.startswith(("sqlite:", "postgresql:"))), None)

    def replay_database(self, namespace: str) -> str:
        """URL of the SQLite sink that a replay in a namespace fills."""
        return f"sqlite:///{self.data_dir / 'replay' / namespace}.db"


@dataclass(frozen=True)
class Effective:
    """Settings in force, and where each comes from."""

    settings: Settings
    document: YamlFile
    flags: Mapping[str, Any]
    """What the command line gave, by setting name."""

    def origin(self, key: KeyPath) -> str | None:
        """Where a setting was made: `--flag`, `$VARIABLE` or `file:line`; None for a default."""
        return _origin(key, self.document, self.flags)


def load(path: Path | None, flags: Mapping[str, Any]) -> Effective:
    """The settings in force.

    `path`: the YAML file named by --config; else $STORYWIRE_CONFIG, else ./storywire.yaml if there is one.
    `flags`: values given on the command line by setting name; None means not given.
    Raises ConfigError.
    """
    document = _document(path)
    given = {name: value for name, value in flags.items() if value is not None}
    _refuse_unknown_variables()

    class Loaded(Settings):
        model_config = ConfigDict(title="Settings")  # type: ignore[assignment]

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, env_settings, InitSettingsSource(settings_cls, document.data)

    def place(key: KeyPath) -> str:
        return _origin(key, document, given) or document.place(key)

    try:
        return Effective(Loaded(**given), document, given)
    except ValidationError as error:
        raise ConfigError(describe(error, Settings, place)) from None
    except SettingsError as error:
        raise ConfigError(f"environment: {error}; lists and mappings are written as JSON there") from None


def _origin(key: KeyPath, document: YamlFile, flags: Mapping[str, Any]) -> str | None:
    if key and key[0] in flags:
        return f"--{str(key[0]).replace('_', '-')}"
    for length in range(len(key), 0, -1):
        variable = PREFIX + "__".join(str(part) for part in key[:length]).upper()
        if variable in os.environ:
            return f"${variable}"
    return document.place(key) if key in document.lines else None


def _document(path: Path | None) -> YamlFile:
    variable = os.environ.get(PREFIX + "CONFIG")
    named = path or (Path(variable) if variable else None)
    if named is not None:
        return read_yaml(named)
    return read_yaml(DEFAULT_FILE) if DEFAULT_FILE.exists() else YamlFile(Path("defaults"), {})


def _refuse_unknown_variables() -> None:
    for variable in sorted(os.environ):
        name = variable.removeprefix(PREFIX)
        known = name.split("__")[0].lower() in Settings.model_fields
        other = any(name == n or (n.endswith("_") and name.startswith(n)) for n in _NOT_SETTINGS)
        if variable.startswith(PREFIX) and not known and not other:
            raise ConfigError(f"${variable}: unknown setting; known: {', '.join(Settings.model_fields)}")
