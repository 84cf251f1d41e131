"""Fixtures shared by all tests."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from config.sections import EmbedSection

if TYPE_CHECKING:
    from processors.encoding.encoder import PooledEncoder

ROOT = Path(__file__).parent.parent

pytest_plugins = ("tests.kafka.fixtures", "tests.postgres.fixtures", "tests.sinks.fixtures")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for each reason to skip, however many tests it had."""
    skipped = terminalreporter.stats.get("skipped", [])
    for reason, count in Counter(report.longrepr[2] for report in skipped).items():
        terminalreporter.write_line(f"{reason} ({count} of the tests)")


@pytest.fixture(scope="session")
def data() -> Path:
    """The shared real data; without it the test skips with one line."""
    folder = Path(os.environ.get("STORYWIRE_DATA", ROOT / "../shared/data")).resolve()
    if not folder.is_dir():
        pytest.skip(f"no shared data at {folder}: set STORYWIRE_DATA")
    return folder


@pytest.fixture(scope="session")
def pool() -> Iterator["PooledEncoder"]:
    """The packaged model in as many processes as there are cores; they start with the first text, once for all."""
    from processors.encoding.encoder import PooledEncoder

    pooled = PooledEncoder(EmbedSection(processes=max(2, os.cpu_count() or 1)))
    yield pooled
    pooled.close()
