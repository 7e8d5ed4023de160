"""oidc-provider as a real server on loopback, and whoever signs in there."""

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urljoin, urlsplit

import requests
from joserfc.jwk import RSAKey

from deploy.node_packages import OIDC_PROVIDER
from services.people.signing_in.ports import Begun, Returned
from services.people.signing_in.providers import Provider, ProviderKind, read_providers
from tests.support.provider_server import HERE
from tests.support.signing_in import (
    CLIENT,
    id_claims,
    issuer_of,
    settings_of,
    signing_key,
    write_settings,
)
from tests.support.waiting import GENEROUS

__all__ = ["RealProviders", "real_providers", "what_is_missing"]
what_is_missing = OIDC_PROVIDER.what_is_missing
_ENTRY = OIDC_PROVIDER.programs / "oidc-provider" / "lib" / "index.js"

KINDS: Final = (ProviderKind.NHS_CIS2, ProviderKind.ENTRA_ID)
_PROGRAM: Final = Path(__file__).with_name("provider.mjs")
_OF_THE_TOKEN: Final = frozenset({"iss", "aud", "iat", "exp", "nonce", "auth_time", "sid", "sub"})


@dataclass(slots=True)
class RealProviders:
    """Where they are, and what we are to them."""

    issuers: Mapping[ProviderKind, str]
    here: str
    folder: Path

    def providers(self, more: str = "") -> tuple[Provider, ...]:
        """Give them as a file of settings names them."""
        texts = [
            settings_of(kind, more).replace(issuer_of(kind), self.issuers[kind]) for kind in KINDS
        ]
        return read_providers(write_settings(self.folder, *texts), is_demonstration=True)

    def rotate(self, kind: ProviderKind) -> None:
        """Have one sign with another key from now on."""
        requests.post(f"{self.issuers[kind]}/rotate", timeout=GENEROUS).raise_for_status()


@contextmanager
def real_providers(
    folder: Path, *, here: str = HERE, logout: str | None = None
) -> Iterator[RealProviders]:
    """Run them; `logout`, with `/` and a provider's name, is told of whoever signs out there."""
    write_settings(folder)
    ours = RSAKey.import_key((folder / "ours.pem").read_bytes())
    told = {
        "entry": _ENTRY.as_uri(),
        "clients": {
            "cis2": _client(ours, here, logout, ProviderKind.NHS_CIS2),
            "entra": _client(ours, here, logout, ProviderKind.ENTRA_ID),
        },
        "keys": [
            {**signing_key(name).as_dict(private=True), "alg": "RS256"}
            for name in ("theirs", "newer")
        ],
        "people": {"cis2": _people(ProviderKind.NHS_CIS2), "entra": _people(ProviderKind.ENTRA_ID)},
    }
    with (folder / "log").open("ab") as log:
        server = subprocess.Popen(
            ["node", str(_PROGRAM)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
        )
    try:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(json.dumps(told).encode())
        server.stdin.close()
        line = server.stdout.readline()
        assert line, (folder / "log").read_text()[-2000:]
        where = json.loads(line)
        issuers = {ProviderKind.NHS_CIS2: where["cis2"], ProviderKind.ENTRA_ID: where["entra"]}
        yield RealProviders(issuers, here, folder)
    finally:
        server.kill()
        server.wait()
        if server.stdout is not None:
            server.stdout.close()


def subject_of(kind: ProviderKind) -> str:
    """Who may sign in there, under this id."""
    return str(id_claims(kind)["sub"])


def _client(ours: RSAKey, here: str, logout: str | None, kind: ProviderKind) -> dict[str, Any]:
    public = {**ours.as_dict(private=False), "kid": "ours", "use": "sig", "alg": "RS256"}
    return {
        "client_id": CLIENT,
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": {"keys": [public]},
        "redirect_uris": [f"{here}/sign-in/back/{kind.value}"],
        "post_logout_redirect_uris": [f"{here}/sign-in"],
        "response_types": ["code"],
        "grant_types": ["authorization_code"],
        "backchannel_logout_session_required": True,
        **({"backchannel_logout_uri": f"{logout}/{kind.value}"} if logout else {}),
    }


def _people(kind: ProviderKind) -> dict[str, Any]:
    """The nurse or the worker, and a colleague without a role."""
    claims = {n: c for n, c in id_claims(kind).items() if n not in _OF_THE_TOKEN}
    without = {n: c for n, c in claims.items() if n not in {"roles", "selected_roleid", "uid"}}
    return {subject_of(kind): claims, "without-a-role": without}


# Somebody with a browser.


class Visitor:
    """Goes where pages send them, keeps cookies, and signs in where a form asks who they are."""

    def __init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False

    def close(self) -> None:
        """Close the browser."""
        self._session.close()

    def sign_in(self, address: str, *, name: str, here: str = HERE) -> Mapping[str, str]:
        """What the browser brings back to us."""
        answer = self._get(address)
        for _ in range(12):
            where = answer.headers.get("Location")
            if where is not None and where.startswith(here):
                return {name: one for name, (one,) in parse_qs(urlsplit(where).query).items()}
            if where is not None:
                answer = self._get(urljoin(answer.url, where))
            else:
                answer = self._post(answer, {"login": name, "password": "any"})
        raise AssertionError(answer.text)

    def sign_out(self, address: str) -> str:
        """Say yes to signing out there; where it sends them then."""
        answer = self._post(self._get(address), {"logout": "yes"})
        return answer.headers["Location"]

    def _get(self, address: str) -> requests.Response:
        return self._session.get(address, allow_redirects=False, timeout=GENEROUS)

    def _post(self, page: requests.Response, typed: Mapping[str, str]) -> requests.Response:
        """Send the form of a page with what stands in it, and what was typed."""
        action = re.search(r'<form[^>]* action="([^"]+)"', page.text)
        assert action is not None, page.text
        hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
        form = {**{name: unescape(value) for name, value in hidden}, **typed}
        where = urljoin(page.url, unescape(action[1]))
        return self._session.post(where, data=form, allow_redirects=False, timeout=GENEROUS)


def returned_with(begun: Begun, brought: Mapping[str, str]) -> Returned:
    """What comes back to the address of the provider that was begun."""
    assert brought["state"] == begun.state
    return Returned(begun.provider, brought.get("code"), brought.get("error"), brought.get("iss"))
