"""What pyproject.toml asks for is there and can be imported, and every version is pinned."""

import importlib
import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def plain(name: str) -> str:
    """The name of a distribution as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


DEPENDENCIES = sorted(plain(re.split(r"[\[<>=; ]", line)[0]) for line in PROJECT["dependencies"])


@pytest.mark.parametrize("dependency", DEPENDENCIES)
def test_a_dependency_can_be_imported(dependency: str) -> None:
    modules = [
        module
        for module, distributions in packages_distributions().items()
        if dependency in map(plain, distributions) and not module.startswith("_")
    ]
    assert modules
    for module in modules:
        importlib.import_module(module)


def test_trafilatura_has_the_extra_that_old_pips_drop() -> None:
    importlib.import_module("trafilatura").extract("<html><body><p>Text</p></body></html>")


def test_every_dependency_is_pinned_without_addresses() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line) for line in lines)
    assert set(DEPENDENCIES) <= {plain(line.split("==")[0]) for line in lines}
