"""The witness' memory in a file keeps the contract, and belongs to one key."""

from pathlib import Path

import pytest

from consent.errors import WitnessForgetfulError
from consent.transparency.witness import SeenTree
from services.ledger.witness.memory import SqliteWitnessMemory
from tests.contract.witness_memory_contract import WitnessMemoryContract, a_checkpoint, a_tree
from tests.support.ledger.ledger_builders import ORIGIN
from tests.support.ledger.witness_builders import COSIGNER, OTHER_COSIGNER

KEY = COSIGNER.verifier_key


class _World:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "witness.state"
        self.memory = SqliteWitnessMemory.open(self.path, key=KEY, mark=folder / "key.used")

    def break_down(self) -> None:
        self.path.write_bytes(b"not a database" * 100)


class TestSqliteWitnessMemory(WitnessMemoryContract):
    """The contract, in a file."""

    @pytest.fixture
    def world(self, tmp_path: Path) -> _World:
        """Give a memory of nothing."""
        return _World(tmp_path)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Give the file of a memory of a tree of 3."""
    memory = _open(tmp_path / "witness.state")
    memory.advance(ORIGIN, last=SeenTree(), checkpoint=a_checkpoint(3))
    return tmp_path / "witness.state"


def _open(path: Path) -> SqliteWitnessMemory:
    return SqliteWitnessMemory.open(path, key=KEY, mark=path.parent / "key.used")


def test_a_memory_is_there_again(state: Path):
    """Opened a second time, by whoever has the key; readable by nobody else."""
    assert _open(state).seen(ORIGIN) == a_tree(3)
    assert state.stat().st_mode & 0o077 == 0


def test_a_memory_that_is_gone_is_noticed(state: Path):
    """The key has cosigned before: with nothing remembered it would cosign a second history."""
    state.unlink()

    with pytest.raises(WitnessForgetfulError, match="missing"):
        _open(state)
    assert not state.exists()


def test_a_memory_without_its_mark_is_accepted(state: Path):
    """It may have died between the two; the memory is what counts, and the mark comes again."""
    mark = state.parent / "key.used"
    mark.unlink()

    assert _open(state).seen(ORIGIN) == a_tree(3)
    assert mark.exists()


def test_a_memory_of_another_key_is_refused(state: Path):
    """Two witnesses keep apart what they saw."""
    with pytest.raises(WitnessForgetfulError, match="belongs to"):
        SqliteWitnessMemory.open(
            state, key=OTHER_COSIGNER.verifier_key, mark=state.parent / "other.used"
        )


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path):
    """Before anything is cosigned."""
    with pytest.raises(WitnessForgetfulError, match="cannot be written"):
        _open(tmp_path / "nowhere" / "witness.state")
