"""The key of a witness in a file."""

from pathlib import Path

import pytest

from services.ledger.witness.app import make_witness_key, read_witness_key
from services.platform.errors import KeyUnusableError

NAME = "witness.example/w1"


def test_a_key_is_made_once_and_read_again(tmp_path: Path):
    """Readable by its owner only, and never written over."""
    path = tmp_path / "witness.key"

    made = make_witness_key(path, NAME)

    assert read_witness_key(path) == made
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(KeyUnusableError, match="there already"):
        make_witness_key(path, NAME)
    assert [each.name for each in tmp_path.iterdir()] == ["witness.key"]


@pytest.mark.parametrize("name", ["", "two words", "a+b"])
def test_a_key_needs_a_name_that_a_note_can_carry(tmp_path: Path, name: str):
    """Nothing is written otherwise."""
    with pytest.raises(KeyUnusableError):
        make_witness_key(tmp_path / "witness.key", name)

    assert list(tmp_path.iterdir()) == []


def _damaged(line: str, what: str) -> bytes:
    changes = {
        "empty": "",
        "cut off": line[:-10],
        "another name": line.replace("w1", "w2"),
        "another type": line.replace("+B", "+A", 1) if "+B" in line else line[:-1],
        "words": "hello\n",
    }
    return changes[what].encode()


@pytest.mark.parametrize("what", ["empty", "cut off", "another name", "another type", "words"])
def test_a_damaged_key_is_refused(tmp_path: Path, what: str):
    """Nobody cosigns with half a key, and no part of it is told."""
    path = tmp_path / "witness.key"
    make_witness_key(path, NAME)
    line = path.read_text()
    path.write_bytes(_damaged(line, what))

    with pytest.raises(KeyUnusableError) as raised:
        read_witness_key(path)
    # PRIVATE+KEY+name+hash+key: the key itself may have a + in it, or at its end.
    secret = line.split("+", 4)[-1].strip()
    assert secret
    assert secret not in str(raised.value)


def test_a_key_that_is_not_there_is_told(tmp_path: Path):
    """With how to make one."""
    with pytest.raises(KeyUnusableError, match="--new-key"):
        read_witness_key(tmp_path / "witness.key")
