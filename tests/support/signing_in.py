"""Providers of sign-in with keys of their own, and what they would sign about an invented nurse."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from joserfc.jwk import ECKey, KeySet, RSAKey

from services.people.signing_in.providers import Provider, ProviderKind, read_providers
from services.people.signing_in.tokens import LOGOUT_EVENT
from tests.support.builders import NOW

CLIENT = "tell-once"
NONCE = "n-0S6_WzA2Mj"
TENANT = "11111111-2222-3333-4444-555555555555"
SECONDS = int(NOW.timestamp())

_ROLES_API = """
[provider.roles_api]
address = "https://api.dfe.example/services"
service_id = "tell-once"
secret_file = "secret.txt"
"""
_OF_PROFILE = {
    ProviderKind.NHS_CIS2: ("", "R8001", "A9A5A"),
    ProviderKind.ENTRA_ID: (f'tenant = "{TENANT}"', "TellOnce.Practitioner", TENANT),
    ProviderKind.DFE_SIGN_IN: (_ROLES_API, "SAFEGUARDING", "9992001"),
}


def issuer_of(profile: ProviderKind) -> str:
    """Name the issuer of a provider of this kind."""
    return f"https://{profile.value}.example"


def settings_of(profile: ProviderKind, more: str = "") -> str:
    """Write the settings of one provider, as a TOML file has them; `more` are settings of it."""
    tables, role, organisation = _OF_PROFILE[profile]
    top, _, inner = tables.partition("[")
    return f"""
[[provider]]
name = "{profile.value}"
label = "Your organisation's account"
profile = "{profile.value}"
issuer = "{issuer_of(profile)}"
client_id = "{CLIENT}"
key_file = "ours.pem"
key_id = "ours"
{more}
{top}
{"[" + inner if inner else ""}
[[provider.role]]
when = {{ role = "{role}", organisation = "{organisation}" }}
role = "practitioner"
agency = "RY4"
"""


def write_settings(folder: Path, *settings: str) -> Path:
    """Write a file of providers, with the key and the secret that it names beside it."""
    (folder / "ours.pem").write_bytes(_our_key().as_pem(private=True))
    (folder / "secret.txt").write_text("not a real secret")
    path = folder / "sign-in.toml"
    path.write_text("\n".join(settings))
    return path


def a_provider(folder: Path, profile: ProviderKind, more: str = "") -> Provider:
    """Give a provider of this kind, read from a file."""
    (found,) = read_providers(write_settings(folder, settings_of(profile, more)))
    return found


@cache
def _our_key() -> RSAKey:
    return RSAKey.generate_key(2048)


@cache
def signing_key(name: str = "theirs") -> RSAKey:
    """Give the key by which a provider signs; another name is another key."""
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"})


@cache
def curve_key() -> ECKey:
    """Give a key on a curve that the provider publishes too."""
    return ECKey.generate_key("P-256", {"kid": "curve", "use": "sig"})


def published_keys(*more: RSAKey | ECKey) -> KeySet:
    """Give what the provider publishes: its keys without what is private."""
    return KeySet([_public(key) for key in (signing_key(), *more)])


def _public(key: RSAKey | ECKey) -> RSAKey | ECKey:
    return type(key).import_key(key.as_dict(private=False))


# What is signed.


def id_claims(profile: ProviderKind) -> dict[str, Any]:
    """Say whom a provider of this kind would let in: an invented nurse, teacher or worker."""
    return {
        "iss": issuer_of(profile),
        "aud": CLIENT,
        "iat": SECONDS,
        "exp": SECONDS + 300,
        "nonce": NONCE,
        "auth_time": SECONDS - 60,
        "sid": "session-1",
        **_CLAIMS[profile],
    }


def logout_claims(profile: ProviderKind) -> dict[str, Any]:
    """Say that they signed out there."""
    return {
        "iss": issuer_of(profile),
        "aud": CLIENT,
        "iat": SECONDS,
        "exp": SECONDS + 120,
        "jti": "once",
        "sub": "555036632103",
        "sid": "session-1",
        "events": {LOGOUT_EVENT: {}},
    }


_CLAIMS: Mapping[ProviderKind, Mapping[str, Any]] = {
    ProviderKind.NHS_CIS2: {
        "sub": "555036632103",
        "uid": "555036632103",
        "id_assurance_level": "3",
        "authentication_assurance_level": "3",
        "selected_roleid": "555254242106",
        "nhsid_nrbac_roles": [
            {"person_roleid": "555254242199", "org_code": "Z9Z9Z", "role_code": "S0:G0:R8006"},
            {
                "person_roleid": "555254242106",
                "org_code": "A9A5A",
                "role_code": "S8000:G8000:R8001",
                "activity_codes": ["B0360"],
                "workgroups_codes": ["900000000102"],
            },
        ],
    },
    ProviderKind.ENTRA_ID: {
        "sub": "pairwise-for-us",
        "oid": "99999999-8888-7777-6666-555555555555",
        "tid": TENANT,
        "roles": ["TellOnce.Practitioner"],
    },
    ProviderKind.DFE_SIGN_IN: {
        "sub": "44444444-3333-2222-1111-000000000000",
        "organisation": {
            "id": "org-1",
            "urn": "900001",
            "establishmentNumber": "2001",
            "localAuthority": {"code": "999"},
            "status": {"id": 1},
        },
    },
}
ROLES_ANSWERED: Mapping[str, Any] = {
    "roles": [
        {"id": "r1", "code": "SAFEGUARDING", "status": {"id": 1}},
        {"id": "r2", "code": "GONE", "status": {"id": 0}},
    ]
}


@dataclass(frozen=True, slots=True)
class Signing:
    """How a token is signed: with which key, under which header."""

    header: Mapping[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "theirs"})
    key: RSAKey = field(default_factory=signing_key)


def signed(claims: Mapping[str, Any] | bytes, signing: Signing | None = None) -> str:
    """Sign claims as a provider, or as somebody who would like to be one; bytes as they are.

    Not by a library: no library signs what must not be signed.
    """
    how = signing or Signing()
    parts = _parts(claims, how.header)
    digest = SHA512() if how.header["alg"] == "RS512" else SHA256()
    signature = how.key.private_key.sign(parts.encode(), PKCS1v15(), digest)
    return f"{parts}.{_base64(signature)}"


def signed_with_secret(claims: Mapping[str, Any], secret: bytes, header: Mapping[str, Any]) -> str:
    """Sign with HMAC-SHA-256 under whatever is taken for a secret."""
    parts = _parts(claims, header)
    return f"{parts}.{_base64(hmac.digest(secret, parts.encode(), 'sha256'))}"


def unsigned(claims: Mapping[str, Any], header: Mapping[str, Any]) -> str:
    """Write a token that nobody signed."""
    return f"{_parts(claims, header)}."


def _parts(claims: Mapping[str, Any] | bytes, header: Mapping[str, Any]) -> str:
    payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    return f"{_base64(json.dumps(header).encode())}.{_base64(payload)}"


def _base64(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def later(**how_long: float) -> int:
    """Give a moment after now, in seconds since 1970."""
    return int((NOW + timedelta(**how_long)).timestamp())
