"""Starts what `serving_program` serves, and asks it over sockets of the test's own."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

import psutil

from tests.support.checkout import ROOT
from tests.support.waiting import GENEROUS, eventually


@dataclass(frozen=True, slots=True)
class Served:
    """A port with an acceptor and its workers behind it."""

    port: int
    folder: Path
    process: "subprocess.Popen[str]"
    opened: ExitStack = field(default_factory=ExitStack)

    def workers(self) -> set[int]:
        """Give the process ids of those that live."""
        try:
            return {one.pid for one in psutil.Process(self.process.pid).children()}
        except psutil.NoSuchProcess:
            return set()

    def owner_of(self, connection: HTTPConnection) -> int:
        """Give the worker that has this connection."""
        return owner_of(connection, self.workers())

    def connection(self) -> HTTPConnection:
        """Open a connection that is kept until it is closed, at the latest at the end."""
        opened = HTTPConnection("127.0.0.1", self.port, timeout=GENEROUS)
        self.opened.callback(opened.close)
        opened.connect()
        return opened

    def raw(self) -> socket.socket:
        """Open a connection on which any bytes can be sent."""
        opened = socket.create_connection(("127.0.0.1", self.port), timeout=GENEROUS)
        return self.opened.enter_context(opened)

    def ask_once(self, path: str) -> bytes:
        """Ask on a connection of its own."""
        return ask(self.connection(), path, keep=False)

    def is_begun(self, name: str) -> bool:
        """Say whether somebody has begun to wait for a file of this name."""
        return (self.folder / f"{name}.begun").exists()

    def let_go(self, name: str) -> None:
        """Let go of those who wait for it."""
        (self.folder / name).touch()

    def died(self) -> int:
        """Read with which code a worker died, when one has."""
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Ask all of it to stop, as the supervisor does: the whole group."""
        os.killpg(self.process.pid, number)


def ask(connection: HTTPConnection, path: str, *, keep: bool = True) -> bytes:
    """Ask on a connection that is open, which answers with 200."""
    connection.request("GET", path)
    answer = connection.getresponse()
    content = answer.read()
    assert answer.status == 200
    if not keep:
        connection.close()
    return content


def owner_of(connection: HTTPConnection, workers: Iterable[int]) -> int:
    """Give the one of these processes that has a connection."""
    ours = connection.sock.getsockname()
    for worker in workers:
        there = psutil.Process(worker).net_connections("tcp")
        if any(one.raddr and tuple(one.raddr) == ours for one in there):
            return worker
    raise AssertionError("nobody has it")


def everything_from(raw: socket.socket) -> bytes:
    """Read until the other side ends."""
    found = b""
    while some := raw.recv(65536):
        found += some
    return found


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[Served]:
    """Serve with these options of `serving_program`; leave nothing running."""
    folder.mkdir(exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.serving_program", str(folder), *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    try:
        assert process.stdout is not None
        served = Served(int(process.stdout.readline()), folder, process)
        assert eventually(lambda: _is_open(served.port) or process.poll() is not None)
        with served.opened:
            yield served
    finally:
        process.kill()
        process.communicate()


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
