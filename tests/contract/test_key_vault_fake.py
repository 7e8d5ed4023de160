"""The fake key vault keeps the contract."""

import pytest

from tests.contract.key_vault_contract import KeyVaultContract
from tests.support.fakes.fake_key_vault import FakeKeyVault


class TestFakeKeyVault(KeyVaultContract):
    """In memory, as a KMS is shaped."""

    @pytest.fixture
    def vault(self) -> FakeKeyVault:
        """Give a new vault."""
        return FakeKeyVault()
