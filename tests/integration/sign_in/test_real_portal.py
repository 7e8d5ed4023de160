"""The whole way at real providers: into the portal, and out of it when they sign out there."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from html import unescape
from pathlib import Path

import pytest
import requests

from services.people.signing_in.client import OidcClient
from services.people.signing_in.providers import ProviderKind
from services.work import Outside
from tests.support.oidc_provider.running import (
    KINDS,
    RealProviders,
    Visitor,
    real_providers,
    subject_of,
    what_is_missing,
)
from tests.support.people.real_door import RealDoor, a_real_door, address_of
from tests.support.portal.browser import a_port
from tests.support.waiting import GENEROUS

_MISSING = what_is_missing()
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.enable_socket,
    pytest.mark.skipif(_MISSING is not None, reason=f"no oidc-provider: {_MISSING}"),
]
Place = tuple[RealDoor, RealProviders]


@pytest.fixture
def place(outside: Outside, tmp_path: Path) -> Iterator[Place]:
    """Serve the portal as in production, and both providers that know it."""
    with ExitStack() as open_:
        listener = a_port()
        here = address_of(listener)
        there = open_.enter_context(
            real_providers(tmp_path, here=here, logout=f"{here}/sign-in/logout")
        )
        client = OidcClient(there.providers(), public_url=here, is_demonstration=True)
        open_.callback(client.close)
        yield open_.enter_context(a_real_door(outside, client, listener)), there


def _goes_on_to(answer: requests.Response) -> str:
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', answer.text)
    assert found is not None, answer.text
    return unescape(found[1])


def test_whoever_signs_out_there_is_out_here(place: Place) -> None:
    """Of each provider, by a token that it sends behind their back; the other session goes on."""
    door, there = place
    door.accept_conditions()
    visitors, browsers = {}, {}
    for kind in KINDS:
        door.join(kind, there.issuers[kind])
        visitors[kind], browsers[kind] = Visitor(), requests.Session()
        _sign_in(door, kind, visitors[kind], browsers[kind])

    for kind, is_out in zip(KINDS, ((True, False), (True, True)), strict=True):
        visitors[kind].sign_out(f"{there.issuers[kind]}/session/end")

        assert tuple(not _is_in(door, browsers[one]) for one in KINDS) == is_out
    for one in (*visitors.values(), *browsers.values()):
        one.close()


def _sign_in(
    door: RealDoor, kind: ProviderKind, visitor: Visitor, browser: requests.Session
) -> None:
    begun = browser.post(
        f"{door.url}/sign-in/begin", {"provider": kind.value, "to": "/"}, timeout=GENEROUS
    )
    brought = visitor.sign_in(_goes_on_to(begun), name=subject_of(kind), here=door.url)
    back = f"{door.url}/sign-in/back/{kind.value}"
    answer = browser.get(back, params=brought, allow_redirects=False, timeout=GENEROUS)
    assert answer.status_code == 303, answer.text
    assert _is_in(door, browser)


def _is_in(door: RealDoor, browser: requests.Session) -> bool:
    """Whether the first page opens."""
    answer = browser.get(f"{door.url}/", allow_redirects=False, timeout=GENEROUS)
    return answer.status_code == 200
