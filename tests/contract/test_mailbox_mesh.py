"""The MESH mailbox keeps the contract, on the NHS's own sandbox."""

import socket
from collections.abc import Iterator

import pytest

from services.platform.mailbox.mesh import MeshMailbox
from services.platform.mailbox.ports import Mailbox, MailboxUnavailableError
from tests.contract.mailbox_contract import MOST, MailboxContract
from tests.support.mesh_sandbox import PASSWORD, SHARED_KEY, MeshSandbox

pytestmark = [pytest.mark.mesh, pytest.mark.enable_socket]


@pytest.fixture
def mailbox(mesh_sandbox: MeshSandbox) -> Iterator[MeshMailbox]:
    """Give our mailbox, empty."""
    opened = mesh_sandbox.mailbox()
    yield opened
    opened.close()


class TestMeshMailbox(MailboxContract):
    """The contract, over HTTP with the NHS's client and server."""

    @pytest.fixture(autouse=True)
    def _sandbox(self, mesh_sandbox: MeshSandbox) -> None:
        self._mesh = mesh_sandbox

    def leave(self, content: bytes, workflow: str | None = "VACCINATIONS_1") -> str:
        """Send it, as another organisation."""
        return self._mesh.send(content, workflow=workflow)

    def lose(self, message_id: str) -> None:
        """Have MESH say that it failed: HTTP 410."""
        self._mesh.set_status(message_id, "error")

    def go_away(self) -> Mailbox:
        """Give one at an address where nobody listens."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        return MeshMailbox(self._mesh.access(url=f"http://127.0.0.1:{port}"))


@pytest.mark.parametrize("compress", [False, True], ids=["plain", "compressed on the way"])
def test_message_in_chunks_comes_whole(
    mesh_sandbox: MeshSandbox, mailbox: MeshMailbox, *, compress: bool
):
    """MESH takes large files in pieces, each compressed by itself."""
    content = bytes(range(256)) * 1000
    message_id = mesh_sandbox.send(content, chunk_bytes=70_000, compress=compress)

    assert mailbox.fetch(message_id, most_bytes=MOST).content == content


def test_wrong_password_is_a_mailbox_that_is_away(mesh_sandbox: MeshSandbox):
    """And the error tells neither password nor key."""
    mailbox = MeshMailbox(mesh_sandbox.access(password="Zebediah-Canary"))

    with pytest.raises(MailboxUnavailableError) as caught:
        mailbox.list(10)

    mailbox.close()
    assert "403" in str(caught.value)
    assert caught.value.__cause__ is None
    for secret in ("Zebediah", PASSWORD, SHARED_KEY):
        assert secret not in f"{caught.value!r} {mesh_sandbox.access()!r} {mailbox!r}"
