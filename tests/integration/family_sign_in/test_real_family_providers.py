"""GOV.UK One Login and NHS login as a real, certified provider plays them: npm's oidc-provider."""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from services.people.family_access.getting_in.client import FamilyProviderClient
from services.people.family_access.getting_in.ports import (
    CameFromProvider,
    FamilyBegun,
    FamilySignInRefusal,
    IdentityRefusal,
)
from services.people.family_access.getting_in.settings import FamilyProviderKind
from services.people.signing_in.ports import Begun, ProviderRefusal, Returned
from services.people.signing_in.tokens import SignedOut, TokenRefusal
from services.platform.clock import SystemClock
from tests.support.family_providers.running import (
    NHS_LOGIN,
    ONE_LOGIN,
    RunningFamilyProviders,
    a_core,
    family_providers_running,
    in_nhs_login,
    in_one_login,
    what_is_missing,
)
from tests.support.oidc_provider.running import Visitor

_MISSING = what_is_missing()
pytestmark = [
    pytest.mark.enable_socket,
    pytest.mark.skipif(_MISSING is not None, reason=f"no oidc-provider: {_MISSING}"),
]
HERE = "https://families.example"
NUMBER = "9990000026"
BOTH = (ONE_LOGIN, NHS_LOGIN)
_CLOCK = SystemClock()
PEOPLE: dict[str, Any] = {
    f"eva-{ONE_LOGIN}": in_one_login(),
    f"eva-{NHS_LOGIN}": in_nhs_login(NUMBER),
    f"weak-{ONE_LOGIN}": in_one_login(vot="Cl"),
    f"weak-{NHS_LOGIN}": in_nhs_login(NUMBER, vot="P5.Cp"),
    f"little-{ONE_LOGIN}": in_one_login(a_core(vot="P1")),
    f"little-{NHS_LOGIN}": in_nhs_login(NUMBER, identity_proofing_level="P5"),
    "for-another": in_one_login(a_core(aud="somebody-else")),
    "by-another": in_one_login(a_core(iss="https://another.example")),
    "of-another": in_one_login(a_core(sub="another")),
    "not-proved": {"vot": "Cl.Cm"},
}


@pytest.fixture(scope="module")
def logouts() -> Iterator[tuple[str, list[str]]]:
    """Listen for logout tokens: the address, and what came."""
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
    yield f"http://127.0.0.1:{server.server_port}", came
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def there(
    tmp_path_factory: pytest.TempPathFactory, logouts: tuple[str, list[str]]
) -> Iterator[RunningFamilyProviders]:
    """Run both, once."""
    folder = tmp_path_factory.mktemp("family-providers")
    with family_providers_running(folder, PEOPLE, here=HERE, logout=logouts[0]) as found:
        yield found


@pytest.fixture(scope="module")
def client(there: RunningFamilyProviders) -> Iterator[FamilyProviderClient]:
    """Know them, as the door does."""
    found = FamilyProviderClient(there.providers, public_url=HERE, is_demonstration=True)
    yield found
    found.close()


@pytest.fixture
def visitor() -> Iterator[Visitor]:
    """Open a browser."""
    found = Visitor()
    yield found
    found.close()


def begun_at(provider: str, *, proves: bool = True, number: int = 1) -> FamilyBegun:
    """A sign-in that was begun."""
    words = (f"{word}-{number:032x}-{word * 4}" for word in ("state", "nonce", "verifier"))
    return FamilyBegun(Begun(provider, *words), proves)


def bring(client: FamilyProviderClient, visitor: Visitor, begun: FamilyBegun, who: str) -> Returned:
    """Go there, sign in, and come back."""
    address = client.address_to_begin(begun)
    brought = visitor.sign_in(str(address), name=who, here=HERE)
    assert brought["state"] == begun.begun.state
    return Returned(begun.begun.provider, brought.get("code"), None, brought.get("iss"))


def come_back(
    client: FamilyProviderClient, visitor: Visitor, begun: FamilyBegun, who: str
) -> CameFromProvider | FamilySignInRefusal:
    """Sign in from beginning to end."""
    return client.complete(begun, bring(client, visitor, begun, who), now=_CLOCK.now())


@pytest.mark.parametrize("name", BOTH)
def test_whoever_proves_who_they_are_comes_back_as_that(
    client: FamilyProviderClient, visitor: Visitor, name: str
):
    """By code, PKCE and our key; One Login by a statement of its own, whose level counts."""
    found = come_back(client, visitor, begun_at(name), f"eva-{name}")

    assert isinstance(found, CameFromProvider)
    assert found.subject == f"eva-{name}"
    assert found.identity is not None
    assert (found.identity.given_names, found.identity.nhs_number) == (
        ("EVA",),
        NUMBER if name == NHS_LOGIN else None,
    )
    assert "Eva" not in repr(found)


