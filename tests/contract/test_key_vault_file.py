"""The key vault in files keeps the contract, also in a folder from before versions."""

import shutil
from pathlib import Path

import pytest

from services.platform.keys.files import FileKeyVault
from tests.contract.key_vault_contract import KeyVaultContract


class TestFileKeyVault(KeyVaultContract):
    """In files of its own."""

    @pytest.fixture
    def vault(self, tmp_path: Path) -> FileKeyVault:
        """Give a new vault."""
        return FileKeyVault.open(tmp_path / "keys" / "root.key")


class TestFileKeyVaultFromBeforeVersions(KeyVaultContract):
    """In a folder that had a root key and nothing else."""

    @pytest.fixture
    def vault(self, tmp_path: Path) -> FileKeyVault:
        """Give a vault opened on such a folder."""
        path = tmp_path / "keys" / "root.key"
        path.parent.mkdir()
        path.write_bytes(b"\x05" * 32)
        return FileKeyVault.open(path)


class TestFileKeyVaultOpenedAgain(KeyVaultContract):
    """In a folder that was copied and opened by somebody else."""

    @pytest.fixture
    def vault(self, tmp_path: Path) -> FileKeyVault:
        """Give a vault that another process has used."""
        FileKeyVault.open(tmp_path / "keys" / "root.key").wrap(bytes(32), holder="somebody")
        shutil.copytree(tmp_path / "keys", tmp_path / "copy")
        return FileKeyVault.open(tmp_path / "copy" / "root.key")
