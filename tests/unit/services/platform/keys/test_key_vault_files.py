"""The files of a key vault: slots used once, forgotten in place, rotated beside running work."""

import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import aes_key_wrap

from services.platform.errors import KeyDestroyedError, KeysAwayError, KeyUnusableError
from services.platform.keys.files import FileKeyVault
from services.platform.keys.vault import SecretName
from tests.support.checkout import ROOT

A_KEY = b"\x07" * 32
_ROOT = b"\x05" * 32
_WRAP = """
import sys
from pathlib import Path
from services.platform.keys.files import FileKeyVault
vault = FileKeyVault.open(Path(sys.argv[1]))
sys.stdin.readline()
for _ in range(40):
    print(vault.handle_of(vault.wrap(bytes(32), holder="somebody").content).hex())
"""
_FORK = """
import os, sys
from pathlib import Path
from services.platform.keys.files import FileKeyVault
vault = FileKeyVault.open(Path(sys.argv[1]))

def tell():
    handle = vault.handle_of(vault.wrap(bytes(32), holder="somebody").content)
    os.write(1, handle.hex().encode() + b"\\n")

tell()
child = os.fork()
tell()
if child:
    os.waitpid(child, 0)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Say where the root key will be."""
    return tmp_path / "keys" / "root.key"


@pytest.fixture
def old(path: Path) -> bytes:
    """Make a folder from before versions; gives a key that was wrapped in it."""
    path.parent.mkdir()
    path.write_bytes(_ROOT)
    info = b"tell-once:wrapping"
    return aes_key_wrap(HKDF(SHA256(), 32, salt=None, info=info).derive(_ROOT), A_KEY)


def test_processes_at_once_never_share_a_slot(path: Path):
    """Destroying one person's key would destroy another's."""
    FileKeyVault.open(path)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _WRAP, str(path)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]

    handles = [h for p in processes for h in p.communicate("go\n")[0].split()]

    assert len(handles) == len(set(handles)) == 120


def test_a_fork_does_not_use_what_its_parent_reserved(path: Path):
    """Both would otherwise hand out the same slot next."""
    FileKeyVault.open(path)

    done = subprocess.run(
        [sys.executable, "-c", _FORK, str(path)],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )

    assert len(set(done.stdout.split())) == 3


def test_a_destroyed_secret_is_nowhere_in_the_folder(path: Path):
    """Zeros stand in its place, and another process that had opened the key refuses too."""
    vault, running = FileKeyVault.open(path), FileKeyVault.open(path)
    wrapped = vault.wrap(A_KEY, holder="somebody").content
    running.unwrap(wrapped, holder="somebody")
    handle = vault.handle_of(wrapped) or b""
    file = path.with_name("erasable-secrets")
    at = int.from_bytes(handle) * 32
    secret = file.read_bytes()[at : at + 32]

    vault.destroy([handle])

    assert all(secret not in f.read_bytes() for f in path.parent.rglob("*") if f.is_file())
    assert vault.counts()[1] == 1
    with pytest.raises(KeyDestroyedError, match="somebody"):
        running.unwrap(wrapped, holder="somebody")


def test_what_a_killed_process_left_half_written_is_left_alone(path: Path):
    """The next slot begins behind it."""
    before = FileKeyVault.open(path).wrap(A_KEY, holder="somebody").content
    file = path.with_name("erasable-secrets")
    with file.open("ab") as half:
        half.write(b"\x01" * 17)

    vault = FileKeyVault.open(path)
    after = vault.wrap(A_KEY, holder="somebody").content

    assert vault.unwrap(before, holder="somebody") == A_KEY
    assert vault.unwrap(after, holder="somebody") == A_KEY


def test_a_running_process_opens_what_another_wrapped_under_a_new_version(path: Path):
    """And wraps under it itself from then on."""
    running, rotating = FileKeyVault.open(path), FileKeyVault.open(path)

    version = rotating.add_version()
    wrapped = rotating.wrap(A_KEY, holder="somebody")

    assert running.unwrap(wrapped.content, holder="somebody") == A_KEY
    assert running.wrap(A_KEY, holder="somebody").under == version


