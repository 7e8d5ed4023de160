"""The fake providers of sign-in keep the contract of real ones."""

from datetime import timedelta
from pathlib import Path

import pytest

from services.people.signing_in.ports import SignedInThere
from services.people.signing_in.providers import ProviderKind, read_providers
from services.people.signing_in.tokens import SignedOut
from tests.contract.sign_in_client_contract import ADMITTED, SignInClientContract
from tests.support.builders import NOW
from tests.support.fakes.fake_sign_in_client import FakeSignInClient
from tests.support.signing_in import issuer_of, settings_of, write_settings


class TestFakeSignInClient(SignInClientContract):
    """The contract, in memory."""

    @pytest.fixture
    def client(self, tmp_path: Path) -> FakeSignInClient:
        """Give one with a provider of each kind."""
        file = write_settings(tmp_path, *map(settings_of, ProviderKind))
        self._client = FakeSignInClient(read_providers(file))
        return self._client

    def let_in(self, address: str, profile: ProviderKind) -> str:
        """As an invented practitioner."""
        at = NOW - timedelta(minutes=1)
        who = SignedInThere(
            issuer_of(profile), "555", None, at, frozenset({"R"}), ("O",), ADMITTED, "a.b.c"
        )
        return self._client.let_in(address, who)

    def logout_token(self, profile: ProviderKind) -> str:
        """Of one session."""
        told = SignedOut(issuer_of(profile), None, "session-1", "once", NOW, NOW)
        return self._client.signed_out(profile.value, told)

    def made_for(self, client: str, profile: ProviderKind) -> str:
        """About an invented practitioner."""
        at = NOW - timedelta(minutes=1)
        who = SignedInThere(issuer_of(profile), "555", None, at, frozenset({"R"}), ("O",), ADMITTED)
        return self._client.make_for(client, who)

    def go_away(self, profile: ProviderKind) -> None:
        """Have it away."""
        self._client.away.add(profile.value)
