"""How a provider is shown that it is us who ask."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from services.people.signing_in.client import OidcClient
from services.people.signing_in.ports import ProviderRefusal, SignedInThere
from services.people.signing_in.providers import ProviderKind
from tests.integration.sign_in.conftest import Trying
from tests.support.builders import NOW
from tests.support.provider_server import HERE, Provides, begun_with, providers_of, returned_to
from tests.support.signing_in import signing_key

pytestmark = pytest.mark.enable_socket
_ALGORITHMS = "token_endpoint_auth_signing_alg_values_supported"


def _part(token: str, number: int) -> dict[str, Any]:
    text = token.split(".")[number]
    found = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("kind", list(ProviderKind))
def test_assertion_names_the_key_as_each_provider_finds_it(trying: Trying, kind: ProviderKind):
    """Microsoft by the thumbprint of its certificate; each time another id, for a minute."""
    for _ in range(2):
        assert isinstance(trying.sign_in(kind), SignedInThere)

    tokens = [form["client_assertion"] for form in trying.there[kind].forms]
    header, first, second = _part(tokens[0], 0), _part(tokens[0], 1), _part(tokens[1], 1)
    assert header["kid"] == "ours"
    assert header.get("x5t#S256") == ("ours" if kind is ProviderKind.ENTRA_ID else None)
    assert first["aud"] == f"{trying.there[kind].issuer}/token"
    assert first["jti"] != second["jti"]
    assert first["exp"] - first["iat"] == 60


@pytest.mark.parametrize("kind", list(ProviderKind))
def test_some_providers_want_it_said_to_their_issuer(
    tmp_path: Path, loopback: Callable[[], dict[ProviderKind, Provides]], kind: ProviderKind
):
    """As the settings say."""
    there = loopback()
    told = providers_of(tmp_path, there, 'assertion_audience = "issuer"')
    client = OidcClient(told, public_url=f"{HERE}/", is_demonstration=True)
    begun = begun_with(kind)
    code = there[kind].let_in(str(client.address_to_begin(begun)))

    assert isinstance(client.complete(begun, returned_to(kind, code), now=NOW), SignedInThere)
    client.close()
    (form,) = there[kind].forms
    assert _part(form["client_assertion"], 1)["aud"] == there[kind].issuer


@pytest.mark.parametrize(
    ("taken", "algorithm"),
    [(None, "RS256"), (["PS256", "RS256"], "RS256"), (["PS256", "ES256"], "PS256")],
)
def test_our_key_signs_as_the_provider_takes_it(
    tmp_path: Path,
    loopback: Callable[[], dict[ProviderKind, Provides]],
    taken: list[str] | None,
    algorithm: str,
):
    """The most widely taken first."""
    kind, there = ProviderKind.ENTRA_ID, loopback()
    told = providers_of(tmp_path, there)
    ours: RSAKey = signing_key("ours")
    (tmp_path / "ours.pem").write_bytes(ours.as_pem(private=True))
    if taken is not None:
        there[kind].metadata[_ALGORITHMS] = taken
    client = OidcClient(told, public_url=HERE, is_demonstration=True)

    client.complete(begun_with(kind), returned_to(kind, "guessed"), now=NOW)

    client.close()
    (form,) = there[kind].forms
    assert _part(form["client_assertion"], 0)["alg"] == algorithm


def test_provider_that_takes_none_of_our_algorithms_is_not_asked(trying: Trying):
    """And our operator is told."""
    there = trying.there[ProviderKind.NHS_CIS2]
    there.metadata[_ALGORITHMS] = ["HS256", "RS256"]  # our key is on a curve

    assert trying.sign_in(ProviderKind.NHS_CIS2) is ProviderRefusal.NOT_AS_DESCRIBED
    assert trying.said == [("nhs-cis2", "no-algorithm-for-our-key")]
    assert there.forms == []
