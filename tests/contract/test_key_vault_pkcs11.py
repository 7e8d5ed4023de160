"""The key vault in a token keeps the contract, and nothing of the token is read or made anew."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.platform.errors import KeyUnusableError, SettingsInvalidError
from services.platform.keys.pkcs11 import Pkcs11KeyVault, TokenAddress, TokenSession
from services.platform.keys.place import KeysPlace, keys_place
from services.platform.keys.vault import SecretName
from services.platform.settings import Settings
from tests.contract.key_vault_contract import A_KEY, ANNA, KeyVaultContract
from tests.support.checkout import ROOT
from tests.support.softhsm import a_token, what_is_missing

_MISSING = what_is_missing()
_needs_token = pytest.mark.skipif(_MISSING is not None, reason=_MISSING or "")
_FORK = """
import os, sys
from pathlib import Path
from services.platform.keys.pkcs11 import Pkcs11KeyVault, TokenAddress
module, label, pin, folder = sys.argv[1:]
vault = Pkcs11KeyVault.open(TokenAddress(Path(module), label, pin), Path(folder))
wrapped = vault.wrap(b"k" * 32, holder="somebody").content
child = os.fork()
ok = vault.unwrap(wrapped, holder="somebody") == b"k" * 32
if child:
    sys.exit(0 if ok and os.waitpid(child, 0)[1] == 0 else 1)
os._exit(0 if ok else 1)
"""


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TokenAddress]:
    """Give one token for all of them."""
    with a_token(tmp_path_factory.mktemp("softhsm")) as address:
        yield address


@pytest.fixture
def empty(token: TokenAddress) -> TokenAddress:
    """Give the token without any key."""
    session = TokenSession(token)
    for label in session.labels():
        session.destroy(label)
    return token


@_needs_token
class TestPkcs11KeyVault(KeyVaultContract):
    """In SoftHSM, by the library that a real module would bring."""

    @pytest.fixture
    def vault(self, empty: TokenAddress, tmp_path: Path) -> Pkcs11KeyVault:
        """Give a new vault."""
        return Pkcs11KeyVault.open(empty, tmp_path / "keys")

    def test_another_process_opens_what_one_has_wrapped(
        self, vault: Pkcs11KeyVault, empty: TokenAddress, tmp_path: Path
    ):
        """Two vaults of one token are one, also about versions."""
        wrapped = vault.wrap(A_KEY, holder=ANNA)
        other = Pkcs11KeyVault.open(empty, tmp_path / "keys")
        other.wrap(A_KEY, holder=ANNA)

        vault.add_version()

        assert other.unwrap(wrapped.content, holder=ANNA) == A_KEY
        assert other.wrap(A_KEY, holder=ANNA).under == vault.versions()[-1]
        assert other.secret(SecretName.LEDGER) == vault.secret(SecretName.LEDGER)

    def test_a_copy_of_a_process_opens_a_session_of_its_own(
        self, empty: TokenAddress, tmp_path: Path
    ):
        """As parts are copies of the supervisor; a session is no good on the other side."""
        told = [str(empty.module), empty.label, empty.pin, str(tmp_path / "forked")]

        done = subprocess.run([sys.executable, "-c", _FORK, *told], check=False, cwd=ROOT)

        assert done.returncode == 0

    def test_without_the_token_or_the_folder_nothing_opens_and_nothing_is_made(
        self, vault: Pkcs11KeyVault, empty: TokenAddress, tmp_path: Path
    ):
        """A fresh key would open nothing of what there is."""
        vault.wrap(A_KEY, holder=ANNA)

        with pytest.raises(KeyUnusableError, match="erasable-secrets: not there"):
            KeysPlace(tmp_path / "elsewhere", empty).open_known()
        assert not (tmp_path / "elsewhere").exists()
        TokenSession(empty).destroy("tell-once root")
        with pytest.raises(KeyUnusableError, match="'tell-once root' of the token: not there"):
            KeysPlace(tmp_path / "keys", empty).open()
        assert "tell-once root" not in TokenSession(empty).labels()

    def test_a_wrong_name_is_told_without_what_opens_it(self, token: TokenAddress, tmp_path: Path):
        """Which settings to look at, and no pin."""
        wrong = TokenAddress(token.module, "another", token.pin)

        with pytest.raises(KeyUnusableError, match="pkcs11_token") as refused:
            KeysPlace(tmp_path, wrong).open()

        assert token.pin not in str(refused.value) + repr(wrong)


def test_what_a_token_needs_is_named(tmp_path: Path):
    """All of it at once."""
    with pytest.raises(SettingsInvalidError, match=r"PKCS11_MODULE .*PKCS11_TOKEN .*PKCS11_PIN"):
        keys_place(Settings(data=tmp_path, vault="pkcs11"))


def test_a_library_that_is_none_is_told(tmp_path: Path):
    """With or without the package that would load it."""
    settings = Settings(
        data=tmp_path, vault="pkcs11", pkcs11_module="/nowhere.so", pkcs11_token="t", pkcs11_pin="p"
    )

    with pytest.raises(KeyUnusableError, match="token"):
        keys_place(settings).open()
