"""YAML files whose mistakes can be pointed at: values together with the line each key stands on."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

KeyPath = tuple[str | int, ...]


class ConfigError(Exception):
    """Settings or a feed list are wrong; the message names file and line (or variable or flag), key, remedy."""


@dataclass(frozen=True)
class YamlFile:
    """A parsed YAML mapping."""

    path: Path
    data: dict[str, Any]
    lines: dict[KeyPath, int] = field(default_factory=dict)
    """Line of each key, counted from 1."""

    def place(self, key: KeyPath) -> str:
        """`file:line` of a key, or of the nearest key above it that the file has."""
        while key and key not in self.lines:
            key = key[:-1]
        return f"{self.path}:{self.lines.get(key, 1)}"


def read_yaml(path: Path) -> YamlFile:
    """The mapping in a YAML file (an empty file is an empty mapping). Raises ConfigError."""
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be read: {error.strerror}; check the path and its permissions"
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{path}:{line}: is not valid YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: is not valid YAML: {error}") from None
    if data is None:
        return YamlFile(path, {})
    if not isinstance(data, dict):
        raise ConfigError(f"{path}:1: holds {type(data).__name__}, expected `key: value` lines")
    lines = dict(_lines(node, ()))
    for key in data:
        if not isinstance(key, str):
            raise ConfigError(f"{path}:{lines.get((str(key),), 1)}: {key!r} is no name of a setting")
    return YamlFile(path, data, lines)


def _lines(node: yaml.Node | None, prefix: KeyPath) -> Iterator[tuple[KeyPath, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            path = (*prefix, str(key.value))
            yield path, key.start_mark.line + 1
            yield from _lines(value, path)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield (*prefix, index), item.start_mark.line + 1
            yield from _lines(item, (*prefix, index))
