"""The broker of docker-compose.yml: set up from its environment by the very program that does so in the image."""

import os
import subprocess
from collections.abc import Mapping

from tests.kafka.broker import Broker
from tests.processes import free_ports

SETUP = "kafka.docker.KafkaDockerWrapper"
"""Kafka's own, run by the image at every start; it is in the jars."""

JVM = ("KAFKA_HEAP_OPTS", "KAFKA_GC_LOG_OPTS", "KAFKA_LOG4J_OPTS")
"""What the image's scripts put on the command line."""


class ComposedBroker(Broker):
    """A broker with the settings of docker-compose.yml, but for addresses and folder."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        super().__init__()
        (controller,) = free_ports(1)
        self._elsewhere = {
            "PLAINTEXT://:9092": f"PLAINTEXT://{self.address}",
            "kafka:9092": self.address,
            "localhost:9093": f"127.0.0.1:{controller}",
            "/var/lib/kafka/data": str(self.folder / "data"),
        }
        self._environment = {name: self._placed(value) for name, value in environment.items()}

    def _format(self) -> None:
        """Write server.properties and give the data folder its identity, as the image does."""
        folders = ["--default-configs-dir", "--mounted-configs-dir", "--final-configs-dir"]
        empty = self.folder / "configs"
        empty.mkdir()
        values = [empty, empty, self._properties.parent]
        done = subprocess.run(
            self._java(SETUP, "setup", *(each for pair in zip(folders, values, strict=True) for each in pair)),
            env={**self._environment, "PATH": os.environ["PATH"]},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, done.stdout

    def _java(self, main: str, *arguments: object) -> list[str]:
        command = super()._java(main, *map(str, arguments))
        at = command.index("-cp")
        options = [word for name in JVM for word in self._environment[name].split()]
        return [*command[:at], *options, *command[at:]]

    def _placed(self, value: str) -> str:
        for place, there in self._elsewhere.items():
            value = value.replace(place, there)
        return value
