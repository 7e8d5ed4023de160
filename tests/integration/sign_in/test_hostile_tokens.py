"""A provider, or whoever can make it, signs something else than who came back."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from services.people.signing_in.ports import ProviderRefusal, SignedInThere, SignInRefusal
from services.people.signing_in.profiles import ClaimRefusal
from services.people.signing_in.providers import ProviderKind
from services.people.signing_in.tokens import LOGOUT_EVENT, TokenRefusal
from tests.integration.sign_in.conftest import Trying
from tests.support.builders import NOW
from tests.support.provider_server import Provides
from tests.support.signing_in import (
    SECONDS,
    Signing,
    later,
    logout_claims,
    published_keys,
    signed,
    signed_with_secret,
    signing_key,
    unsigned,
)

pytestmark = pytest.mark.enable_socket

CIS2, ENTRA, DFE = ProviderKind.NHS_CIS2, ProviderKind.ENTRA_ID, ProviderKind.DFE_SIGN_IN
_USELESS = ProviderRefusal.NOT_AS_DESCRIBED
_RS256 = {"alg": "RS256", "kid": "theirs"}


def _claims(**changed: Any) -> Callable[[Provides], None]:
    return lambda there: there.claims.update(changed)


def _signed_as(sign: Callable[[Mapping[str, Any]], str]) -> Callable[[Provides], None]:
    def lie(there: Provides) -> None:
        there.sign = sign

    return lie


def _under(header: Mapping[str, Any], key: RSAKey | None = None) -> Callable[[Provides], None]:
    how = Signing(header, key or signing_key())
    return _signed_as(lambda claims: signed(claims, how))


def _brought(**more: object) -> Callable[[Provides], None]:
    """Their own key comes with the token, under a name that is known."""
    return _under({**_RS256, **more}, signing_key("their own"))


def _published(**changed: Any) -> Callable[[Provides], None]:
    """The key is published otherwise."""

    def lie(there: Provides) -> None:
        (key,) = published_keys().as_dict()["keys"]
        there.keys = {"keys": [{**key, **changed}]}

    return lie


def _with_public_key(claims: Mapping[str, Any]) -> str:
    secret = signing_key().as_pem(private=False)
    return signed_with_secret(claims, secret, {"alg": "HS256", "kid": "theirs"})


_THEIR_OWN = signing_key("their own").as_dict(private=False)
_LIES: Mapping[str, tuple[Callable[[Provides], None], SignInRefusal]] = {
    "another issuer": (_claims(iss="https://other.example"), TokenRefusal.ISSUER),
    "no issuer": (_claims(iss=...), TokenRefusal.ISSUER),
    "for another client": (_claims(aud="another"), TokenRefusal.AUDIENCE),
    "for us and another": (_claims(aud=["tell-once", "another"]), TokenRefusal.AUDIENCE),
    "given to another": (_claims(azp="another"), TokenRefusal.AUDIENCE),
    "of another sign-in": (_claims(nonce="another"), TokenRefusal.NONCE),
    "of no sign-in": (_claims(nonce=...), TokenRefusal.NONCE),
    "nonce of another type": (_claims(nonce=[1]), TokenRefusal.NONCE),
    "over": (_claims(iat=later(minutes=-9), exp=later(minutes=-4)), TokenRefusal.TIMES),
    "made later than now": (_claims(iat=later(minutes=5)), TokenRefusal.TIMES),
    "made long ago": (_claims(iat=later(hours=-2)), TokenRefusal.TIMES),
    "times in words": (_claims(iat=str(SECONDS)), TokenRefusal.TIMES),
    "not yet valid": (_claims(nbf=later(minutes=5)), TokenRefusal.TIMES),
    "about nobody": (_claims(sub=...), TokenRefusal.SUBJECT),
    "about a number": (_claims(sub=555036632103), TokenRefusal.SUBJECT),
    "about half a character": (_claims(sub="\ud800"), TokenRefusal.SUBJECT),
    "about somebody with NUL": (_claims(sub="555036632103\0"), TokenRefusal.SUBJECT),
    "signed in long ago": (_claims(auth_time=later(hours=-11)), ClaimRefusal.TOO_LONG_AGO),
    "signed in later than now": (_claims(auth_time=later(minutes=5)), ClaimRefusal.TOO_LONG_AGO),
    "signed in at no time": (_claims(auth_time=...), ClaimRefusal.MALFORMED),
    "signed in at words": (_claims(auth_time=str(SECONDS)), ClaimRefusal.MALFORMED),
    "a logout token": (
        _signed_as(lambda claims: signed({**logout_claims(CIS2), "iss": claims["iss"]})),
        TokenRefusal.NONCE,
    ),
    "a logout token with the nonce": (_claims(events={LOGOUT_EVENT: {}}), TokenRefusal.KIND),
    "called a logout token": (_under({**_RS256, "typ": "logout+jwt"}), TokenRefusal.KIND),
    "called an access token": (_under({**_RS256, "typ": "at+jwt"}), TokenRefusal.KIND),
    "signed by nobody": (
        _signed_as(lambda claims: unsigned(claims, {"alg": "none"})),
        TokenRefusal.ALGORITHM,
    ),
    "signed with the public key": (_signed_as(_with_public_key), TokenRefusal.ALGORITHM),
    "signed otherwise": (_under({"alg": "RS512", "kid": "theirs"}), TokenRefusal.ALGORITHM),
    "with a header that has to be understood": (
        _under({**_RS256, "crit": ["exp"], "exp": later(minutes=1)}),
        TokenRefusal.ALGORITHM,
    ),
    "with its own key": (_brought(jwk=_THEIR_OWN), TokenRefusal.UNREADABLE),
    "with the address of its own keys": (
        _brought(jku="http://127.0.0.1:1/keys"),
        TokenRefusal.SIGNATURE,
    ),
    "with the address of its own certificate": (
        _brought(x5u="http://127.0.0.1:1/x"),
        TokenRefusal.SIGNATURE,
    ),
    "by a key that is a path": (
        _under({"alg": "RS256", "kid": "../../../../dev/null"}),
        TokenRefusal.NO_KEY,
    ),
    "by a key that is a question": (
        _under({"alg": "RS256", "kid": "' OR 1=1 --"}),
        TokenRefusal.NO_KEY,
    ),
    "by a key that is no text": (
        _under({"alg": "RS256", "kid": ["theirs"]}),
        TokenRefusal.NO_KEY,
    ),
    "by a key for encrypting": (_published(use="enc"), TokenRefusal.NO_KEY),
    "by a key for another algorithm": (_published(alg="PS256"), TokenRefusal.NO_KEY),
    "encrypted": (_signed_as(lambda _: "a.b.c.d.e"), TokenRefusal.UNREADABLE),
    "in two parts": (
        _signed_as(lambda claims: signed(claims).rpartition(".")[0]),
        TokenRefusal.UNREADABLE,
    ),
    "no JSON": (_signed_as(lambda _: signed(b"nothing")), TokenRefusal.UNREADABLE),
    "with a name that stands twice": (
        _signed_as(lambda _: signed(b'{"sub": "a", "sub": "b"}')),
        TokenRefusal.UNREADABLE,
    ),
    "for another access token": (
        _claims(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
        ProviderRefusal.MIXED_UP,
    ),
    "for no access token": (_claims(at_hash=7), ProviderRefusal.MIXED_UP),
    "longer than a token is": (_claims(padding="x" * 70_000), _USELESS),
    "a megabyte": (_claims(padding="x" * 1_000_000), _USELESS),
}


@pytest.mark.parametrize("kind", list(ProviderKind))
@pytest.mark.parametrize("lie", _LIES)
def test_whoever_is_not_meant_does_not_come_in(trying: Trying, kind: ProviderKind, lie: str):
    """Whatever kind of provider says it; and nobody else is asked about it."""
    tell, refusal = _LIES[lie]
    tell(trying.there[kind])

    assert trying.sign_in(kind) is refusal
    others = [one for other, one in trying.there.items() if other is not kind]
    assert not any(one.asked for one in others)


@pytest.mark.parametrize("kind", list(ProviderKind))
def test_whoever_tells_the_truth_comes_in(trying: Trying, kind: ProviderKind):
    """Else the table above would show nothing; with the hash of its access token too."""
    trying.there[kind].claims["at_hash"] = "Pxa-1wifRlPl7yG_0oJNfw"  # of "access-token"

    assert isinstance(trying.sign_in(kind), SignedInThere)
    assert trying.said == []


# What one kind of provider says of somebody.


def _role(**changed: Any) -> dict[str, Any]:
    role = {
        "person_roleid": "555254242106",
        "org_code": "A9A5A",
        "role_code": "S8000:G8000:R8001",
    }
    return {"nhsid_nrbac_roles": [{**role, **changed}]}


def _school(**changed: Any) -> dict[str, Any]:
    school = {
        "id": "org-1",
        "urn": "900001",
        "establishmentNumber": "2001",
        "localAuthority": {"code": "999"},
        "status": {"id": 1},
    }
    return {"organisation": {**school, **changed}}


_OTHER_TENANT = "66666666-2222-3333-4444-555555555555"
_SAYINGS: Mapping[str, tuple[ProviderKind, dict[str, Any], SignInRefusal]] = {
    "another number": (CIS2, {"uid": "555036632104"}, ClaimRefusal.SUBJECT),
    "identity hardly checked": (CIS2, {"id_assurance_level": "2"}, ClaimRefusal.IDENTITY),
    "a password alone": (CIS2, {"authentication_assurance_level": "1"}, ClaimRefusal.ASSURANCE),
    "levels that are true": (CIS2, {"id_assurance_level": True}, ClaimRefusal.IDENTITY),
    "a level above all": (CIS2, {"authentication_assurance_level": "9"}, ClaimRefusal.ASSURANCE),
    "six minutes ago": (CIS2, {"auth_time": later(minutes=-6)}, ClaimRefusal.TOO_LONG_AGO),
    "no role selected": (CIS2, {"selected_roleid": ...}, ClaimRefusal.NO_SELECTED_ROLE),
    "a role not theirs": (CIS2, {"selected_roleid": "1"}, ClaimRefusal.NO_SELECTED_ROLE),
    "roles in words": (CIS2, {"nhsid_nrbac_roles": "R8001"}, ClaimRefusal.NO_SELECTED_ROLE),
    "a role nowhere": (CIS2, _role(org_code=["A9A5A"]), ClaimRefusal.MALFORMED),
    "another context": (CIS2, {"acr": "AAL1_USERPASS"}, TokenRefusal.CONTEXT),
    "another tenant": (ENTRA, {"tid": _OTHER_TENANT}, ClaimRefusal.OTHER_TENANT),
    "a tenant of several": (ENTRA, {"tid": [_OTHER_TENANT]}, ClaimRefusal.OTHER_TENANT),
    "a guest": (ENTRA, {"acct": 1}, ClaimRefusal.GUEST),
    "vouched for elsewhere": (ENTRA, {"idp": "https://other.example/"}, ClaimRefusal.GUEST),
    "no role": (ENTRA, {"roles": ...}, ClaimRefusal.NO_ROLE),
    "a role in words": (ENTRA, {"roles": "TellOnce.Practitioner"}, ClaimRefusal.NO_ROLE),
    "too many groups": (ENTRA, {"roles": [], "hasgroups": True}, ClaimRefusal.NO_ROLE),
    "no object": (ENTRA, {"oid": {"a": 1}}, ClaimRefusal.MALFORMED),
    "no organisation": (DFE, {"organisation": {}}, ClaimRefusal.NO_ORGANISATION),
    "a closed one": (DFE, _school(status={"id": 2}), ClaimRefusal.CLOSED),
    "one of no state": (DFE, _school(status=None), ClaimRefusal.CLOSED),
    "one that is a number": (DFE, _school(id=1), ClaimRefusal.ROLES_NOT_TOLD),
}


@pytest.mark.parametrize("saying", _SAYINGS)
def test_what_a_profile_asks_is_asked(trying: Trying, saying: str):
    """Of each kind of provider its own."""
    kind, claims, refusal = _SAYINGS[saying]
    trying.there[kind].claims.update(claims)

    assert trying.sign_in(kind) is refusal


def test_role_that_the_settings_do_not_know_gives_nothing(trying: Trying):
    """They are known, and nothing opens for them."""
    trying.there[ENTRA].claims["roles"] = ["TellOnce.Somebody"]

    found = trying.sign_in(ENTRA)

    assert isinstance(found, SignedInThere)
    assert found.admissions == ()


@pytest.mark.parametrize("kind", list(ProviderKind))
def test_whoever_is_to_sign_in_anew_has_to(trying: Trying, kind: ProviderKind):
    """A provider that answers from an old session of its own is not believed."""
    trying.there[kind].claims["auth_time"] = later(minutes=-6)

    assert trying.sign_in(kind, is_fresh=True) is ClaimRefusal.TOO_LONG_AGO


# Keys.


@pytest.mark.parametrize("kind", list(ProviderKind))
def test_key_that_was_rotated_is_asked_for_once(trying: Trying, kind: ProviderKind):
    """And known from then on."""
    there = trying.there[kind]
    assert isinstance(trying.sign_in(kind), SignedInThere)
    _under({"alg": "RS256", "kid": "newer"}, signing_key("newer"))(there)
    there.keys = dict(published_keys(signing_key("newer")).as_dict())
    trying.time[0] += 60

    assert isinstance(trying.sign_in(kind), SignedInThere)
    assert isinstance(trying.sign_in(kind), SignedInThere)
    assert there.asked.count("/keys") == 2


@pytest.mark.parametrize("kind", list(ProviderKind))
def test_strangers_cannot_have_a_provider_asked_for_ever(trying: Trying, kind: ProviderKind):
    """Unknown keys within a few seconds: one question."""
    there = trying.there[kind]
    assert isinstance(trying.sign_in(kind), SignedInThere)
    trying.time[0] += 60
    unknown = signed(
        {**logout_claims(kind), "iss": there.issuer}, Signing({"alg": "RS256", "kid": "unknown"})
    )

    for _ in range(20):
        found = trying.client.read_logout(kind.value, unknown, now=NOW)
        assert found is TokenRefusal.NO_KEY

    assert there.asked.count("/keys") == 2


def test_keys_that_a_provider_withdrew_are_believed_an_hour_at_most(trying: Trying):
    """Though nobody signs with another."""
    there = trying.there[ENTRA]
    assert isinstance(trying.sign_in(ENTRA), SignedInThere)
    there.keys = {"keys": [signing_key("newer").as_dict(private=False)]}

    trying.time[0] += 3601

    assert trying.sign_in(ENTRA) is TokenRefusal.NO_KEY


def test_provider_that_is_away_when_a_stranger_signs_keeps_its_keys(trying: Trying):
    """Else anybody could have them forgotten."""
    there = trying.there[ENTRA]
    assert isinstance(trying.sign_in(ENTRA), SignedInThere)
    trying.time[0] += 60
    there.keys = {}
    unknown = signed({"iss": there.issuer}, Signing({"alg": "RS256", "kid": "unknown"}))
    assert trying.client.read_logout(ENTRA.value, unknown, now=NOW) is TokenRefusal.NO_KEY

    assert isinstance(trying.sign_in(ENTRA), SignedInThere)


@pytest.mark.parametrize("kind", list(ProviderKind))
def test_two_keys_of_one_name_are_tried_both(trying: Trying, kind: ProviderKind):
    """And one that is not published is not among them."""
    there = trying.there[kind]
    twin = {**signing_key("twin").as_dict(private=False), "kid": "theirs"}
    there.keys = {"keys": [twin, *published_keys().as_dict()["keys"]]}
    assert isinstance(trying.sign_in(kind), SignedInThere)

    _under(_RS256, signing_key("another"))(there)

    assert trying.sign_in(kind) is TokenRefusal.SIGNATURE
