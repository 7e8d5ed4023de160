"""`serve` and `ingest` on one data folder, as real processes that may be killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, TextIO

from tests.support.checkout import ROOT
from tests.support.fixtures.fixtures_embedded import is_running, keeper_pid, postmaster_pid
from tests.support.kafka_broker import LocalBroker
from tests.support.waiting import GENEROUS, eventually


class Target(StrEnum):
    """What can be killed; the value of most is a word that only its command line holds."""

    INGEST = "services ingest"
    SUPERVISOR = "services serve"
    RELAY = "services relay"
    AGGREGATION = "services aggregate"
    CONNECTORS = "services connect"
    PORTAL = "services portal"
    STANDBY_KEEPER = "services.platform.database.embedded"
    KEEPER = "keeper"
    POSTMASTER = "postmaster"
    BACKEND = "postgres: tell_once_"
    BROKER = "broker"


# The directory of services has no family's record: nothing here is about it.
_OF_ALL = {"TELL_ONCE_ENVIRONMENT": "demonstration", "TELL_ONCE_DIRECTORY_PORT": "0"}


@dataclass(slots=True)
class Installation:
    """One data folder, the `serve` that runs on it and the `ingest` that fills it.

    `ingest` is given the first so many of the `files`, or all. `runs` are its exit codes, and
    `starts` counts the starts of `serve`, which has so many `aggregators` and is at `url`.
    `environment` is told to both.
    """

    data: Path
    files: Path
    broker: LocalBroker | None = None
    given: int | None = None
    aggregators: int = 2
    runs: list[int] = field(default_factory=list)
    starts: int = 0
    environment: dict[str, str] = field(default_factory=dict)
    url: str = ""
    _server: subprocess.Popen[str] | None = None
    _ingest: subprocess.Popen[str] | None = None

    @property
    def bus(self) -> str:
        """The address of the bus."""
        return f"kafka://{self.broker.bootstrap_servers}" if self.broker else "postgres:"

    def keep_serving(self) -> None:
        """Start `serve` unless it runs, and wait until it tells its address."""
        if _alive(self._server):
            return
        self.begin_serving()
        assert self._server is not None
        assert self._server.stdout is not None
        line = self._server.stdout.readline()
        assert line.startswith('{"url"'), f"serve did not start\n{self.logs()}"
        self.url = json.loads(line)["url"]

    def begin_serving(self) -> None:
        """Start `serve`, and wait for nothing."""
        self._forget_server()
        words = ("serve", "--port", "0", "--aggregators", str(self.aggregators))
        self._server = self._start(*words, output=subprocess.PIPE)
        self.starts += 1

    def stop_serving(self) -> tuple[int, float]:
        """Stop `serve` as Ctrl-C does; gives its exit code and how many seconds it took."""
        assert self._server is not None
        asked = time.monotonic()
        self._server.send_signal(signal.SIGINT)
        code = self._server.wait(GENEROUS)
        self._forget_server()
        return code, time.monotonic() - asked

    def keep_ingesting(self) -> None:
        """Start `ingest` unless it runs."""
        if self._ingest is not None and self._ingest.poll() is not None:
            self._end_ingest(self._ingest)
        if self._ingest is None:
            with self._document.open("w") as output:
                words = ("ingest", "health-visiting", *self._given())
                self._ingest = self._start(*words, output=output)

    def finish_ingesting(self) -> dict[str, Any]:
        """Run `ingest` until it has succeeded with all that is given; gives its document.

        Without `serve` beside it, it does all the work itself.
        """
        deadline = time.monotonic() + GENEROUS
        while time.monotonic() < deadline:
            if self._ingest is None:
                self.keep_ingesting()
            assert self._ingest is not None
            output = self._end_ingest(self._ingest)
            document: dict[str, Any] = json.loads(output) if self.runs[-1] == 0 else {}
            if document.get("read") == len(self._given()):
                return document
        raise AssertionError(f"ingest does not succeed: {self.runs}\n{self.logs()}")

    def process_ids(self, target: Target) -> list[int]:
        """The processes of this installation that are of that kind now."""
        with suppress(OSError, ValueError):  # no database at this moment
            return list(self._find(target))
        return []

    def logs(self) -> str:
        """The ends of all logs."""
        files = [*sorted((self.data / "logs").glob("*.log")), self.data / "postgres" / "log"]
        there = [file for file in files if file.exists()]
        return "\n".join(f"--- {file.name}\n{file.read_text()[-2000:]}" for file in there)

    def close(self) -> None:
        """Leave nothing running, whatever happened."""
        for process in (self._ingest, self._server):
            if process is not None:
                process.kill()
                process.wait()
        self._ingest = None
        self._forget_server()
        eventually(lambda: not (self.data / "postgres").exists() or not is_running(self.data))

    def _given(self) -> list[str]:
        return [str(file) for file in sorted(self.files.iterdir())[: self.given]]

    def _find(self, target: Target) -> Iterator[int]:
        match target:
            case Target.INGEST:
                yield from _alive(self._ingest)
            case Target.SUPERVISOR:
                yield from _alive(self._server)
            case Target.BROKER:
                yield from [self.broker.process_id or 0] if self.broker else []
            case Target.KEEPER:
                yield keeper_pid(self.data)
            case Target.POSTMASTER:
                yield postmaster_pid(self.data)
            case Target.BACKEND:
                yield from _children(postmaster_pid(self.data), target.value)
            case _:
                for server in _alive(self._server):
                    yield from _children(server, target.value)

    def _start(self, *words: str, output: int | TextIO) -> subprocess.Popen[str]:
        with (self._logs() / f"test-{words[0]}.log").open("a") as log:
            return subprocess.Popen(
                [
                    *(sys.executable, "-m", "services", *words, "--json"),
                    *("--data", str(self.data), "--bus", self.bus),
                ],
                cwd=ROOT,
                env=os.environ | _OF_ALL | self.environment,
                stdout=output,
                stderr=log,
                text=True,
            )

    def _end_ingest(self, process: subprocess.Popen[str]) -> str:
        self.runs.append(process.wait(GENEROUS))
        self._ingest = None
        return self._document.read_text()

    @property
    def _document(self) -> Path:
        """Where `ingest` writes its document: nobody reads a pipe while others are killed."""
        return self._logs() / f"test-ingest-{id(self)}.json"

    def _logs(self) -> Path:
        logs = self.data / "logs"
        logs.mkdir(exist_ok=True)
        return logs

    def _forget_server(self) -> None:
        if self._server is not None:
            self._server.communicate()
            self._server = None


def _alive(process: "subprocess.Popen[str] | None") -> list[int]:
    return [process.pid] if process is not None and process.poll() is None else []


def _children(parent: int, word: str) -> Iterator[int]:
    """The children of a process whose command line has this word in it."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # gone meanwhile
            if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
                if word in command.decode(errors="replace"):
                    yield int(folder.name)
