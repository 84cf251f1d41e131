"""docs/failures.md names tests that exist."""

import re

from tests.conftest import ROOT


def test_each_test_that_the_page_names_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (ROOT / "docs/failures.md").read_text())
    assert len(named) > 15
    missing = [f"{file}::{name}" for file, name in named if f"def {name}(" not in (ROOT / file).read_text()]
    assert missing == []
