"""The key vault in files: made once, readable by their owner alone, damaged ones refused."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from services.platform.errors import KeyUnusableError
from services.platform.keys.files import FileKeyVault
from services.platform.keys.vault import SecretName
from tests.support.checkout import ROOT

_OPEN = """
import sys
from pathlib import Path
from services.platform.keys.files import FileKeyVault
from services.platform.keys.vault import SecretName
sys.stdin.readline()
print(FileKeyVault.open(Path(sys.argv[1])).secret(SecretName.LINKING).hex())
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Say where the root key will be."""
    return tmp_path / "keys" / "root.key"


def test_the_key_is_made_once_and_stays(path: Path):
    """What was wrapped before the restart opens after it."""
    wrapped = FileKeyVault.open(path).wrap(b"\x07" * 32, holder="somebody")

    again = FileKeyVault.open(path)

    assert again.unwrap(wrapped.content, holder="somebody") == b"\x07" * 32
    assert len(path.read_bytes()) == 32


def test_only_its_owner_can_read_it(path: Path):
    """Mode 0600 all of them, and nothing else is left in the folder."""
    FileKeyVault.open(path).add_version()

    files = {found for found in path.parent.rglob("*") if found.is_file()}

    assert {stat.S_IMODE(found.stat().st_mode) for found in files} == {0o600}
    assert {found.name for found in files} == {
        *("root.key", "root.replaced", "erasable-secrets", "1.key", "2.key")
    }


def test_a_draft_that_a_killed_process_left_stops_nobody(path: Path):
    """In a container the next process may well have the same number."""
    path.parent.mkdir()
    for number in range(1, 40):
        path.with_suffix(f".{number}.draft").write_bytes(b"half")

    assert FileKeyVault.open(path).wrap(bytes(32), holder="somebody").under == 1


def test_processes_that_start_at_once_agree_on_one_key(path: Path):
    """The first makes it; the others use it."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _OPEN, str(path)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]

    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    secrets = {process.communicate()[0].strip() for process in processes}

    assert len(secrets) == 1
    assert len(secrets.pop()) == 64


@pytest.mark.parametrize("content", [b"", b"\x01" * 31, b"\x01" * 33])
def test_a_damaged_key_file_is_refused_and_kept(path: Path, content: bytes):
    """A new key in its place would lose every record; it has to be restored."""
    path.parent.mkdir()
    path.write_bytes(content)

    with pytest.raises(KeyUnusableError, match="restore"):
        FileKeyVault.open(path)
    assert path.read_bytes() == content


def test_another_vault_opens_nothing(path: Path, tmp_path: Path):
    """Keys belong to the data they were made with."""
    wrapped = FileKeyVault.open(path).wrap(b"\x07" * 32, holder="somebody").content
    other = FileKeyVault.open(tmp_path / "other" / "root.key")
    other.wrap(bytes(32), holder="somebody")

    for foreign in (wrapped, b"", b"\x00" * 40, wrapped[:-1]):
        with pytest.raises(KeyUnusableError):
            other.unwrap(foreign, holder="somebody")


def test_every_secret_is_its_own_and_lasts(path: Path):
    """One for each use; the same after a restart; none is the root key or wraps keys."""
    first, again = FileKeyVault.open(path), FileKeyVault.open(path)

    secrets = [first.secret(name) for name in SecretName]

    assert secrets == [again.secret(name) for name in SecretName]
    assert len({*secrets, path.read_bytes()}) == len(SecretName) + 1
    assert all(len(secret) == 32 for secret in secrets)
