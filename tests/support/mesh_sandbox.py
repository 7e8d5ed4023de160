"""The NHS's MESH sandbox as a real server on the loopback address, and what sends to it."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import requests
from mesh_client import MeshClient

from deploy.own_venv import MESH_SANDBOX
from services.platform.mailbox.mesh import MeshAccess, MeshMailbox
from tests.support.waiting import GENEROUS, eventually

__all__ = ["MeshSandbox", "a_sandbox", "what_is_missing"]

SHARED_KEY: Final = "TestKey"
what_is_missing = MESH_SANDBOX.what_is_missing
# The sandbox's own three mailboxes, all with this password.
PASSWORD: Final = "password"
SENDER: Final = "X26ABC1"
OURS: Final = "X26ABC2"


@dataclass(slots=True)
class MeshSandbox:
    """A sandbox that keeps its messages in a folder, so that it may be killed and started again."""

    folder: Path
    _socket: socket.socket = field(init=False)
    _server: "subprocess.Popen[bytes] | None" = None

    def __post_init__(self) -> None:
        """Take a free port, which stays ours while the server is down."""
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(64)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        listening = self._socket.fileno()
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [
                    *(str(MESH_SANDBOX.python), "-I", "-m", "uvicorn", "mesh_sandbox.api:app"),
                    *("--fd", str(listening), "--workers", "1", "--log-level", "warning"),
                ],
                env={
                    "PATH": os.environ["PATH"],
                    "AUTH_MODE": "full",
                    "SHARED_KEY": SHARED_KEY,
                    "STORE_MODE": "file",
                    "MAILBOXES_DATA_DIR": str(self.folder / "mailboxes"),
                },
                pass_fds=[listening],
                stdout=log,
                stderr=log,
            )
        if not eventually(self._answers):
            raise AssertionError((self.folder / "log").read_text()[-2000:])

    def kill(self) -> None:
        """Kill the server; whoever connects now waits, as for a server that hangs."""
        if self._server is not None:
            self._server.kill()
            self._server.wait()
            self._server = None

    def close(self) -> None:
        """Leave nothing running."""
        self.kill()
        self._socket.close()

    def send(
        self,
        content: bytes,
        *,
        workflow: str | None = "VACCINATIONS_1",
        chunk_bytes: int | None = None,
        compress: bool = False,
    ) -> str:
        """Send a message to our mailbox as a provider does; gives its id."""
        with MeshClient(self.url, SENDER, PASSWORD, shared_key=SHARED_KEY.encode()) as client:
            return client.send_message(
                OURS,
                content,
                max_chunk_size=chunk_bytes,
                compress=compress,
                workflow_id=workflow,
            )

    def set_status(self, message_id: str, status: str) -> None:
        """Have the sandbox say something else of a message: `error`, and it is gone."""
        answer = requests.post(
            f"{self.url}/admin/message/{message_id}/event",
            json={"status": status},
            timeout=GENEROUS,
        )
        answer.raise_for_status()

    def access(self, *, password: str = PASSWORD, url: str | None = None) -> MeshAccess:
        """What opens our mailbox."""
        return MeshAccess(url or self.url, OURS, password, SHARED_KEY)

    def mailbox(self) -> MeshMailbox:
        """Our mailbox, by the adapter under test."""
        return MeshMailbox(self.access())

    def empty(self) -> None:
        """Acknowledge whatever is in our mailbox."""
        mailbox = self.mailbox()
        for message_id in mailbox.list(500):
            mailbox.acknowledge(message_id)
        mailbox.close()

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/health", timeout=1).ok
        except requests.RequestException:
            return False


@contextmanager
def a_sandbox(folder: Path) -> Iterator[MeshSandbox]:
    """Run a sandbox of one's own."""
    sandbox = MeshSandbox(folder)
    try:
        sandbox.start()
        yield sandbox
    finally:
        sandbox.close()
