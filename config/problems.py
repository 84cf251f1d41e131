"""Validation errors in words a person can act on."""

import difflib
from collections.abc import Callable
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from config.masking import masked
from config.yamlfile import KeyPath


def describe(error: ValidationError, root: type[BaseModel], place: Callable[[KeyPath], str]) -> str:
    """One line per problem: where it stands (`place` of its key), the key, what is wrong and what to do."""
    return "\n".join(_line(detail, root, place) for detail in error.errors(include_url=False))


def _line(detail: Any, root: type[BaseModel], place: Callable[[KeyPath], str]) -> str:
    key: KeyPath = tuple(detail["loc"])
    name = ".".join(str(part) for part in key)
    if detail["type"] == "extra_forbidden":
        known = _fields(root, key[:-1])
        near = difflib.get_close_matches(str(key[-1]), known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}"
        return f"{place(key)}: {name}: unknown setting; {hint}"
    if detail["type"] == "missing":
        return f"{place(key)}: {name}: is missing"
    message = detail["msg"].removeprefix("Value error, ")
    given = detail.get("input")
    given = masked(given) if isinstance(given, str) else given
    shown = "" if isinstance(given, dict | list) else f" (got {given!r})"
    return f"{place(key)}: {name}: {message[:1].lower()}{message[1:]}{shown}"


def _fields(root: type[BaseModel], key: KeyPath) -> list[str]:
    """Names of the fields of the section at a key path."""
    model: Any = root
    for part in key:
        if isinstance(part, int):
            continue
        annotation = model.model_fields[part].annotation
        candidates = [annotation, *get_args(annotation)]
        model = next((c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)), None)
        if model is None:
            return []
    return list(model.model_fields)
