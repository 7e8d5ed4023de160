# ruff: noqa: INP001 - deploy is not a package: a distribution of that name exists
"""A real Apache Kafka on this machine: one node, KRaft, loopback only; for tests and the desk.

By hand: `deploy/kafka/run-local --port 9092 --data FOLDER`. From Python: `with
LocalBroker.start(folder) as broker`. Its programs are fetched by Maven (pom.xml beside this).
"""

import argparse
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.kafka.java import FOLDER, PROGRAMS, find_java, what_is_missing
from deploy.kafka.secured import Secured
from services.platform.processes.die_with_parent import command_that_dies_with_us

_STARTED = b"Kafka Server started"
_LOOK_EVERY = 0.05
_START_SECONDS = 90.0
_STOP_SECONDS = 30.0
_JVM_OPTIONS = (
    "-Xms128m",
    "-Xmx384m",
    "-XX:+UseSerialGC",
    "-Djava.awt.headless=true",
    f"-Dlog4j2.configurationFile={FOLDER / 'log4j2.properties'}",
)
_SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
controller.listener.names=CONTROLLER
log.dirs={logs}
auto.create.topics.enable=false
num.partitions=1
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
controlled.shutdown.enable=false
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
num.network.threads=2
num.io.threads=4
log.cleaner.threads=1
log.cleaner.dedupe.buffer.size=16777216
"""
_IN_THE_CLEAR = """\
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
"""


class LocalBrokerError(Exception):
    """The broker cannot be run; the message says why and where its log is."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the broker listens on the loopback address: for clients, and for itself."""

    port: int
    controller_port: int

    @classmethod
    def free(cls, port: int = 0) -> Self:
        """Choose ports that nobody uses now; `port` if it is given."""
        with socket.socket() as first, socket.socket() as second:
            first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            first.bind(("127.0.0.1", port))
            second.bind(("127.0.0.1", 0))
            return cls(first.getsockname()[1], second.getsockname()[1])


class LocalBroker:
    """A broker in a folder, which keeps its ports and its data over `restart` and `kill`.

    It dies with the process that started it. Topics are not made by asking for them.
    """

    def __init__(
        self, folder: Path, ports: Ports, java: Path, secured: Secured | None = None
    ) -> None:
        self._folder = folder
        self._ports = ports
        self._java = java
        self._secured = secured
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def start(cls, folder: Path, *, port: int = 0, secured: Secured | None = None) -> Self:
        """Start a broker with its data in `folder`, formatted if new, and wait until it answers.

        With `secured` it asks who one is. Raises LocalBrokerError.
        """
        reason = what_is_missing()
        java = find_java()
        if reason is not None or java is None:
            raise LocalBrokerError(f"Kafka cannot run here: {reason}")
        folder.mkdir(parents=True, exist_ok=True)
        broker = cls(folder, Ports.free(port), java, secured)
        broker._configure()
        broker._run()
        return broker

    @property
    def bootstrap_servers(self) -> str:
        """Return the address that clients are given."""
        return f"127.0.0.1:{self._ports.port}"

    @property
    def log(self) -> Path:
        """Return the file of the broker's warnings."""
        return self._folder / "broker.log"

    @property
    def process_id(self) -> int | None:
        """Return the broker's process id, or None while it does not run."""
        return None if self._process is None else self._process.pid

    def restart(self) -> None:
        """Stop it if it runs, and start it on the same address with the same data."""
        self.stop()
        self._run()

    def kill(self) -> None:
        """End it as a crash would (SIGKILL)."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Stop it in good order; twice is harmless."""
        self._end(signal.SIGTERM)

    def wait(self) -> int:
        """Wait until it ends by itself; return its exit code."""
        return 0 if self._process is None else self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _configure(self) -> None:
        ports = {"port": self._ports.port, "controller_port": self._ports.controller_port}
        logs = self._folder / "topics"
        settings = _SETTINGS.format(**ports, logs=logs)
        secured = self._secured
        settings += secured.settings(**ports) if secured else _IN_THE_CLEAR.format(**ports)
        properties = self._folder / "server.properties"
        properties.touch(mode=0o600)
        properties.write_text(settings, encoding="utf-8")
        if (logs / "meta.properties").exists():  # another cluster's id would be refused
            return
        # as one word, because an id that begins with "-" would be read as an option
        cluster = "--cluster-id=" + urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        users = secured.formatting() if secured else []
        self._format("format", cluster, *users, "--config")

    def _format(self, *arguments: str) -> None:
        result = subprocess.run(  # noqa: S603 - our own program, fixed arguments
            self._command("kafka.tools.StorageTool", *arguments),
            check=False,
            capture_output=True,
            text=True,
        )
        if result.returncode != 0:
            raise LocalBrokerError(f"Kafka's storage cannot be made: {result.stderr.strip()}")

    def _command(self, program: str, *arguments: str) -> list[str]:
        java = [str(self._java), *_JVM_OPTIONS, "-cp", f"{PROGRAMS}/*", program]
        return [*java, *arguments, str(self._folder / "server.properties")]

    def _run(self) -> None:
        with self.log.open("ab") as log:
            before = log.tell()
            self._process = subprocess.Popen(  # noqa: S603 - our own program, fixed arguments
                command_that_dies_with_us(self._command("kafka.Kafka")),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._wait_until_ready(self._process, before)

    def _wait_until_ready(self, process: subprocess.Popen[bytes], since: int) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while _STARTED not in self.log.read_bytes()[since:]:
            if process.poll() is not None:
                raise LocalBrokerError(f"Kafka ended while starting; see {self.log}")
            if time.monotonic() > deadline:
                self.kill()
                raise LocalBrokerError(f"Kafka took too long to start; see {self.log}")
            time.sleep(_LOOK_EVERY)

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(number)
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


def _main() -> int:
    parser = argparse.ArgumentParser(
        prog="deploy/kafka/run-local",
        description="Run one Apache Kafka broker on this machine until Ctrl-C.",
        epilog="example: deploy/kafka/run-local --port 9092 --data .data/kafka",
    )
    parser.add_argument("--port", type=int, default=9092, help="0 takes a free one (9092)")
    parser.add_argument("--data", type=Path, help="kept afterwards (a temporary folder if absent)")
    options = parser.parse_args()
    folder = options.data or Path(tempfile.mkdtemp(prefix="tell-once-kafka-"))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with LocalBroker.start(folder.resolve(), port=options.port) as broker:
            sys.stdout.write(f"Kafka answers at {broker.bootstrap_servers}; Ctrl-C stops it.\n")
            sys.stdout.flush()
            return broker.wait()
    except KeyboardInterrupt:
        return 0
    except (LocalBrokerError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        if options.data is None:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(_main())
