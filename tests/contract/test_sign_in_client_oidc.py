"""The client over HTTP keeps the contract, against honest providers on loopback."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.people.signing_in.client import OidcClient
from services.people.signing_in.providers import ProviderKind
from tests.contract.sign_in_client_contract import SignInClientContract
from tests.support.provider_server import (
    HERE,
    Provides,
    Reply,
    providers_of,
    providers_on_loopback,
)
from tests.support.signing_in import id_claims, logout_claims, signed

pytestmark = pytest.mark.enable_socket


@pytest.fixture(scope="module")
def server() -> Iterator[Callable[[], dict[ProviderKind, Provides]]]:
    """Serve the providers, once for all tests."""
    with providers_on_loopback() as anew:
        yield anew


class TestOidcClient(SignInClientContract):
    """The contract, over HTTP."""

    @pytest.fixture
    def client(
        self, tmp_path: Path, server: Callable[[], dict[ProviderKind, Provides]]
    ) -> Iterator[OidcClient]:
        """Give one with a provider of each kind."""
        self._there = server()
        found = providers_of(tmp_path, self._there)
        client = OidcClient(found, public_url=HERE, is_demonstration=True)
        yield client
        client.close()

    def let_in(self, address: str, profile: ProviderKind) -> str:
        """As an honest provider does."""
        return self._there[profile].let_in(address)

    def logout_token(self, profile: ProviderKind) -> str:
        """Signed by the provider."""
        return signed({**logout_claims(profile), "iss": self._there[profile].issuer})

    def made_for(self, client: str, profile: ProviderKind) -> str:
        """Signed by the provider."""
        named = {"iss": self._there[profile].issuer, "aud": client}
        return signed({**id_claims(profile), **named})

    def go_away(self, profile: ProviderKind) -> None:
        """Have it answer that it cannot."""
        self._there[profile].replies["/openid-configuration"] = Reply(status=503)
