"""Canaille as a real server on loopback: people sign in there by password and one-time code."""

import hmac
import json
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from joserfc.jwk import RSAKey

from deploy.own_venv import CANAILLE
from services.people.signing_in.providers import Provider, ProviderKind, read_providers
from services.platform.clock import SystemClock
from tests.support.signing_in import (
    CLIENT,
    id_claims,
    issuer_of,
    settings_of,
    signing_key,
    write_settings,
)

KIND: Final = ProviderKind.ENTRA_ID
USER, PASSWORD = "vera", "correct horse battery staple"
_SECRET: Final = "0123456789abcdef"
_PROGRAM: Final = Path(__file__).with_name("serving.py")
_SECONDS_OF_CODE: Final = 30
_SAID: Final = ("oid", "tid", "roles")


def one_time_code() -> str:
    """Give what their telephone shows now (RFC 6238)."""
    step = int(SystemClock().now().timestamp()) // _SECONDS_OF_CODE
    digest = hmac.digest(_SECRET.encode(), struct.pack(">Q", step), "sha1")
    begins = digest[-1] & 15
    (number,) = struct.unpack(">I", digest[begins : begins + 4])
    return f"{(number & 0x7FFFFFFF) % 1_000_000:06d}"


@dataclass(frozen=True, slots=True)
class Canaille:
    """Where it is, and what we are to it."""

    issuer: str
    folder: Path

    def providers(self) -> tuple[Provider, ...]:
        """Give it as a file of settings names it."""
        text = settings_of(KIND, f'discovery = "{self.issuer}/.well-known/openid-configuration"')
        file = write_settings(self.folder, text.replace(issuer_of(KIND), self.issuer))
        return read_providers(file, is_demonstration=True)


@contextmanager
def a_canaille(folder: Path, here: str) -> Iterator[Canaille]:
    """Run one that knows us at this address."""
    write_settings(folder)
    ours = RSAKey.import_key((folder / "ours.pem").read_bytes())
    claims = id_claims(KIND)
    told = {
        "user": USER,
        "password": PASSWORD,
        "secret": _SECRET,
        "now": SystemClock().now().isoformat(),
        "client": _client(ours, here),
        "key": signing_key().as_pem(private=True).decode(),
        "claims": {name: claims[name] for name in _SAID},
    }
    with (folder / "log").open("ab") as log:
        server = subprocess.Popen(
            [str(CANAILLE.python), "-I", str(_PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
        )
    try:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(json.dumps(told).encode())
        server.stdin.close()
        where = server.stdout.readline().decode().strip()
        assert where, (folder / "log").read_text()[-3000:]
        yield Canaille(where, folder)
    finally:
        server.kill()
        server.wait()
        if server.stdout is not None:
            server.stdout.close()


def _client(ours: RSAKey, here: str) -> dict[str, object]:
    public = {**ours.as_dict(private=False), "kid": "ours", "use": "sig", "alg": "RS256"}
    return {
        "client_id": CLIENT,
        "client_name": "Tell Once",
        "redirect_uris": [f"{here}/sign-in/back/{KIND.value}"],
        "post_logout_redirect_uris": [f"{here}/sign-in"],
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "scope": ["openid", "profile"],
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": json.dumps({"keys": [public]}),
        "id_token_signed_response_alg": "RS256",
    }
