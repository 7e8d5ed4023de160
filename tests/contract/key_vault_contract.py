"""What every key vault must do (services.platform.keys.vault)."""

from abc import ABC, abstractmethod

import pytest

from services.platform.errors import KeyDestroyedError, KeyUnusableError
from services.platform.keys.vault import KeyVault, SecretName

A_KEY = b"\x07" * 32
ANNA, BEN = "a" * 32, "b" * 32


class KeyVaultContract(ABC):
    """One suite for the fake and for the real thing."""

    @pytest.fixture
    @abstractmethod
    def vault(self) -> KeyVault:
        """Give a new vault."""

    def test_what_it_wraps_it_opens(self, vault: KeyVault):
        """The key comes back for whom it was wrapped."""
        wrapped = vault.wrap(A_KEY, holder=ANNA)

        assert vault.unwrap(wrapped.content, holder=ANNA) == A_KEY
        assert A_KEY not in wrapped.content

    def test_it_wraps_under_a_version_that_is_named(self, vault: KeyVault):
        """And under none that is not there."""
        first = vault.versions()[-1]
        second = vault.add_version()

        assert vault.wrap(A_KEY, holder=ANNA, under=first).under == first
        assert vault.wrap(A_KEY, holder=ANNA).under == second
        with pytest.raises(KeyUnusableError):
            vault.wrap(A_KEY, holder=ANNA, under=second + 1)

    def test_what_it_is_to_keep_clear_of_is_given_to_nobody(self, vault: KeyVault):
        """Destroying it, as another folder of the same database has, destroys nobody's."""
        handle = vault.handle_of(vault.wrap(A_KEY, holder=ANNA).content) or b""
        ahead = (int.from_bytes(handle) + 20).to_bytes(len(handle))

        vault.keep_clear_of([handle, ahead])
        later = [vault.wrap(A_KEY, holder=BEN).content for _ in range(40)]

        assert {handle, ahead}.isdisjoint(vault.handle_of(wrapped) for wrapped in later)

    def test_a_key_opens_for_its_holder_only(self, vault: KeyVault):
        """A row copied over another's gives nothing."""
        wrapped = vault.wrap(A_KEY, holder=ANNA)

        with pytest.raises(KeyUnusableError):
            vault.unwrap(wrapped.content, holder=BEN)

    def test_what_was_destroyed_opens_never_again_and_others_do(self, vault: KeyVault):
        """Not even the one that was opened a moment before."""
        wrapped, other = vault.wrap(A_KEY, holder=ANNA), vault.wrap(A_KEY, holder=BEN)
        vault.unwrap(wrapped.content, holder=ANNA)
        handle = vault.handle_of(wrapped.content)
        assert handle is not None

        were_there = [vault.destroy([handle]), vault.destroy([handle])]

        assert were_there == [1, 0]
        assert vault.counts()[1] == 1
        assert vault.is_destroyed(wrapped.content)
        assert not vault.is_destroyed(other.content)
        with pytest.raises(KeyDestroyedError):
            vault.unwrap(wrapped.content, holder=ANNA)
        assert vault.unwrap(other.content, holder=BEN) == A_KEY

    def test_after_a_rotation_both_versions_open(self, vault: KeyVault):
        """New keys go under the new version; the old ones stay where they are."""
        before = vault.wrap(A_KEY, holder=ANNA)

        version = vault.add_version()
        after = vault.wrap(A_KEY, holder=ANNA)

        assert after.under == version == vault.versions()[-1]
        assert before.under != version
        for wrapped in (before, after):
            assert vault.unwrap(wrapped.content, holder=ANNA) == A_KEY

    def test_a_key_is_rewrapped_and_the_old_wrapping_key_destroyed(self, vault: KeyVault):
        """The data key is the same; what a backup has of it under the old one is worth nothing."""
        before = vault.wrap(A_KEY, holder=ANNA)
        version = vault.add_version()

        after = vault.rewrap(before.content, holder=ANNA)
        for _ in range(2):
            vault.destroy_version(before.under)

        assert after.under == version
        assert before.under not in vault.versions()
        assert vault.unwrap(after.content, holder=ANNA) == A_KEY
        with pytest.raises(KeyUnusableError):
            vault.unwrap(before.content, holder=ANNA)

    def test_destroying_a_rewrapped_key_destroys_every_form_of_it(self, vault: KeyVault):
        """A backup from before the rotation has the older form."""
        before = vault.wrap(A_KEY, holder=ANNA)
        vault.add_version()
        after = vault.rewrap(before.content, holder=ANNA)

        vault.destroy([vault.handle_of(after.content) or b""])

        for wrapped in (before, after):
            with pytest.raises(KeyDestroyedError):
                vault.unwrap(wrapped.content, holder=ANNA)

    def test_the_newest_wrapping_key_is_not_destroyed(self, vault: KeyVault):
        """Everybody's keys lie under it."""
        with pytest.raises(KeyUnusableError):
            vault.destroy_version(vault.versions()[-1])

    @pytest.mark.parametrize("foreign", [b"", b"\x00" * 39, b"\x01" + b"\x00" * 48])
    def test_what_is_not_its_own_it_does_not_open(self, vault: KeyVault, foreign: bytes):
        """Neither nonsense nor what another vault has wrapped."""
        with pytest.raises(KeyUnusableError):
            vault.unwrap(foreign, holder=ANNA)

    def test_secrets_stay_whatever_is_rotated(self, vault: KeyVault):
        """Ids and signatures follow from them: each its own, and for ever."""
        before = [vault.secret(name) for name in SecretName]

        vault.add_version()
        for version in vault.versions()[:-1]:
            vault.destroy_version(version)

        assert [vault.secret(name) for name in SecretName] == before
        assert len(set(before)) == len(SecretName)
        assert {len(secret) for secret in before} == {32}
