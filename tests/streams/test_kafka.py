"""The log on a real Kafka broker: the contract, and what only Kafka has."""

from collections.abc import Callable

import pytest

from streams.connect import connect as open_log
from streams.log import Log
from tests.streams.contract import LogContract


class TestKafkaLog(LogContract):
    @pytest.fixture
    def connect(self, kafka: str) -> Callable[[], Log]:
        return lambda: open_log(f"kafka://{kafka}")
