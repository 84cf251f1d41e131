"""One rule for tests that need a server which this machine may lack: they skip, and in CI they fail."""

import os
from typing import NoReturn

import pytest


def unavailable(reason: str) -> NoReturn:
    """Skips the test with this one line; fails it under STORYWIRE_TEST_REQUIRED=1, which .ci/run sets."""
    if os.environ.get("STORYWIRE_TEST_REQUIRED") == "1":
        pytest.fail(f"{reason} (STORYWIRE_TEST_REQUIRED=1)", pytrace=False)
    pytest.skip(reason)
