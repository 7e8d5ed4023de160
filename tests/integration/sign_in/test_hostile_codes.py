"""What says who signed out, and the code that somebody brings back: of another, it does nothing."""

import pytest

from services.people.signing_in.ports import ProviderRefusal, SignedInThere
from services.people.signing_in.providers import ProviderKind
from services.people.signing_in.tokens import SignedOut, TokenRefusal
from tests.integration.sign_in.conftest import Trying
from tests.support.builders import NOW
from tests.support.provider_server import begun_with, returned_to
from tests.support.signing_in import (
    logout_claims,
    signed,
)

pytestmark = pytest.mark.enable_socket

CIS2, ENTRA, DFE = ProviderKind.NHS_CIS2, ProviderKind.ENTRA_ID, ProviderKind.DFE_SIGN_IN


# Tokens that tell who signed out.


@pytest.mark.parametrize("kind", list(ProviderKind))
def test_id_token_ends_no_session(trying: Trying, kind: ProviderKind):
    """Whoever has one of somebody's could end what they do."""
    there = trying.there[kind]
    found = trying.client.read_logout(kind.value, signed(there.id_claims()), now=NOW)

    assert isinstance(found, TokenRefusal)


@pytest.mark.parametrize("kind", list(ProviderKind))
def test_logout_token_of_another_issuer_ends_no_session(trying: Trying, kind: ProviderKind):
    """By the same key even."""
    told = {**logout_claims(kind), "iss": "https://other.example"}

    assert trying.client.read_logout(kind.value, signed(told), now=NOW) is TokenRefusal.ISSUER


@pytest.mark.parametrize("kind", list(ProviderKind))
def test_who_signed_out_is_named_as_they_are_known_here(trying: Trying, kind: ProviderKind):
    """Microsoft's `sub` is not who they are to us; without a session nobody is meant."""
    told = {**logout_claims(kind), "iss": trying.there[kind].issuer}
    of_session = trying.client.read_logout(kind.value, signed(told), now=NOW)
    of_all = trying.client.read_logout(kind.value, signed({**told, "sid": None}), now=NOW)
    del told["sid"]
    of_one = trying.client.read_logout(kind.value, signed(told), now=NOW)

    assert isinstance(of_session, SignedOut)
    assert of_all is TokenRefusal.SUBJECT
    if kind is ENTRA:
        assert (of_session.subject, of_one) == (None, TokenRefusal.SUBJECT)
    else:
        assert isinstance(of_one, SignedOut)
        assert of_session.subject == of_one.subject == told["sub"]


# Codes.


@pytest.mark.parametrize("kind", list(ProviderKind))
def test_code_that_was_put_under_somebody_is_not_theirs(trying: Trying, kind: ProviderKind):
    """A provider that lets PKCE be taken away gives tokens for it; the nonce tells."""
    mine, theirs = begun_with(kind, number=1), begun_with(kind, number=2)
    addresses = [trying.client.address_to_begin(one) for one in (mine, theirs)]
    there = trying.there[kind]
    code = there.let_in(str(addresses[0]))
    another = there.let_in(str(addresses[1]))
    there.codes[code]["code_challenge"] = there.codes[another]["code_challenge"]

    found = trying.client.complete(theirs, returned_to(kind, code), now=NOW)

    assert found is TokenRefusal.NONCE


@pytest.mark.parametrize("kind", list(ProviderKind))
@pytest.mark.parametrize("issuer", [None, "", "https://other.example"])
def test_provider_that_says_that_it_names_itself_has_to(
    trying: Trying, kind: ProviderKind, issuer: str | None
):
    """RFC 9207: the code goes to nobody."""
    there = trying.there[kind]
    there.metadata["authorization_response_iss_parameter_supported"] = True
    begun = begun_with(kind)
    code = there.let_in(str(trying.client.address_to_begin(begun)))

    found = trying.client.complete(begun, returned_to(kind, code, issuer=issuer), now=NOW)

    assert found is ProviderRefusal.MIXED_UP
    assert there.forms == []
    named = returned_to(kind, code, issuer=there.issuer)
    assert isinstance(trying.client.complete(begun, named, now=NOW), SignedInThere)


def test_code_of_one_provider_is_never_given_to_another(trying: Trying):
    """Whichever address the browser brings it to."""
    begun = begun_with(CIS2)
    code = trying.there[CIS2].let_in(str(trying.client.address_to_begin(begun)))

    for back in (returned_to(DFE, code), returned_to(ENTRA, code)):
        assert trying.client.complete(begun, back, now=NOW) is ProviderRefusal.MIXED_UP

    assert not any(there.forms for there in trying.there.values())


@pytest.mark.parametrize("code", ["", "\r\nX: 1", "\0", "\ud800", "é", "x" * 9000])
def test_what_can_be_no_code_is_not_sent(trying: Trying, code: str):
    """Addresses of ours are whatever somebody types."""
    found = trying.client.complete(begun_with(ENTRA), returned_to(ENTRA, code), now=NOW)

    assert found is ProviderRefusal.NOT_AS_DESCRIBED
    assert trying.there[ENTRA].forms == []
