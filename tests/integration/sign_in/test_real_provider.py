"""Signing in at a real, certified provider: npm's oidc-provider, as NHS CIS2 and Entra ID speak."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import pytest

from services.people.signing_in.client import OidcClient
from services.people.signing_in.ports import Begun, ProviderRefusal, SignedInThere, SignInRefusal
from services.people.signing_in.profiles import ClaimRefusal
from services.people.signing_in.providers import ProviderKind
from services.people.signing_in.tokens import SignedOut
from services.platform.clock import SystemClock
from tests.support.oidc_provider.running import (
    KINDS,
    RealProviders,
    Visitor,
    real_providers,
    returned_with,
    subject_of,
    what_is_missing,
)
from tests.support.provider_server import HERE, begun_with
from tests.support.signing_in import signing_key

_MISSING = what_is_missing()
pytestmark = [
    pytest.mark.enable_socket,
    pytest.mark.skipif(_MISSING is not None, reason=f"no oidc-provider: {_MISSING}"),
]
_CLOCK = SystemClock()


@pytest.fixture(scope="module")
def logouts() -> Iterator[tuple[str, list[str]]]:
    """Listen for logout tokens, as the portal does: the address, and what came."""
    came: list[str] = []

    class _Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            came.extend(parse_qs(body)["logout_token"])
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), _Handler)
    thread = Thread(target=partial(server.serve_forever, poll_interval=0.01))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/logout", came
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def there(
    tmp_path_factory: pytest.TempPathFactory, logouts: tuple[str, list[str]]
) -> Iterator[RealProviders]:
    """Run both providers, once."""
    with real_providers(tmp_path_factory.mktemp("oidc"), logout=logouts[0]) as found:
        yield found


@pytest.fixture(scope="module")
def client(there: RealProviders) -> Iterator[OidcClient]:
    """Know them, as the portal does."""
    found = OidcClient(there.providers(), public_url=HERE, is_demonstration=True)
    yield found
    found.close()


@pytest.fixture
def visitor() -> Iterator[Visitor]:
    """Open a browser."""
    found = Visitor()
    yield found
    found.close()


def _come_back(
    client: OidcClient, visitor: Visitor, begun: Begun, name: str
) -> SignedInThere | SignInRefusal:
    brought = visitor.sign_in(str(client.address_to_begin(begun)), name=name)
    return client.complete(begun, returned_with(begun, brought), now=_CLOCK.now())


@pytest.mark.parametrize("kind", KINDS)
def test_somebody_signs_in(
    client: OidcClient, visitor: Visitor, kind: ProviderKind, there: RealProviders
):
    """By code, PKCE, our key, and what their provider says of them."""
    found = _come_back(client, visitor, begun_with(kind), subject_of(kind))

    assert isinstance(found, SignedInThere)
    assert found.issuer == there.issuers[kind]
    assert [one.agency for one in found.admissions] == ["RY4"]
    assert found.session
    assert abs(_CLOCK.now() - found.signed_in_at) < timedelta(minutes=2)


@pytest.mark.parametrize("kind", KINDS)
def test_somebody_without_a_role_does_not(client: OidcClient, visitor: Visitor, kind: ProviderKind):
    """Though their provider knows them."""
    found = _come_back(client, visitor, begun_with(kind), "without-a-role")

    assert found in {ClaimRefusal.NO_SELECTED_ROLE, ClaimRefusal.NO_ROLE}


@pytest.mark.parametrize("kind", KINDS)
def test_code_is_taken_once(client: OidcClient, visitor: Visitor, kind: ProviderKind):
    """The provider says so."""
    begun = begun_with(kind)
    brought = visitor.sign_in(str(client.address_to_begin(begun)), name=subject_of(kind))
    back = returned_with(begun, brought)
    assert isinstance(client.complete(begun, back, now=_CLOCK.now()), SignedInThere)

    assert client.complete(begun, back, now=_CLOCK.now()) is ProviderRefusal.CODE


@pytest.mark.parametrize("kind", KINDS)
def test_code_without_the_verifier_is_worth_nothing(
    client: OidcClient, visitor: Visitor, kind: ProviderKind
):
    """Stolen on its way."""
    begun = begun_with(kind)
    brought = visitor.sign_in(str(client.address_to_begin(begun)), name=subject_of(kind))
    another = replace(begun, verifier=begun_with(kind, number=2).verifier)

    found = client.complete(another, returned_with(begun, brought), now=_CLOCK.now())

    assert found is ProviderRefusal.CODE


@pytest.mark.parametrize("kind", KINDS)
def test_whoever_has_another_key_is_not_us(
    there: RealProviders, visitor: Visitor, kind: ProviderKind, tmp_path_factory: Any
):
    """The provider refuses them, and our operator is told."""
    said: list[tuple[str, str]] = []
    providers = [
        one.model_copy(
            update={"client_id": "tell-once", "key_file": _another_key(tmp_path_factory)}
        )
        for one in there.providers()
    ]
    stranger = OidcClient(
        providers,
        public_url=HERE,
        is_demonstration=True,
        report=lambda *told: said.append(told),
    )

    found = _come_back(stranger, visitor, begun_with(kind), subject_of(kind))

    stranger.close()
    assert found is ProviderRefusal.NOT_AS_DESCRIBED
    assert said == [(kind.value, "token-invalid-client")]


def _another_key(folders: Any) -> Any:
    path = folders.mktemp("keys") / "another.pem"
    path.write_bytes(signing_key("another").as_pem(private=True))
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_sign_in_anew_asks_who_they_are(client: OidcClient, visitor: Visitor, kind: ProviderKind):
    """Though they have a session there."""
    assert isinstance(
        _come_back(client, visitor, begun_with(kind), subject_of(kind)), SignedInThere
    )

    found = _come_back(client, visitor, begun_with(kind, is_fresh=True), subject_of(kind))

    assert isinstance(found, SignedInThere)


@pytest.mark.parametrize("kind", KINDS)
def test_signing_out_there_is_told_behind_their_back(
    client: OidcClient, visitor: Visitor, kind: ProviderKind, logouts: tuple[str, list[str]]
):
    """The very session that was opened, by a token that the provider sends us."""
    found = _come_back(client, visitor, begun_with(kind), subject_of(kind))
    assert isinstance(found, SignedInThere)
    logouts[1].clear()
    address = client.address_to_sign_out(kind.value, found.id_token)
    assert address is not None

    where = visitor.sign_out(address)

    assert where.startswith(f"{HERE}/sign-in")
    (token,) = logouts[1]  # sent before it let them go
    told = client.read_logout(kind.value, token, now=_CLOCK.now())
    assert isinstance(told, SignedOut)
    assert told.session == found.session
    assert told.issuer == found.issuer


@pytest.mark.parametrize("kind", KINDS)
def test_key_that_the_provider_rotated_is_found(
    there: RealProviders, visitor: Visitor, kind: ProviderKind
):
    """Without anybody doing anything."""
    time = [1000.0]
    client = OidcClient(
        there.providers(), public_url=HERE, is_demonstration=True, monotonic=lambda: time[0]
    )
    _come_back(client, visitor, begun_with(kind), subject_of(kind))
    there.rotate(kind)
    time[0] += 60

    found = _come_back(client, visitor, begun_with(kind, number=2), subject_of(kind))

    client.close()
    assert isinstance(found, SignedInThere)
