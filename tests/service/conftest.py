"""Fixtures for the command line."""

from pathlib import Path

import pytest

from tests.service.command import Storywire


@pytest.fixture
def storywire(tmp_path: Path) -> Storywire:
    """The command, in a temporary folder."""
    return Storywire(tmp_path)
