"""The Dockerfile: what the image is made from, and whom it runs as."""

import re
import tomllib
from pathlib import Path

from tests.conftest import ROOT
from tests.deploy import image

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_every_stage_starts_from_one_pinned_python_that_the_project_allows() -> None:
    bases = {each.arguments.partition(" AS ")[0] for each in image.instructions() if each.name == "FROM"}
    (base,) = bases
    version = re.fullmatch(r"python:(3\.\d+)-slim-bookworm", base)
    assert version and PROJECT["project"]["requires-python"] == f">={version[1]}"


def test_it_runs_as_a_user_without_rights_who_may_write_where_it_works() -> None:
    user = image.only("USER").arguments
    uid = re.fullmatch(r"(\d{4,}):\1", user)
    assert uid, "a number, so that a cluster can see that it is not root"
    (made,) = [each.arguments for each in image.last_stage() if each.name == "RUN"]
    assert f"--uid {uid[1]} " in made
    assert f"install --directory --owner storywire --group storywire {image.only('WORKDIR').arguments}" in made


def test_a_signal_reaches_the_process() -> None:
    """The exec form: the shell form would put a shell before it."""
    assert [*image.only("ENTRYPOINT").words, *image.only("CMD").words] == ["storywire", "run"]


def test_it_is_made_from_all_packages_and_from_nothing_else() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*" and rules[-1] == "**/__pycache__"
    let_in = {rule.removeprefix("!") for rule in rules[1:-1]}
    packages = {Path(name.replace(".", "/")).parts[0] for name in PROJECT["tool"]["setuptools"]["packages"]}
    files = {PROJECT["project"]["readme"], *PROJECT["project"]["license-files"]}
    assert let_in == packages | files | {"pyproject.toml", "constraints.txt"}


def test_torch_alone_comes_from_its_index_and_everything_in_its_pinned_version() -> None:
    installs = [
        command
        for each in image.instructions()
        if each.name == "RUN"
        for command in each.arguments.split("&&")
        if " install " in command and "pip " in command
    ]
    torch, rest, ours = (re.sub(r"\s+", " ", command).strip() for command in installs)
    assert torch.endswith('install --constraint constraints.txt --no-deps --index-url "$TORCH_INDEX" torch')
    assert rest.endswith("install --constraint constraints.txt --requirement requirements.txt")
    assert ours.endswith("install --no-deps --no-build-isolation .")
