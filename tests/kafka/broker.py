"""A real Kafka broker on 127.0.0.1, one KRaft node in a temporary folder, which tests may kill and freeze."""

import base64
import shutil
import signal
import socket
import subprocess
import tempfile
import uuid
from pathlib import Path
from types import TracebackType
from typing import Self

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from tests.kafka.jars import jars
from tests.kafka.secured import Secured
from tests.processes import DIES_WITH_US, free_ports
from tests.waiting import wait_for

SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL
log.dirs={data}

# One node holds everything, and a missing topic is an error.
default.replication.factor=1
min.insync.replicas=1
auto.create.topics.enable=false
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1

# Ready in a moment: the defaults are 50 partitions each, a delay of 3 s and 128 MB for the cleaner.
offsets.topic.num.partitions=4
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=8388608

# Tests with short sessions and short transactions see them expire within a second.
group.min.session.timeout.ms=500
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000

# After SIGKILL the controller refuses the new broker until the session of the killed one is over
# (DUPLICATE_BROKER_REGISTRATION). With the default of 9 s a restart took 12 s; with 3 s it takes 5.
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
"""

# A small heap, and the collector and compiler that start fastest and use least. Against Java's defaults:
# ready in 1.5 s instead of 2.0, 25 ms of processor time for 1,000 records of 3 KB instead of 50, and not slower.
JAVA = [
    "java",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
]

SECONDS_TO_START = 60.0
SECONDS_TO_STOP = 30.0


class Broker:
    """Use it as a context manager, or `start` and `close` it. Its ports and its data survive `stop` and `kill`."""

    def __init__(self, *, secured: bool = False) -> None:
        """`secured` adds a listener with SASL_SSL."""
        port, controller, third = free_ports(3)
        self.address = f"127.0.0.1:{port}"
        self.url = f"kafka://{self.address}"
        self.folder = Path(tempfile.mkdtemp(prefix="storywire-kafka-"))
        self.log = self.folder / "broker.log"
        self.secured = Secured.make(self.folder, f"127.0.0.1:{third}") if secured else None
        self._properties = self.folder / "server.properties"
        listeners = [f"PLAINTEXT://{self.address}", f"CONTROLLER://127.0.0.1:{controller}"]
        lines = [SETTINGS.format(controller=controller, data=self.folder / "data")]
        if self.secured:
            listeners.append(f"SASL_SSL://{self.secured.address}")
            lines.append(self.secured.settings)
        self._properties.write_text("\n".join([*lines, f"listeners={','.join(listeners)}", ""]))
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        assert self._process, "the broker does not run"
        return self._process.pid

    def start(self) -> None:
        """Returns when the broker answers and is in service. Call it from a thread that outlives the broker."""
        assert not self._process, "the broker runs already"
        if not (self.folder / "data").exists():
            self._format()
        with self.log.open("ab") as log:
            command = [*DIES_WITH_US, *self._java("kafka.Kafka", self._properties)]
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            wait_for(self._in_service, SECONDS_TO_START, f"the broker on {self.address}")
        except Exception as error:
            error.add_note(f"The end of the broker's log:\n{self._end_of_log()}")
            raise

    def stop(self) -> None:
        """An orderly end, as an operator would do it."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """The end of a crash."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """The broker keeps its connections and answers nothing, until `thaw`."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def close(self) -> None:
        """End the broker and remove its data."""
        if self._process:
            self.kill()
        shutil.rmtree(self.folder)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process, "the broker does not run"
        self._process.send_signal(number)

    def _end(self, number: signal.Signals) -> None:
        self._signal(number)
        assert self._process
        self._process.wait(SECONDS_TO_STOP)
        self._process = None

    def _java(self, main: str, *arguments: str | Path) -> list[str]:
        return [*JAVA, "-cp", f"{jars()}/*", main, *map(str, arguments)]

    def _format(self) -> None:
        """Give the data folder its identity, and the users that the broker is to know."""
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        scram = ["--add-scram", self.secured.scram] if self.secured else []
        command = self._java(
            "kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "--config", self._properties
        )
        done = subprocess.run([*command, *scram], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise RuntimeError(f"Kafka's data folder could not be formatted:\n{done.stdout}")

    def _in_service(self) -> bool:
        """Whether the broker answers, and its controller lets it serve."""
        assert self._process
        if self._process.poll() is not None:
            raise RuntimeError(f"the broker on {self.address} ended by itself, code {self._process.returncode}")
        host, port = self.address.split(":")
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
            admin = KafkaAdminClient(bootstrap_servers=self.address, bootstrap_timeout_ms=2_000)
        except (OSError, KafkaError):
            return False
        try:
            return any(not each["is_fenced"] for each in admin.describe_cluster()["brokers"])
        except KafkaError:
            return False
        finally:
            admin.close()

    def _end_of_log(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-40:])