def test_one_login_is_asked_twice_and_the_first_time_for_nobody(
    client: FamilyProviderClient, visitor: Visitor
):
    """First whether it is them, signed in anew; who they are only then, by claims."""
    first = begun_at(ONE_LOGIN, proves=False, number=2)
    asked = [
        parse_qs(urlsplit(str(client.address_to_begin(one))).query)
        for one in (first, begun_at(ONE_LOGIN, number=3), begun_at(NHS_LOGIN, number=4))
    ]

    assert [json.loads(one["vtr"][0]) for one in asked] == [
        ["Cl.Cm"],
        ["Cl.Cm.P2"],
        ["P9.Cp.Cd", "P9.Cp.Ck", "P9.Cm"],
    ]
    assert ["claims" in one for one in asked] == [False, True, False]
    assert [one.get("prompt") for one in asked] == [["login"], None, ["login"]]
    assert {one["code_challenge_method"][0] for one in asked} == {"S256"}
    found = come_back(client, visitor, first, f"eva-{ONE_LOGIN}")
    assert isinstance(found, CameFromProvider)
    assert found.identity is None


@pytest.mark.parametrize("name", BOTH)
def test_code_is_taken_once_and_only_with_our_verifier(
    client: FamilyProviderClient, visitor: Visitor, name: str
):
    """The provider itself refuses both."""
    begun = begun_at(name, number=5)
    back = bring(client, visitor, begun, f"eva-{name}")
    stolen = replace(begun, begun=replace(begun.begun, verifier="v" * 43))

    assert client.complete(stolen, back, now=_CLOCK.now()) is ProviderRefusal.CODE
    again = bring(client, visitor, begun, f"eva-{name}")
    assert isinstance(client.complete(begun, again, now=_CLOCK.now()), CameFromProvider)
    assert client.complete(begun, again, now=_CLOCK.now()) is ProviderRefusal.CODE


@pytest.mark.parametrize("name", BOTH)
def test_token_of_another_sign_in_or_another_algorithm_is_not_believed(
    there: RunningFamilyProviders, client: FamilyProviderClient, visitor: Visitor, name: str
):
    """A nonce that was not ours; the other profile's way to sign; a provider that was mixed up."""
    begun = begun_at(name, number=6)
    back = bring(client, visitor, begun, f"eva-{name}")
    other = replace(begun, begun=replace(begun.begun, nonce="another"))
    assert client.complete(other, back, now=_CLOCK.now()) is TokenRefusal.NONCE

    kinds = {ONE_LOGIN: FamilyProviderKind.NHS_LOGIN, NHS_LOGIN: FamilyProviderKind.ONE_LOGIN}
    turned = [p.model_copy(update={"profile": kinds[p.name]}) for p in there.providers]
    with_others = FamilyProviderClient(turned, public_url=HERE, is_demonstration=True)
    back = bring(client, visitor, begun, f"eva-{name}")
    assert with_others.complete(begun, back, now=_CLOCK.now()) is TokenRefusal.ALGORITHM
    with_others.close()
    mixed = replace(back, provider=next(iter(set(BOTH) - {name})))
    assert client.complete(begun, mixed, now=_CLOCK.now()) is ProviderRefusal.MIXED_UP
    by_another = replace(back, issuer="https://another.example")
    assert client.complete(begun, by_another, now=_CLOCK.now()) is ProviderRefusal.MIXED_UP


@pytest.mark.parametrize(
    ("name", "who", "why"),
    [
        (ONE_LOGIN, f"weak-{ONE_LOGIN}", TokenRefusal.CONTEXT),
        (NHS_LOGIN, f"weak-{NHS_LOGIN}", TokenRefusal.CONTEXT),
        (ONE_LOGIN, f"little-{ONE_LOGIN}", IdentityRefusal.NOT_PROVED),
        (NHS_LOGIN, f"little-{NHS_LOGIN}", IdentityRefusal.NOT_PROVED),
        (ONE_LOGIN, "for-another", TokenRefusal.AUDIENCE),
        (ONE_LOGIN, "by-another", TokenRefusal.ISSUER),
        (ONE_LOGIN, "of-another", TokenRefusal.SUBJECT),
        (ONE_LOGIN, "not-proved", IdentityRefusal.NOT_PROVED),
    ],
)
def test_whoever_is_not_proved_far_enough_is_nobody(
    client: FamilyProviderClient, visitor: Visitor, name: str, who: str, why: object
):
    """Though the provider let them in."""
    assert come_back(client, visitor, begun_at(name, number=7), who) is why


@pytest.mark.parametrize("name", BOTH)
def test_signing_out_there_is_told_behind_their_back(
    there: RunningFamilyProviders,
    client: FamilyProviderClient,
    visitor: Visitor,
    name: str,
    logouts: tuple[str, list[str]],
):
    """By a token that names whom it is about; one that was made for somebody else is not taken."""
    found = come_back(client, visitor, begun_at(name, number=8), f"eva-{name}")
    assert isinstance(found, CameFromProvider)
    logouts[1].clear()
    issuer = there.issuers["one" if name == ONE_LOGIN else "nhs"]

    visitor.sign_out(f"{issuer}/session/end")

    (token,) = logouts[1]
    told = client.read_logout(name, token, now=_CLOCK.now())
    assert isinstance(told, SignedOut)
    assert (told.issuer, told.subject) == (found.issuer, found.subject)
    other = next(iter(set(BOTH) - {name}))
    assert not isinstance(client.read_logout(other, token, now=_CLOCK.now()), SignedOut)