def test_a_key_from_before_versions_opens_and_is_rewrapped(path: Path, old: bytes):
    """An existing data folder works on, and its keys become destroyable when they are rotated."""
    vault = FileKeyVault.open(path)

    rewrapped = vault.rewrap(old, holder="somebody")

    assert vault.versions() == [0, 1]
    assert vault.handle_of(old) is None
    assert vault.unwrap(old, holder="somebody") == A_KEY
    assert vault.unwrap(rewrapped.content, holder="somebody") == A_KEY
    assert rewrapped.under == 1


def test_the_first_wrapping_key_goes_and_the_secrets_stay(path: Path, old: bytes):
    """In running processes and after a restart; a process killed half way is finished later."""
    vault, running = FileKeyVault.open(path), FileKeyVault.open(path)
    before = [vault.secret(name) for name in SecretName]

    vault.destroy_version(0)
    path.with_name("root.replaced").unlink()  # as if killed just before the end
    finishing = FileKeyVault.open(path)
    finishing.destroy_version(0)

    for each in (vault, running, finishing, FileKeyVault.open(path)):
        assert [each.secret(name) for name in SecretName] == before
        assert 0 not in each.versions()
        with pytest.raises(KeyUnusableError):
            each.unwrap(old, holder="somebody")
    assert path.read_bytes() != _ROOT


@pytest.mark.parametrize("lost", ["root.key", "erasable-secrets"])
def test_a_folder_that_lost_a_file_is_refused(path: Path, lost: str):
    """New ones would open nothing of what there is."""
    FileKeyVault.open(path)
    path.with_name(lost).unlink()

    with pytest.raises(KeyUnusableError, match="restore"):
        FileKeyVault.open(path)


def test_secrets_older_than_the_database_are_told(path: Path):
    """A vault that was restored from too old a backup has not the newest slots."""
    vault = FileKeyVault.open(path)
    wrapped = vault.wrap(A_KEY, holder="somebody").content
    file = path.with_name("erasable-secrets")
    file.write_bytes(file.read_bytes()[:32])

    with pytest.raises(KeyUnusableError, match="older than the database"):
        FileKeyVault.open(path).unwrap(wrapped, holder="somebody")


@pytest.mark.parametrize(
    "name", ["1 (copy).key", "old.key", ".1.key", "01.key", "0.key", "٢.key", "70000.key", "2.key~"]
)
def test_a_file_that_somebody_left_beside_the_wrapping_keys_is_none(path: Path, name: str):
    """So far a copy kept everything from starting, with a traceback."""
    FileKeyVault.open(path)
    (path.with_name("wrapping-keys") / name).write_bytes(A_KEY)

    vault = FileKeyVault.open(path)

    assert vault.versions() == [1]
    assert vault.wrap(bytes(32), holder="somebody").under == 1
    assert vault.add_version() == 2


def test_a_folder_that_is_away_is_no_key_that_was_destroyed(path: Path):
    """Nothing is parked or made for it, and what is there again goes on."""
    vault = FileKeyVault.open(path)
    wrapped = vault.wrap(A_KEY, holder="somebody").content
    away = path.parent.rename(path.parent.with_name("away"))

    with pytest.raises(KeysAwayError):
        vault.unwrap(wrapped, holder="somebody")
    path.parent.mkdir()
    for _ in range(20):  # more than were reserved
        with pytest.raises(KeysAwayError):
            vault.wrap(A_KEY, holder="somebody")
    assert list(path.parent.iterdir()) == []

    path.parent.rmdir()
    away.rename(path.parent)
    assert vault.unwrap(wrapped, holder="somebody") == A_KEY


def test_slots_of_another_file_are_given_to_nobody(path: Path):
    """A fresh file in the place of ours begins anew, with numbers that are other people's."""
    vault = FileKeyVault.open(path)
    secrets = path.with_name("erasable-secrets")
    secrets.rename(path.with_name("kept"))
    secrets.write_bytes(path.with_name("kept").read_bytes())

    with pytest.raises(KeysAwayError, match="another erasable-secrets"):
        vault.wrap(A_KEY, holder="somebody")
