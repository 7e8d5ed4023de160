"""Whatever a provider answers, in whatever place: somebody is in, or is refused; nothing raises."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.people.signing_in.ports import ProviderRefusal, SignedInThere
from services.people.signing_in.profiles import ClaimRefusal
from services.people.signing_in.providers import ProviderKind
from services.people.signing_in.tokens import SignedOut, TokenRefusal
from tests.integration.sign_in.conftest import Trying
from tests.support.builders import NOW
from tests.support.provider_server import Provides, Reply
from tests.support.signing_in import id_claims, logout_claims, signed

pytestmark = pytest.mark.enable_socket
_REFUSALS = ProviderRefusal | TokenRefusal | ClaimRefusal
_FEW = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
_TEXTS = st.text(st.characters(codec=None), max_size=8)
_SINGLE = st.none() | st.booleans() | st.integers() | st.floats() | _TEXTS
_ANYTHING = st.recursive(
    _SINGLE, lambda one: st.lists(one, max_size=3) | st.dictionaries(_TEXTS, one, max_size=3)
)
_KINDS = st.sampled_from(ProviderKind)


def _with_one_changed(document: Mapping[str, Any], draw: st.DataObject) -> dict[str, Any]:
    """One name of a document says anything, or is gone, or there is one more."""
    name = draw.draw(st.sampled_from([*document, "another"]))
    changed = {**document, name: draw.draw(_ANYTHING)}
    if draw.draw(st.booleans()):
        return changed
    del changed[name]
    return changed


def _anew(trying: Trying, kind: ProviderKind) -> Provides:
    """Make the provider honest, and have the client forget what it knew."""
    there = trying.there[kind]
    for changed in (there.claims, there.metadata, there.userinfo, there.given, there.roles):
        changed.clear()
    there.replies.clear()
    trying.time[0] += 7200
    return there


@_FEW
@given(st.data(), _KINDS)
def test_claims_of_any_kind(trying: Trying, draw: st.DataObject, kind: ProviderKind) -> None:
    """Signed by the provider itself."""
    there = _anew(trying, kind)
    changed = _with_one_changed(id_claims(kind), draw)
    there.claims.update(dict.fromkeys(id_claims(kind).keys() - changed.keys(), ...), **changed)
    there.claims["iss"] = there.issuer

    assert isinstance(trying.sign_in(kind), SignedInThere | _REFUSALS)


@_FEW
@given(st.data(), _KINDS, st.sampled_from(["metadata", "keys", "userinfo", "given", "roles"]))
def test_documents_of_any_kind(
    trying: Trying, draw: st.DataObject, kind: ProviderKind, name: str
) -> None:
    """One thing in one of them is another."""
    there = _anew(trying, kind)
    if name == "keys":
        (key,) = there.keys["keys"]
        whole = _with_one_changed({"keys": [_with_one_changed(key, draw)]}, draw)
        there.replies["/keys"] = Reply(json.dumps(whole).encode())
    else:
        names = {"metadata": there._metadata(), "userinfo": {"sub": "x"}, "roles": {"roles": []}}
        document = names.get(name, {"access_token": "a", "token_type": "b", "id_token": "c"})
        changed = draw.draw(st.sampled_from(sorted(document)))
        getattr(there, name)[changed] = draw.draw(_ANYTHING)

    assert isinstance(trying.sign_in(kind), SignedInThere | _REFUSALS)


@_FEW
@given(
    st.binary(max_size=200), _KINDS, st.sampled_from(["configuration", "keys", "token", "userinfo"])
)
def test_bytes_of_any_kind(trying: Trying, content: bytes, kind: ProviderKind, end: str) -> None:
    """Where a document should be."""
    _anew(trying, kind).replies[end] = Reply(content)

    assert isinstance(trying.sign_in(kind), SignedInThere | _REFUSALS)


@_FEW
@given(st.data(), _KINDS)
def test_logout_tokens_of_any_kind(trying: Trying, draw: st.DataObject, kind: ProviderKind) -> None:
    """Signed by the provider, or words."""
    there = _anew(trying, kind)
    claims = _with_one_changed({**logout_claims(kind), "iss": there.issuer}, draw)
    token = draw.draw(st.just(signed(claims)) | _TEXTS)

    found = trying.client.read_logout(kind.value, token, now=NOW)

    assert isinstance(found, SignedOut | _REFUSALS)
