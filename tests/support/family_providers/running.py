"""GOV.UK One Login and NHS login as oidc-provider plays them, on loopback, with invented people."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from joserfc.jwk import ECKey, RSAKey

from deploy.node_packages import OIDC_PROVIDER
from services.people.family_access.getting_in.identity import ADDRESS
from services.people.family_access.getting_in.settings import (
    FamilyProvider,
    read_family_providers,
)

what_is_missing = OIDC_PROVIDER.what_is_missing
_ENTRY = OIDC_PROVIDER.programs / "oidc-provider" / "lib" / "index.js"
_PROGRAM: Final = Path(__file__).with_name("provider.mjs")
CLIENT = "tell-once-families"
ONE_LOGIN, NHS_LOGIN = "one-login", "nhs-login"
HOME = {"buildingNumber": "12", "streetName": "Mill Lane", "postalCode": "ZZ99 3VZ", "uprn": 1}


@cache
def _our_key() -> RSAKey:
    return RSAKey.generate_key(2048)


@cache
def core_key() -> ECKey:
    """Give the key by which One Login's statements of identity are signed."""
    return ECKey.generate_key("P-256")


def a_core(
    given: str = "Eva", family: str = "Novak", born: str = "1996-02-11", **more: Any
) -> dict[str, Any]:
    """Say who somebody is, as One Login's own statement does."""
    parts = [
        {"type": "GivenName", "value": given},
        {"type": "FamilyName", "value": family},
    ]
    names = [{"nameParts": [{"type": "GivenName", "value": "Old"}], "validUntil": "2019-01-01"}]
    subject = {"name": [*names, {"nameParts": parts}], "birthDate": [{"value": born}]}
    return {
        "vot": "P2",
        "vtm": "https://trust.example",
        "vc": {"credentialSubject": subject},
    } | more


def in_one_login(core: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Say all that One Login says of somebody."""
    return {"vot": "Cl.Cm", ADDRESS: [HOME], "core": dict(core or a_core()), **more}


def in_nhs_login(number: str, **more: Any) -> dict[str, Any]:
    """Say all that NHS login says of somebody."""
    return {
        "vot": "P9.Cp.Cd",
        "nhs_number": number,
        "given_name": "Eva",
        "family_name": "Novak",
        "birthdate": "1996-02-11",
        "identity_proofing_level": "P9",
        **more,
    }


def settings_text(issuers: Mapping[str, str]) -> str:
    """Write the settings of both, as a TOML file has them."""
    one = issuers["one"]
    return f"""
[[provider]]
name = "{ONE_LOGIN}"
label = "GOV.UK One Login"
profile = "one-login"
issuer = "{one}"
client_id = "{CLIENT}"
key_file = "ours.pem"
key_id = "ours"
identity_issuer = "{one}/identity"
identity_keys = "{one}/did.json"

[[provider]]
name = "{NHS_LOGIN}"
label = "NHS login"
profile = "nhs-login"
issuer = "{issuers["nhs"]}"
client_id = "{CLIENT}"
key_file = "ours.pem"
key_id = "ours"
"""


def providers_in(folder: Path, issuers: Mapping[str, str]) -> tuple[FamilyProvider, ...]:
    """Read them from a file, as the service does."""
    (folder / "ours.pem").write_bytes(_our_key().as_pem(private=True))
    path = folder / "family-sign-in.toml"
    path.write_text(settings_text(issuers))
    return read_family_providers(path, is_demonstration=True)


@dataclass(frozen=True, slots=True)
class RunningFamilyProviders:
    """Where they are, and how the settings name them."""

    issuers: Mapping[str, str]
    providers: tuple[FamilyProvider, ...]


@contextmanager
def family_providers_running(
    folder: Path, people: Mapping[str, Any], *, here: str, logout: str | None = None
) -> Iterator[RunningFamilyProviders]:
    """Run them with these people; `logout` is told of whoever signs out there."""
    one = ECKey.generate_key("P-256", {"kid": "one", "use": "sig"})
    nhs = RSAKey.generate_key(2048, {"kid": "nhs", "use": "sig"})
    told = {
        "entry": _ENTRY.as_uri(),
        "clients": {
            "one": _client("ES256", here, ONE_LOGIN, logout),
            "nhs": _client("RS512", here, NHS_LOGIN, logout),
        },
        "keys": {
            "one": {**one.as_dict(private=True), "alg": "ES256"},
            "nhs": {**nhs.as_dict(private=True), "alg": "RS512"},
            "core": core_key().as_dict(private=True),
        },
        "people": people,
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
        issuers = json.loads(line)
        yield RunningFamilyProviders(issuers, providers_in(folder, issuers))
    finally:
        server.kill()
        server.wait()
        if server.stdout is not None:
            server.stdout.close()


def _client(algorithm: str, here: str, name: str, logout: str | None) -> dict[str, Any]:
    public = {**_our_key().as_dict(private=False), "kid": "ours", "use": "sig", "alg": "RS256"}
    return {
        "client_id": CLIENT,
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "RS256",
        "id_token_signed_response_alg": algorithm,
        "jwks": {"keys": [public]},
        "redirect_uris": [f"{here}/back/{name}"],
        "response_types": ["code"],
        "grant_types": ["authorization_code"],
        **({"backchannel_logout_uri": f"{logout}/signed-out/{name}"} if logout else {}),
    }
