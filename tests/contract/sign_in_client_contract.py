"""What whoever asks providers of sign-in must do. The client over HTTP and the fake run this.

What hostile providers try is in tests/integration/sign_in: the fake has none.
"""

from abc import abstractmethod
from base64 import urlsafe_b64encode
from urllib.parse import parse_qs, urlsplit

import pytest

from schemas.vocabulary import Role
from services.people.signing_in.ports import (
    Brought,
    ProviderRefusal,
    Returned,
    SignedInThere,
    SignInClient,
)
from services.people.signing_in.profiles import Admission
from services.people.signing_in.providers import ProviderKind
from services.people.signing_in.tokens import BroughtKind, SignedOut, TokenRefusal
from tests.support.builders import NOW
from tests.support.provider_server import begun_with, returned_to


def _brought(token: str, issuer: str, client: str) -> Brought:
    return Brought(token, BroughtKind.ID_TOKEN, {issuer: {client}})


KINDS = list(ProviderKind)
ONE, ANOTHER = ProviderKind.ENTRA_ID, ProviderKind.NHS_CIS2
ADMITTED = (Admission(Role.PRACTITIONER, "RY4"),)


class SignInClientContract:
    """Subclasses give the fixture `client`, which has a provider of each kind."""

    @abstractmethod
    def let_in(self, address: str, profile: ProviderKind) -> str:
        """Sign in there as whom the settings make a practitioner; give the code."""

    @abstractmethod
    def logout_token(self, profile: ProviderKind) -> str:
        """Have a provider tell that somebody signed out there, of one session."""

    @abstractmethod
    def made_for(self, client: str, profile: ProviderKind) -> str:
        """Have a provider make an ID token for another client of its own, about the same person."""

    @abstractmethod
    def go_away(self, profile: ProviderKind) -> None:
        """Have a provider that was never asked not answer."""

    def test_somebody_may_choose_among_the_providers_of_the_settings(self, client: SignInClient):
        """In the order of the file."""
        assert [one.name for one in client.providers()] == [kind.value for kind in KINDS]

    @pytest.mark.parametrize("kind", KINDS)
    def test_browser_is_sent_with_what_is_secret_hashed(
        self, client: SignInClient, kind: ProviderKind
    ):
        """The verifier of PKCE does not leave us before the code comes."""
        begun = begun_with(kind)

        address = client.address_to_begin(begun)

        asked = parse_qs(urlsplit(address).query)
        assert asked["state"] == [begun.state]
        assert asked["nonce"] == [begun.nonce]
        assert asked["code_challenge_method"] == ["S256"]
        assert begun.verifier not in address
        assert "prompt" not in asked

    def test_somebody_who_is_to_show_who_they_are_is_asked_to(self, client: SignInClient):
        """Whatever session their provider has."""
        address = client.address_to_begin(begun_with(ONE, is_fresh=True))

        asked = parse_qs(urlsplit(address).query)
        assert asked["prompt"] == ["login"]
        assert asked["max_age"] == ["300"]

    @pytest.mark.parametrize("kind", KINDS)
    def test_whoever_comes_back_is_known(self, client: SignInClient, kind: ProviderKind):
        """By whom, under which name, in which roles, since when; and nothing of it is printed."""
        found = self._come_back(client, kind)

        assert isinstance(found, SignedInThere)
        (provider,) = [one for one in client.providers() if one.name == kind.value]
        assert found.issuer == provider.issuer
        assert found.subject
        assert found.admissions == ADMITTED
        assert found.signed_in_at <= NOW
        assert found.id_token
        assert found.subject not in repr(found)

    def test_code_is_taken_once(self, client: SignInClient):
        """Whoever finds it in a log comes too late."""
        begun = begun_with(ONE)
        back = returned_to(ONE, self._code(client, ONE))
        client.complete(begun, back, now=NOW)

        assert client.complete(begun, back, now=NOW) is ProviderRefusal.CODE

    def test_code_of_another_sign_in_is_not_taken(self, client: SignInClient):
        """Stolen, and sent to a browser that began a sign-in of its own."""
        back = returned_to(ONE, self._code(client, ONE))

        found = client.complete(begun_with(ONE, number=2), back, now=NOW)

        assert found is ProviderRefusal.CODE

    def test_code_that_nobody_gave_is_not_taken(self, client: SignInClient):
        """Guessed."""
        found = client.complete(begun_with(ONE), returned_to(ONE, "guessed"), now=NOW)

        assert found is ProviderRefusal.CODE

    def test_code_brought_to_another_providers_address_goes_nowhere(self, client: SignInClient):
        """Else one provider would be given the codes of another (mix-up)."""
        code = self._code(client, ONE)
        client.address_to_begin(begun_with(ANOTHER))

        found = client.complete(begun_with(ONE), returned_to(ANOTHER, code), now=NOW)

        assert found is ProviderRefusal.MIXED_UP

    def test_code_that_names_another_issuer_goes_nowhere(self, client: SignInClient):
        """RFC 9207."""
        back = returned_to(ONE, self._code(client, ONE), issuer="https://other.example")

        assert client.complete(begun_with(ONE), back, now=NOW) is ProviderRefusal.MIXED_UP

    def test_somebody_whom_their_provider_refuses_is_told_so(self, client: SignInClient):
        """They said no there, or it did."""
        back = returned_to(ONE, None, error="access_denied")

        assert client.complete(begun_with(ONE), back, now=NOW) is ProviderRefusal.DENIED

    def test_coming_back_with_nothing_is_no_sign_in(self, client: SignInClient):
        """Neither code nor error."""
        found = client.complete(begun_with(ONE), returned_to(ONE, None), now=NOW)

        assert found is ProviderRefusal.NOT_AS_DESCRIBED

    def test_provider_that_is_away_is_said_to_be(self, client: SignInClient):
        """At each thing that it is asked."""
        self.go_away(ONE)

        assert client.address_to_begin(begun_with(ONE)) is ProviderRefusal.AWAY
        found = client.complete(begun_with(ONE), returned_to(ONE, "code"), now=NOW)
        assert found is ProviderRefusal.AWAY
        assert client.read_logout(ONE.value, "token", now=NOW) is ProviderRefusal.AWAY
        assert client.address_to_sign_out(ONE.value, "token") is None

    def test_provider_that_nobody_named_is_none(self, client: SignInClient):
        """A name in an address of ours is whatever somebody types."""
        back = Returned("nobody", "code", None, None)
        begun = begun_with(ONE)
        nobody = type(begun)("nobody", begun.state, begun.nonce, begun.verifier)

        assert client.address_to_begin(nobody) is ProviderRefusal.MIXED_UP
        assert client.complete(nobody, back, now=NOW) is ProviderRefusal.MIXED_UP
        assert client.read_logout("nobody", "token", now=NOW) is ProviderRefusal.MIXED_UP
        assert client.address_to_sign_out("nobody", "token") is None

    @pytest.mark.parametrize("kind", KINDS)
    def test_provider_tells_who_signed_out_there(self, client: SignInClient, kind: ProviderKind):
        """Of which session."""
        found = client.read_logout(kind.value, self.logout_token(kind), now=NOW)

        assert isinstance(found, SignedOut)
        assert found.session == "session-1"

    def test_another_providers_word_ends_nothing(self, client: SignInClient):
        """Each ends its own sessions."""
        found = client.read_logout(ANOTHER.value, self.logout_token(ONE), now=NOW)

        assert isinstance(found, TokenRefusal)

    def test_what_is_no_token_ends_nothing(self, client: SignInClient):
        """Whoever sends it."""
        assert client.read_logout(ONE.value, "…", now=NOW) is TokenRefusal.UNREADABLE

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_token_that_a_partner_brings_says_whose_it_is(
        self, client: SignInClient, kind: ProviderKind
    ):
        """As signing in does: by whom, under which name, in which roles."""
        token, issuer = self.made_for("ehr", kind), self._issuer(client, kind)

        found = client.read_brought(_brought(token, issuer, "ehr"), now=NOW)

        assert isinstance(found, SignedInThere)
        assert (found.issuer, found.admissions, found.id_token) == (issuer, ADMITTED, "")
        assert found.subject
        assert found.signed_in_at <= NOW

    def test_a_token_that_was_made_for_another_is_not_theirs(self, client: SignInClient):
        """Nor is one of a provider that does not know them, or that nobody named."""
        token, issuer = self.made_for("ehr", ONE), self._issuer(client, ONE)
        nowhere = "e30." + urlsafe_b64encode(b'{"iss":"https://x.example"}').decode() + ".e30"

        found = [
            client.read_brought(_brought(text, by, as_client), now=NOW)
            for text, by, as_client in (
                (token, issuer, "other"),
                (token, self._issuer(client, ANOTHER), "ehr"),
                (nowhere, "https://x.example", "ehr"),
                ("", issuer, "ehr"),
            )
        ]

        assert found[:2] == [TokenRefusal.AUDIENCE] * 2
        assert found[2:] == [TokenRefusal.ISSUER] * 2

    def test_whose_token_it_is_cannot_be_told_while_its_provider_is_away(
        self, client: SignInClient
    ):
        """Which is no fault of the token."""
        token, issuer = self.made_for("ehr", ONE), self._issuer(client, ONE)
        self.go_away(ONE)

        found = client.read_brought(_brought(token, issuer, "ehr"), now=NOW)

        assert found is ProviderRefusal.AWAY

    def test_they_may_sign_out_there_too(self, client: SignInClient):
        """With the token by which the provider knows them."""
        address = client.address_to_sign_out(ONE.value, "a.b.c")

        assert address is not None
        assert parse_qs(urlsplit(address).query)["id_token_hint"] == ["a.b.c"]

    def _issuer(self, client: SignInClient, kind: ProviderKind) -> str:
        (issuer,) = [one.issuer for one in client.providers() if one.name == kind.value]
        return issuer

    def _code(self, client: SignInClient, kind: ProviderKind) -> str:
        address = client.address_to_begin(begun_with(kind))
        assert not isinstance(address, ProviderRefusal)
        return self.let_in(address, kind)

    def _come_back(self, client: SignInClient, kind: ProviderKind) -> object:
        back = returned_to(kind, self._code(client, kind))
        return client.complete(begun_with(kind), back, now=NOW)
