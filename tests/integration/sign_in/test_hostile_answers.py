"""A provider, or whoever stands where it should, answers otherwise than it describes."""

import gzip
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import pytest
from joserfc.jwk import OctKey

from services.people.signing_in.client import OidcClient
from services.people.signing_in.ports import ProviderRefusal, SignedInThere, SignInRefusal
from services.people.signing_in.profiles import ClaimRefusal
from services.people.signing_in.providers import ProviderKind
from tests.integration.sign_in.conftest import Trying
from tests.support.builders import NOW
from tests.support.provider_server import HERE, Provides, Reply, begun_with, in_json
from tests.support.signing_in import published_keys, signed, signing_key

pytestmark = pytest.mark.enable_socket

CIS2, ENTRA, DFE = ProviderKind.NHS_CIS2, ProviderKind.ENTRA_ID, ProviderKind.DFE_SIGN_IN
KINDS = list(ProviderKind)
_USELESS, _AWAY = ProviderRefusal.NOT_AS_DESCRIBED, ProviderRefusal.AWAY


def _trickle(wire: Any, content: bytes) -> None:
    """A byte at a time, so that no time-out between two of them is ever reached."""
    with suppress(OSError):
        for one in content:
            wire.write(bytes([one]))
            wire.flush()
            time.sleep(0.05)


_HUGE = b'{"a": "' + b"x" * 300_000 + b'"}'
_BOMB = gzip.compress(b" " * 20_000_000)
_PACKED = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
_CUT_OFF = {"Content-Length": "900", "Connection": "close"}
_AS_HTML = {"Content-Type": "text/html"}
_TO_ANOTHER = {"Location": "http://127.0.0.1:1/token"}
_ANSWERS: Mapping[str, tuple[Reply, SignInRefusal]] = {
    "a page": (Reply(b"<html>Sign in</html>", headers=_AS_HTML), _USELESS),
    "nothing": (Reply(), _USELESS),
    "a list": (in_json(["a"]), _USELESS),
    "words": (in_json("words"), _USELESS),
    "a name twice": (Reply(b'{"sub": 1, "sub": 2}'), _USELESS),
    "no number": (Reply(b'{"a": NaN}'), _USELESS),
    "another alphabet": (Reply('{"a": "é"}'.encode("latin-1")), _USELESS),
    "lists in lists": (Reply(b"[" * 100_000), _USELESS),
    "more than may be read": (Reply(_HUGE), _USELESS),
    "a bomb": (Reply(_BOMB, headers=_PACKED), _USELESS),
    "another address": (Reply(status=302, headers=_TO_ANOTHER), _USELESS),
    "another address for good": (Reply(status=308, headers=_TO_ANOTHER), _USELESS),
    "that it is forbidden": (in_json({}, 403), _USELESS),
    "that it is broken": (Reply(status=500), _AWAY),
    "that it is busy": (Reply(status=429), _AWAY),
    "that it is away": (Reply(b"<html>", 503, _AS_HTML), _AWAY),
    "half of it": (Reply(b'{"issuer": ', headers=_CUT_OFF), _AWAY),
}
_QUESTIONS = {
    "itself": ("/openid-configuration", KINDS),
    "its keys": ("/keys", KINDS),
    "tokens": ("/token", KINDS),
    "who it is": ("/userinfo", [CIS2, DFE]),
}
_ASKED = [(question, kind) for question, (_, kinds) in _QUESTIONS.items() for kind in kinds]


@pytest.mark.parametrize(("question", "kind"), _ASKED)
@pytest.mark.parametrize("answer", _ANSWERS)
def test_answer_that_is_none_lets_nobody_in(
    trying: Trying, question: str, kind: ProviderKind, answer: str
):
    """Whatever was asked: no exception, no redirect followed, and our operator is told why."""
    reply, refusal = _ANSWERS[answer]
    end, _ = _QUESTIONS[question]
    trying.there[kind].replies[end] = reply

    assert trying.sign_in(kind) is refusal
    assert len(trying.said) == 1
    assert not any("/token" in path for path in trying.there[kind].asked[4:])


