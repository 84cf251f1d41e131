"""A server that is not there skips tests, and fails them where CI promises it."""

import pytest

from tests.required import unavailable


def test_without_the_variable_it_skips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STORYWIRE_TEST_REQUIRED", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no broker"):
        unavailable("no broker")


def test_with_the_variable_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORYWIRE_TEST_REQUIRED", "1")
    with pytest.raises(pytest.fail.Exception, match="no broker"):
        unavailable("no broker")
