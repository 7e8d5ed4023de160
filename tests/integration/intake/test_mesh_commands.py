"""`tell-once connect health-visiting --mailbox`, as people type it."""

import json
from pathlib import Path

import pytest

from services.__main__ import main
from services.cli.output import UNAVAILABLE, USAGE
from tests.support.mesh_sandbox import OURS, PASSWORD, SHARED_KEY, MeshSandbox
from tests.support.messages.nems_messages import vaccination


@pytest.mark.mesh
@pytest.mark.postgres
@pytest.mark.enable_socket
def test_once_takes_what_is_there_and_ends(
    mesh_sandbox: MeshSandbox,
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    """One document on standard output; the mailbox is empty then."""
    settings = {
        "DATABASE": database,
        "MESH_URL": mesh_sandbox.url,
        "MESH_MAILBOX": OURS,
        "MESH_PASSWORD": PASSWORD,
        "MESH_SHARED_KEY": SHARED_KEY,
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"TELL_ONCE_{name}", value)
    mesh_sandbox.send(vaccination())
    mesh_sandbox.send(b"nothing we know", workflow="OTHER_1")

    data = ["--data", str(tmp_path / "data")]
    code = main(["connect", "health-visiting", "--mailbox", "--once", "--json", *data])

    assert code == 0
    assert json.loads(capsys.readouterr().out) == {"taken": 2}
    mailbox = mesh_sandbox.mailbox()
    assert list(mailbox.list(10)) == []
    mailbox.close()


@pytest.mark.parametrize(
    "words", [["health-visiting"], ["--mailbox"], ["--once"], ["health-visiting", "--once"]]
)
def test_a_source_and_its_mailbox_go_together(words: list[str]):
    """Half of it is a mistake, not another command."""
    assert main(["connect", *words]) == USAGE


@pytest.mark.postgres
def test_no_mailbox_is_read_that_nobody_named(
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    """And it says which setting is missing."""
    monkeypatch.setenv("TELL_ONCE_DATABASE", database)
    monkeypatch.delenv("TELL_ONCE_MESH_URL", raising=False)
    words = ["connect", "health-visiting", "--mailbox", "--once", "--data", str(tmp_path / "data")]

    assert main(words) == UNAVAILABLE
    assert "TELL_ONCE_MESH_URL" in capsys.readouterr().err
