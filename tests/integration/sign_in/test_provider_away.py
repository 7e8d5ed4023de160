"""A provider that is away, or is asked by many: nobody waits for it, and nothing is told of it."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.people.signing_in.ports import ProviderRefusal, SignedInThere
from services.people.signing_in.providers import ProviderKind
from tests.integration.sign_in.conftest import Trying
from tests.support.builders import NOW
from tests.support.provider_server import Reply, begun_with, returned_to

pytestmark = pytest.mark.enable_socket

CIS2, ENTRA = ProviderKind.NHS_CIS2, ProviderKind.ENTRA_ID
KINDS = list(ProviderKind)
_AWAY = ProviderRefusal.AWAY


def test_provider_that_is_away_is_not_asked_by_everybody(trying: Trying):
    """One waits for it, the others are told; some seconds later it is asked again."""
    there = trying.there[ENTRA]
    there.replies["/openid-configuration"] = Reply(status=503)
    for _ in range(10):
        assert trying.sign_in(ENTRA) is _AWAY
    assert len(there.asked) == 1

    del there.replies["/openid-configuration"]
    trying.time[0] += 6

    assert isinstance(trying.sign_in(ENTRA), SignedInThere)


def test_description_is_asked_for_anew_after_an_hour(trying: Trying):
    """A provider that moves is found."""
    there = trying.there[ENTRA]
    for seconds in (0, 3000, 700):
        trying.time[0] += seconds
        assert isinstance(trying.sign_in(ENTRA), SignedInThere)

    assert there.asked.count("/.well-known/openid-configuration") == 2


def test_one_that_is_away_is_nothing_to_the_others(trying: Trying):
    """Each for itself."""
    trying.there[ENTRA].replies["/openid-configuration"] = Reply(status=503)

    assert trying.sign_in(ENTRA) is _AWAY
    assert isinstance(trying.sign_in(CIS2), SignedInThere)


def test_error_in_the_address_back_is_not_shown(trying: Trying):
    """It is whatever somebody types; what may pass is told from what will not."""
    begun = begun_with(ENTRA)

    for error, refusal in (
        ("access_denied", ProviderRefusal.DENIED),
        ("<script>", ProviderRefusal.DENIED),
        ("temporarily_unavailable", _AWAY),
    ):
        back = returned_to(ENTRA, "code", error=error)
        assert trying.client.complete(begun, back, now=NOW) is refusal
    assert json.dumps(trying.said) == "[]"


def test_many_at_once_ask_once(trying: Trying):
    """Each gets in, and what is known of a provider is asked for by one of them."""
    codes = []
    for number in range(8):
        begun = begun_with(ENTRA, number=number)
        codes.append(
            (begun, trying.there[ENTRA].let_in(str(trying.client.address_to_begin(begun))))
        )

    with ThreadPoolExecutor(8) as pool:
        found = list(
            pool.map(
                lambda one: trying.client.complete(one[0], returned_to(ENTRA, one[1]), now=NOW),
                codes,
            )
        )

    assert all(isinstance(one, SignedInThere) for one in found)
    assert trying.there[ENTRA].asked.count("/keys") == 1


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_that_a_token_holds_is_told(
    trying: Trying,
    kind: ProviderKind,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
):
    """Not in a log of any library, however much it is asked to say, and not in what is printed."""
    caplog.set_level(logging.NOTSET)
    there = trying.there[kind]
    begun = begun_with(kind)
    code = there.let_in(str(trying.client.address_to_begin(begun)))
    came = trying.client.complete(begun, returned_to(kind, code), now=NOW)
    again = trying.client.complete(begun, returned_to(kind, code), now=NOW)
    there.claims["iss"] = "https://other.example"
    refused = trying.sign_in(kind)

    told = f"{caplog.text}{capfd.readouterr()}{trying.said}{[came, again, refused, begun]!r}"
    secrets = (code, begun.nonce, begun.verifier, "access-token", there.id_claims()["sub"])
    assert isinstance(came, SignedInThere)
    assert not any(one in told for one in (*secrets, came.id_token, came.subject))
    assert not any(form["client_assertion"] in told for form in there.forms)