@pytest.mark.parametrize(("question", "kind"), _ASKED)
def test_provider_that_trickles_is_away(trying: Trying, question: str, kind: ProviderKind):
    """However it goes on talking, nobody waits longer than they may."""
    end, _ = _QUESTIONS[question]
    slow = Reply(b" " * 400, headers={"Content-Length": "400"}, pace=_trickle)
    trying.there[kind].replies[end] = slow
    trying.client._patience = 0.5  # what it is in production is of no interest here
    began = time.monotonic()

    assert trying.sign_in(kind) is _AWAY
    assert time.monotonic() - began < 15  # 20 seconds it would go on


# How it describes itself.

_DESCRIPTIONS: Mapping[str, dict[str, Any]] = {
    "another issuer": {"issuer": "https://other.example"},
    "no issuer": {"issuer": None},
    "tokens without TLS": {"token_endpoint": "http://other.example/token"},
    "keys without TLS": {"jwks_uri": "http://other.example/keys"},
    "a place without TLS": {"authorization_endpoint": "http://other.example/authorize"},
    "userinfo without TLS": {"userinfo_endpoint": "http://other.example/userinfo"},
    "signing out without TLS": {"end_session_endpoint": "http://other.example/out"},
    "a script": {"authorization_endpoint": "javascript:alert(1)"},
    "a file": {"jwks_uri": "file:///etc/passwd"},
    "somebody before the host": {"token_endpoint": "https://provider.example@other.example/"},
    "a backslash": {"token_endpoint": "https://other.example\\@provider.example/"},
    "a new line": {"authorization_endpoint": "https://other.example/\r\nX: 1"},
    "a fragment": {"authorization_endpoint": "https://other.example/#token"},
    "no port": {"token_endpoint": "https://other.example:99999/"},
    "no address for tokens": {"token_endpoint": None},
    "a list of addresses": {"token_endpoint": ["https://other.example/"]},
    "an address without end": {"token_endpoint": "https://other.example/" + "x" * 3000},
    "keys of a machine inside": {"jwks_uri": "https://192.168.1.1/keys"},
    "keys of the cloud's own": {"jwks_uri": "https://169.254.169.254/latest"},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("description", _DESCRIPTIONS)
def test_provider_that_describes_another_is_not_used(
    trying: Trying, kind: ProviderKind, description: str
):
    """Nothing goes where the settings and TLS do not vouch for."""
    trying.there[kind].metadata.update(_DESCRIPTIONS[description])

    assert trying.sign_in(kind) is _USELESS


@pytest.mark.parametrize("slash", ["/", " "])
def test_issuer_is_compared_letter_by_letter(trying: Trying, slash: str):
    """With a slash more it is another."""
    there = trying.there[ENTRA]
    there.metadata["issuer"] = there.issuer + slash

    assert trying.sign_in(ENTRA) is _USELESS


def test_http_on_this_machine_is_for_demonstrations(trying: Trying):
    """In production what a provider describes has to be https, whoever lives here."""
    strict = OidcClient(trying.client.providers(), public_url=HERE)

    assert strict.address_to_begin(begun_with(ENTRA)) is _USELESS
    strict.close()


# Its keys.


def _keys_of(*keys: object) -> dict[str, Any]:
    return {"keys": list(keys)}


_PUBLIC = published_keys().as_dict()["keys"][0]
_OF_1024_BITS = b"\0" * 200 + b"\xff" * 128
_SETS: Mapping[str, Any] = {
    "a private key": _keys_of(signing_key().as_dict(private=True)),
    "a private key beside": _keys_of(_PUBLIC, signing_key("twin").as_dict(private=True)),
    "a shared secret": _keys_of(_PUBLIC, OctKey.import_key(b"s" * 32).as_dict(private=True)),
    "no key": _keys_of(),
    "no keys": {},
    "keys in words": {"keys": "theirs"},
    "a key in words": _keys_of("theirs"),
    "a key of no kind": _keys_of({"kid": "theirs"}),
    "a key of an unknown kind": _keys_of({"kty": "XYZ", "kid": "theirs"}),
    "half a key": _keys_of({name: one for name, one in _PUBLIC.items() if name != "n"}),
    "a key that is no number": _keys_of({**_PUBLIC, "n": "****"}),
    "a key for a list of uses": _keys_of({**_PUBLIC, "use": ["sig"]}),
    "a key of no name": _keys_of({**_PUBLIC, "kid": {}}),
    "a key of one bit": _keys_of({**_PUBLIC, "n": "AQ"}),
    "a weak key": _keys_of({**_PUBLIC, "n": urlsafe_b64encode(_OF_1024_BITS).decode()}),
    "a hundred keys": _keys_of(*[_PUBLIC] * 100),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("keys", _SETS)
def test_keys_that_are_none_open_nothing(trying: Trying, kind: ProviderKind, keys: str):
    """Sign-in and logout token alike."""
    there = trying.there[kind]
    there.keys = _SETS[keys]

    assert trying.sign_in(kind) is _USELESS
    told = signed({"iss": there.issuer})
    assert trying.client.read_logout(kind.value, told, now=NOW) is _USELESS


# Tokens for a code.

_GIVEN: Mapping[str, dict[str, Any]] = {
    "no ID token": {"id_token": ...},
    "an ID token that is a table": {"id_token": {}},
    "an empty ID token": {"id_token": ""},
    "no access token": {"access_token": ...},
    "an access token with a header": {"access_token": "a\r\nX-Admin: 1"},
    "an access token that is none": {"access_token": None},
    "another type": {"token_type": "mac"},
    "a type that is bound": {"token_type": "DPoP"},
    "no type": {"token_type": ...},
    "an error beside": {"error": "invalid_request"},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("given", _GIVEN)
def test_tokens_that_are_none_are_none(trying: Trying, kind: ProviderKind, given: str):
    """Though the answer is called OK."""
    trying.there[kind].given.update(_GIVEN[given])

    assert trying.sign_in(kind) is _USELESS


_ERRORS: Mapping[str, SignInRefusal] = {
    "invalid_grant": ProviderRefusal.CODE,
    "invalid_client": _USELESS,
    "unauthorized_client": _USELESS,
    "server_error": _AWAY,
    "temporarily_unavailable": _AWAY,
    "a word of its own 555036632103": _USELESS,
}


@pytest.mark.parametrize("status", [200, 400, 401])
@pytest.mark.parametrize("error", _ERRORS)
def test_refusal_of_a_code_says_why(trying: Trying, error: str, status: int):
    """In our words; those of the provider may name somebody."""
    words = {"error": error, "error_description": "555036632103 is not known"}
    trying.there[CIS2].replies["/token"] = in_json(words, status)

    assert trying.sign_in(CIS2) is _ERRORS[error]
    assert "555036632103" not in str(trying.said)


def test_error_that_is_no_text_is_one(trying: Trying):
    """Whatever it is."""
    trying.there[ENTRA].replies["/token"] = in_json({"error": {"code": ["x"]}}, 400)

    assert trying.sign_in(ENTRA) is _USELESS


# Userinfo, and roles.


@pytest.mark.parametrize("kind", [CIS2, DFE])
@pytest.mark.parametrize("subject", ["555036632104", None, 555036632103, ["555036632103"]])
def test_userinfo_of_another_is_not_believed(trying: Trying, kind: ProviderKind, subject: object):
    """OpenID Connect Core 1.0 section 5.3.2."""
    trying.there[kind].userinfo["sub"] = subject

    assert trying.sign_in(kind) is ProviderRefusal.MIXED_UP


def test_userinfo_adds_what_the_token_leaves_out_and_changes_nothing(trying: Trying):
    """What was signed stands; roles of NHS CIS2 come by userinfo alone."""
    there = trying.there[CIS2]
    told = there.id_claims()
    there.claims.update(nhsid_nrbac_roles=...)
    there.userinfo.update(
        nhsid_nrbac_roles=told["nhsid_nrbac_roles"],
        auth_time=0,
        selected_roleid="another",
        id_assurance_level="0",
        sid="another",
    )

    found = trying.sign_in(CIS2)

    assert isinstance(found, SignedInThere)
    assert found.session == "session-1"


def test_times_that_userinfo_tells_are_none(trying: Trying):
    """When they showed who they are is what was signed, or nothing."""
    trying.there[CIS2].claims["auth_time"] = ...
    trying.there[CIS2].userinfo["auth_time"] = int(NOW.timestamp())

    assert trying.sign_in(CIS2) is ClaimRefusal.MALFORMED


def test_provider_of_roles_by_userinfo_needs_to_have_one(trying: Trying):
    """Left out of its description, it is not as described."""
    trying.there[CIS2].metadata["userinfo_endpoint"] = ""

    assert trying.sign_in(CIS2) is _USELESS


_ROLES: Mapping[str, tuple[Callable[[Provides], None], ClaimRefusal]] = {
    "those of another organisation": (
        lambda there: there.roles.update(organisationId="org-2"),
        ClaimRefusal.ROLES_NOT_TOLD,
    ),
    "those of another": (
        lambda there: there.roles.update(userId="44444444-3333-2222-1111-999999999999"),
        ClaimRefusal.ROLES_NOT_TOLD,
    ),
    "those of another service": (
        lambda there: there.roles.update(serviceId="another"),
        ClaimRefusal.ROLES_NOT_TOLD,
    ),
    "roles in words": (
        lambda there: there.roles.update(roles="SAFEGUARDING"),
        ClaimRefusal.ROLES_NOT_TOLD,
    ),
    "roles that ended": (
        lambda there: there.roles.update(roles=[{"code": "SAFEGUARDING", "status": {"id": 0}}]),
        ClaimRefusal.NO_ROLE,
    ),
    "nobody": (
        lambda there: there.replies.update(
            {f"/users/{there.id_claims()['sub']}": in_json({}, 404)}
        ),
        ClaimRefusal.NO_ROLE,
    ),
}


@pytest.mark.parametrize("roles", _ROLES)
def test_roles_that_are_not_theirs_are_none(trying: Trying, roles: str):
    """DfE's address for roles is asked about one person in one organisation."""
    tell, refusal = _ROLES[roles]
    tell(trying.there[DFE])

    assert trying.sign_in(DFE) is refusal


@pytest.mark.parametrize("answer", _ANSWERS)
def test_roles_that_are_not_told_let_nobody_in(trying: Trying, answer: str):
    """Fail closed."""
    there = trying.there[DFE]
    there.replies[f"/users/{there.id_claims()['sub']}"] = _ANSWERS[answer][0]

    assert trying.sign_in(DFE) is ClaimRefusal.ROLES_NOT_TOLD
    assert len(trying.said) == 1


def test_organisation_in_an_address_stays_in_its_place(trying: Trying):
    """However it is written."""
    there = trying.there[DFE]
    organisation = {**there.id_claims()["organisation"], "id": "../../users?x=#"}
    there.claims["organisation"] = organisation

    assert isinstance(trying.sign_in(DFE), SignedInThere | ClaimRefusal)
    assert "/services/tell-once/organisations/..%2F..%2Fusers%3Fx%3D%23/users/" in there.asked[-1]


@pytest.mark.parametrize("organisation", ["..", ".", "\ud800", "\0", "é", "x" * 300])
def test_organisation_that_is_no_code_is_not_asked_about(trying: Trying, organisation: str):
    """Fail closed, without asking."""
    there = trying.there[DFE]
    there.claims["organisation"] = {**there.id_claims()["organisation"], "id": organisation}

    assert trying.sign_in(DFE) is ClaimRefusal.ROLES_NOT_TOLD
    assert not any("/services/" in path for path in there.asked)
